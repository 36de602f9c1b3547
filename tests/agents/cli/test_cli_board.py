"""`resonance board` as a process: where it listens, how it ends, what it says when it cannot."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from resonance.agents.broker.embedded import EmbeddedBroker
from support.board_feed import Feed, room, unused_port

COMMAND = (sys.executable, "-c", "from resonance.agents.cli.main import main; main()", "board")


@contextmanager
def running_board(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_prints_its_address_serves_and_ends_when_told(ending, code):
    with EmbeddedBroker() as broker:
        Feed(broker.address).put_row(room())
        with running_board("--broker", broker.address, "--port", "0") as process:
            assert process.stdout
            url = process.stdout.readline().strip()
            with urlopen(f"{url}/metrics") as answer:
                assert b'resonance_stream_live{stream="s1"} 1.0' in answer.read()
            process.send_signal(ending)
            rest, messages = process.communicate(timeout=30)
            assert (process.returncode, rest) == (code, ""), messages
            assert "Traceback" not in messages


def test_it_ends_when_told_while_it_still_waits_for_kafka():
    with (
        unanswering_broker() as address,
        running_board("--broker", address, "--port", "0") as process,
    ):
        assert process.stderr
        assert address in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_without_kafka_it_says_what_to_do_and_exits_3():
    address = f"127.0.0.1:{unused_port()}"
    with running_board("--broker", address, "--port", "0") as process:
        shown, messages = process.communicate(timeout=60)
    assert (process.returncode, shown) == (3, "")
    assert address in messages
    assert "RESONANCE_BROKER" in messages
    assert "Traceback" not in messages


def test_a_taken_port_exits_2_and_names_the_option():
    with EmbeddedBroker() as broker, unanswering_broker() as taken:
        port = taken.rpartition(":")[2]
        with running_board("--broker", broker.address, "--port", port) as process:
            _, messages = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--port" in messages


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_exits_2(port):
    with running_board("--port", port) as process:
        process.communicate(timeout=60)
    assert process.returncode == 2


def test_help_has_an_example():
    with running_board("--help") as process:
        shown, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "resonance board --port 8080" in shown


@contextmanager
def unanswering_broker() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"127.0.0.1:{silent.getsockname()[1]}"
