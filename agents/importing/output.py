"""Events as JSON lines, in a file or on standard output."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

from resonance.agents.errors import UsageError
from resonance.streams.codec import encode_raw
from resonance.streams.events import RawEvent


def write_events(output: Path, events: Iterable[RawEvent]) -> None:
    """Write the events to `output` (`-`: standard output), replacing it only once all are there.

    Raises `UsageError` when it cannot be written.
    """
    if str(output) == "-":
        with EventLines(output) as lines:
            for event in events:
                lines.send(event)
        return
    try:
        with NamedTemporaryFile(
            dir=output.parent, prefix=f".{output.name[:100]}.", delete=False
        ) as draft:
            try:
                draft.writelines(encode_raw(event) + b"\n" for event in events)
                draft.flush()
                os.fsync(draft.fileno())
                Path(draft.name).chmod(_usual_mode())
                Path(draft.name).replace(output)
            except BaseException:
                Path(draft.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _unwritable(output, error) from error


class EventLines:
    """Writes each event at once; for inputs that have no end."""

    def __init__(self, output: Path) -> None:
        """Open `output` (`-`: standard output). Raises `UsageError` if it cannot be."""
        self.delivered = 0
        self._output = output
        try:
            self._lines: BinaryIO = sys.stdout.buffer if str(output) == "-" else output.open("wb")
        except OSError as error:
            raise _unwritable(output, error) from error

    def send(self, event: RawEvent) -> None:
        """Write one event. Raises `UsageError` if it cannot be."""
        try:
            self._lines.write(encode_raw(event) + b"\n")
            self._lines.flush()
        except OSError as error:
            raise _unwritable(self._output, error) from error
        self.delivered += 1

    def serve(self) -> None:
        """Do nothing: all is written."""

    def flush(self, timeout_seconds: float | None = None) -> int:  # noqa: ARG002 - see `serve`.
        """Return 0: nothing is under way."""
        return 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file; standard output stays open."""
        if self._lines is not sys.stdout.buffer:
            self._lines.close()


def _unwritable(output: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write {output} ({error.strerror}). Name another place with -o")


def _usual_mode() -> int:
    """Return the mode of a file made by `open`: a temporary file's is stricter."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
