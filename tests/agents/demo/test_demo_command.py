"""`resonance demo` as a person runs it: a process of its own, its output and its exit status."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self
from urllib.request import urlopen

import pytest

from resonance.agents.demo import scenario
from resonance.agents.demo.recording import as_recording
from resonance.agents.demo.results import Results
from resonance.agents.demo.show import RECORDED_AT_MS
from resonance.sentiment.score import Scorer
from resonance.streams.codec import decode_raw, encode_raw
from resonance.streams.events import Versions
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replay import replay
from resonance.streams.scoring import ScoringHop
from resonance.streams.windows import decode_row

COMMAND = [sys.executable, "-c", "from resonance.agents.cli.main import main; main()", "demo"]
LIMIT_SECONDS = 120


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


class Running:
    """A demo under way; its messages are read line by line."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def line_with(self, words: str) -> str:
        """Return the next message that holds the words."""
        for line in self.process.stderr:
            if words in line:
                return line
        pytest.fail(f"the demo ended without saying {words!r}")

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit status and standard output."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=LIMIT_SECONDS)
        return self.process.returncode, out


def test_a_headless_run_through_kafka_gives_the_numbers_of_a_replay_without_it(tmp_path):
    done = run("--headless", "--json", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    assert shown.keys() == {"markets", "languages", "incident"}
    assert shown["incident"] == {"market": "DE", "topic": "customs_tax"}
    assert shown == replayed()
    assert list(tmp_path.iterdir()) == []  # It leaves nothing behind.


def replayed():
    """Return the demo's result from the pure functions alone."""
    scorer = Scorer()
    hop = ScoringHop(scorer, bytes(32), Versions(*scorer.versions))
    recording = as_recording(scenario.events(RECORDED_AT_MS))
    results = Results(scenario.STREAM)
    for key, value in replay(recording, hop, FoldSettings()).items():
        results.put(key, decode_row(value), upto=0)
    return json.loads(json.dumps(results.as_json()))


def test_the_board_is_open_during_the_stream_and_after_it_until_ctrl_c(tmp_path):
    with Running("--duration", "10", "--port", "0", cwd=tmp_path) as demo:
        url = demo.line_with("Board").split()[-1]
        assert urlopen(f"{url}/healthz").status == 200
        demo.line_with("stays open")
        metrics = urlopen(f"{url}/metrics").read().decode()
        status, out = demo.stop()

    assert f'stream="{scenario.STREAM}"' in metrics
    assert status == 0
    assert "market" in out
    assert "DE" in out


def test_ctrl_c_during_the_stream_is_an_interruption(tmp_path):
    with Running("--port", "0", cwd=tmp_path) as demo:
        demo.line_with("Metrics")
        time.sleep(1)
        assert demo.stop() == (130, "")


def test_a_port_that_was_named_and_is_taken_ends_in_a_message_with_a_remedy(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port), cwd=tmp_path)

    assert done.returncode == 2
    assert f"port {port} is taken; name another after --port" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_dump_holds_the_events_as_they_arrive(tmp_path):
    done = run("--dump", "events.jsonl", cwd=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    lines = (tmp_path / "events.jsonl").read_bytes().splitlines()
    assert lines == [encode_raw(event) for event in scenario.events(RECORDED_AT_MS)]
    assert run("--dump", "-", cwd=tmp_path).stdout.encode() == b"".join(b + b"\n" for b in lines)
    assert decode_raw(lines[0]).action == "started"


def test_a_dump_to_nowhere_is_refused_with_a_remedy(tmp_path):
    done = run("--dump", "absent/events.jsonl", cwd=tmp_path)

    assert done.returncode == 2
    assert "name another file after --dump" in done.stderr


def test_help_shows_how_it_is_used(tmp_path):
    done = run("--help", cwd=tmp_path)

    assert done.returncode == 0
    assert "resonance demo --headless --json" in done.stdout
