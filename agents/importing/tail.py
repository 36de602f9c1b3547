"""A file that grows, or a pipe, as lines: each is handed on as soon as it is complete."""

import os
import select
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from resonance.agents.importing.stop import Stop
from resonance.streams.importers.pieces import PIECE_BYTES

POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """What to do while there is nothing to read."""

    stop: Stop  # Set by whoever wants the lines to end.
    idle: Callable[[], None]  # Called at each look that found nothing.
    say: Callable[[str], None]  # Told when the file is missing, replaced or cut.

    def a_moment(self) -> None:
        """Wait until the next look, or until the stop."""
        self.idle()
        self.stop.wait(POLL_SECONDS)


class GrowingFile:
    """Yields a file's lines for ever: through its creation, replacement and truncation."""

    def __init__(self, path: Path, waiting: Waiting) -> None:
        self._path = path
        self._waiting = waiting
        self._partial = b""  # Of a line whose end is not written yet.

    def pieces(self) -> Iterator[bytes]:
        """Yield lines, in pieces if they are long, until the stop."""
        while (file := self._opened()) is not None:
            with file:
                yield from self._until_replaced(file)

    def _opened(self) -> BinaryIO | None:
        told = False
        while not self._waiting.stop.is_set():
            try:
                return self._path.open("rb")
            except FileNotFoundError:
                if not told:
                    self._waiting.say(f"waiting for {self._path} to be created")
                told = True
                self._waiting.a_moment()
        return None

    def _until_replaced(self, file: BinaryIO) -> Iterator[bytes]:
        while not self._waiting.stop.is_set():
            yield from self._new_lines(file)
            if self._was_replaced(file):
                yield from self._new_lines(file)  # What was written before it was moved away.
                if self._partial:
                    yield self._partial + b"\n"  # Nobody will ever end this line.
                    self._partial = b""
                self._waiting.say(f"{self._path} was replaced: going on with the new one")
                return
            if os.fstat(file.fileno()).st_size < file.tell():
                self._waiting.say(f"{self._path} was cut: going on from its beginning")
                file.seek(0)
                self._partial = b""
            else:
                self._waiting.a_moment()

    def _new_lines(self, file: BinaryIO) -> Iterator[bytes]:
        while piece := file.readline(PIECE_BYTES):
            self._partial += piece
            if self._partial.endswith(b"\n") or len(self._partial) >= PIECE_BYTES:
                whole, self._partial = self._partial, b""
                yield whole
            if self._waiting.stop.is_set():
                return

    def _was_replaced(self, file: BinaryIO) -> bool:
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False  # Moved away; the next one is on its way.
        opened = os.fstat(file.fileno())
        return (now.st_dev, now.st_ino) != (opened.st_dev, opened.st_ino)


def pipe_pieces(descriptor: int, waiting: Waiting) -> Iterator[bytes]:
    """Yield the lines of a pipe or terminal, until it ends or the stop."""
    partial = b""
    while not waiting.stop.is_set():
        readable, _, _ = select.select([descriptor], [], [], POLL_SECONDS)
        if not readable:
            waiting.idle()
            continue
        read = os.read(descriptor, PIECE_BYTES)
        if not read:
            break
        *lines, partial = (partial + read).splitlines(keepends=True)
        if partial.endswith(b"\n") or len(partial) >= PIECE_BYTES:
            lines, partial = [*lines, partial], b""
        yield from lines
    if partial and not waiting.stop.is_set():
        yield partial
