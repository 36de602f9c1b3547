"""The services of the compose file, run as it runs them, on a real Kafka and without Docker.

Same commands, same settings but for addresses; the containers themselves are not tested here.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from resonance.agents.demo import scenario
from resonance.agents.settings import load_settings
from support.board_feed import unused_port
from support.compose import parsed
from support.kafka import KafkaBroker

PROJECT = Path(__file__).parents[2]
IMAGE = PROJECT / "deploy/image"
SERVICES = parsed((PROJECT / "docker-compose.yml").read_text("utf-8"), {})[0]["services"]
WAIT_SECONDS = 60.0


class Stack:
    """Runs services by their name, on one broker, each on a port of its own."""

    def __init__(self, broker: str, directory: Path) -> None:
        self._directory = directory
        key_file = directory / "viewer.key"
        key_file.write_bytes(bytes(32))
        self.ports = {name: unused_port() for name in ("scoring", "engagement", "board")}
        self._here = {
            "RESONANCE_BROKER": broker,
            "RESONANCE_TOPIC_PREFIX": "stack.",
            "RESONANCE_VIEWER_KEY_FILE": str(key_file),
        }

    def environment(self, name: str) -> dict[str, str]:
        """Return the service's own variables, with this machine's addresses."""
        given = dict(SERVICES[name]["environment"])
        here = dict(self._here)
        if name == "board":
            here["RESONANCE_BOARD_PORT"] = str(self.ports[name])
        if name in ("scoring", "engagement"):
            here["RESONANCE_WORKER_METRICS_PORT"] = str(self.ports[name])
        return {**given, **here}

    def command(self, name: str) -> list[str]:
        """Return what the container runs."""
        return [sys.executable, "-m", "resonance.agents.cli", *SERVICES[name]["command"]]

    def run_once(self, name: str) -> None:
        """Run a service that ends by itself, and ends well."""
        environment = {**os.environ, **self.environment(name)}
        subprocess.run(self.command(name), env=environment, check=True, capture_output=True)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Run a service; at the end it must stop in order when told."""
        with (self._directory / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(name),
                env={**os.environ, **self.environment(name)},
                stdout=log,
                stderr=log,
            )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, (self._directory / f"{name}.log").read_text()

    def is_healthy(self, name: str) -> bool:
        """Return what the container's health check says."""
        kind, url = SERVICES[name]["healthcheck"]["test"][3:]
        address, _, path = url.removeprefix("http://").partition("/")
        assert address.startswith("127.0.0.1:")
        asked = [IMAGE / "healthcheck.py", kind, f"http://127.0.0.1:{self.ports[name]}/{path}"]
        folder = self._directory / f"{name}-temporary"
        folder.mkdir(exist_ok=True)
        checked = subprocess.run(
            [sys.executable, *asked],
            env={**os.environ, "TMPDIR": str(folder)},
            capture_output=True,
            check=False,
        )
        return checked.returncode == 0


@pytest.fixture
def stack(kafka_broker: KafkaBroker, tmp_path: Path) -> Stack:
    return Stack(kafka_broker.address, tmp_path)


@pytest.fixture(scope="module")
def play_demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("play_demo", IMAGE / "play_demo.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def until(promise: Callable[[], bool], what: str) -> None:
    """Wait until `promise()` holds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not promise():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.3)


async def test_the_stack_shows_the_demo_that_is_played_into_it(stack, play_demo):
    stack.run_once("topics")
    with ExitStack() as running:
        for name in ("scoring", "engagement", "board"):
            running.enter_context(stack.running(name))
        for name in ("scoring", "engagement", "board"):
            until(lambda name=name: stack.is_healthy(name), f"{name} is healthy")

        settings = load_settings(environ=stack.environment("demo"))
        start_ms = time.time_ns() // 1_000_000
        events = scenario.cut(scenario.events(start_ms), seconds=5)
        assert await play_demo.play(settings, events) == len(events)

        metrics = f"http://127.0.0.1:{stack.ports['board']}/metrics"
        until(lambda: ended(metrics), "the board shows the stream, and that it has ended")
        assert all(stack.is_healthy(name) for name in ("scoring", "engagement", "board"))


def ended(metrics: str) -> bool:
    """Return whether the board's metrics have the demo's stream, whole."""
    try:
        with urlopen(metrics) as answer:
            return (
                f'resonance_stream_live{{stream="{scenario.STREAM}"}} 0.0' in answer.read().decode()
            )
    except URLError:
        return False
