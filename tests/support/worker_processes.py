"""Worker processes for tests, started by the command that users start them with."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import asdict, replace

from resonance.agents.settings import Settings
from support.engine import VIEWER_KEY

RESONANCE = Path(sys.executable).with_name("resonance")


class Workers:
    """Worker processes, started by the command that users start them with."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._settings = settings
        self._directory = directory
        self._running: list[subprocess.Popen[bytes]] = []
        self._key_file = directory / "viewer.key"
        self._key_file.write_bytes(VIEWER_KEY)

    def start(
        self, role: str, launcher: Sequence[str | Path] = (RESONANCE,), **variables: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker; `launcher` stands in for the `resonance` command."""
        return self.spawn([*launcher, "worker", role], **variables)

    def spawn(self, command: Sequence[str | Path], **variables: str) -> subprocess.Popen[bytes]:
        """Start a process with the workers' settings; its log goes to the test's folder."""
        with self._log_path(len(self._running)).open("wb") as log:
            process = subprocess.Popen(
                command, env=self.environment() | variables, stdout=log, stderr=log
            )
        self._running.append(process)
        return process

    def number_of(self, process: subprocess.Popen[bytes]) -> int:
        """Return which process it is, by the order of starting."""
        return self._running.index(process)

    def log(self, number: int = 0) -> str:
        """Return what a worker said, by the order of starting."""
        return self._log_path(number).read_text()

    def stop(self) -> None:
        """Stop those that still run."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _log_path(self, number: int) -> Path:
        return self._directory / f"worker-{number}.log"

    def environment(self) -> dict[str, str]:
        """Return the environment that gives a command the workers' settings."""
        settings = replace(self._settings, viewer_key_file=self._key_file)
        changed = {
            name: value
            for name, value in asdict(settings).items()
            if value != getattr(Settings(), name)
        }
        return os.environ | {f"RESONANCE_{k.upper()}": str(v) for k, v in changed.items()}


@contextmanager
def workers(settings: Settings, directory: Path, roles: Sequence[str] = ()) -> Iterator[Workers]:
    """Yield worker processes of these roles; those that run at the end are stopped."""
    running = Workers(settings, directory)
    try:
        for role in roles:
            running.start(role)
        yield running
    finally:
        running.stop()
