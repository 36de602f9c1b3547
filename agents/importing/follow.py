"""Inputs without an end: each line is on its way within a moment of being written."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Final, Protocol

from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.importing.kafka import EventProducer
from resonance.agents.importing.live import LiveInput
from resonance.agents.importing.output import EventLines
from resonance.agents.importing.request import STANDARD, Request, say, tell
from resonance.agents.importing.stop import Stop
from resonance.agents.importing.tail import GrowingFile, Waiting, pipe_pieces
from resonance.streams.events import RawEvent
from resonance.streams.importers.outcomes import BrokenFileError

FLUSH_SECONDS: Final = 0.5
EXIT_CODES: Final = {signal.SIGINT: 130, signal.SIGTERM: 0}


class Sink(Protocol):
    """Where live events go."""

    delivered: int

    def send(self, event: RawEvent) -> None:
        """Take one event."""

    def serve(self) -> None:
        """Do what is due, without waiting."""

    def flush(self, timeout_seconds: float | None = None) -> int:
        """Wait for what is under way; return how many events still are."""
        ...


def follow(request: Request) -> int:
    """Follow one input until it ends or a signal comes; return the exit status.

    Raises `UsageError` for an input of no known format, `ServiceUnreachable` without Kafka.
    """
    stop, caught = Stop(), []
    settings = request.settings()

    def note(number: int) -> None:
        caught.append(number)
        stop.set()

    with _signals(note), _sink(request, stop) as sink:
        live = LiveInput(
            replace(request.options, name=_name(request)),
            times=request.times,
            now_ms=lambda: time.time_ns() // 1_000_000,
            send=sink.send,
            say=say,
        )
        waiting = Waiting(stop, sink.serve, say)
        try:
            live.follow(_pieces(request, waiting), request.format_name)
        except BrokenFileError as broken:
            if not stop.is_set():  # Else it broke off because we stopped.
                broken.name = str(request.files[0])
                raise UsageError(str(broken)) from broken
        if not caught or request.end_on_stop:
            live.end_streams()
        _drain(sink, stop, settings.stop_timeout_seconds)
        tell(request, live.summary, events=sink.delivered, streams=live.streams)
    return EXIT_CODES[signal.Signals(caught[0])] if caught else 0


def _name(request: Request) -> str:
    """Return what a stream is called that nothing else names."""
    path = request.files[0]
    return "live" if path == STANDARD else path.stem[:256] or "live"


def _pieces(request: Request, waiting: Waiting) -> Iterator[bytes]:
    path = request.files[0]
    if path == STANDARD:
        yield from pipe_pieces(sys.stdin.fileno(), waiting)
        return
    try:
        yield from GrowingFile(path, waiting).pieces()
    except OSError as error:
        message = f"{path}: it cannot be read ({error.strerror}). Check its permissions"
        raise UsageError(message) from error


def _drain(sink: Sink, stop: Stop, stop_timeout_seconds: float) -> None:
    """Wait until all events are delivered; once stopped, only so long."""
    while (left := sink.flush(FLUSH_SECONDS)) and not stop.is_set():
        pass
    if left and (left := sink.flush(stop_timeout_seconds - FLUSH_SECONDS)):
        message = f"{left} events did not reach Kafka in time. Follow the input again from there"
        raise ServiceUnreachable(message)


@contextmanager
def _sink(request: Request, stop: Stop) -> Iterator[Sink]:
    if request.output is None:
        yield EventProducer(request.settings(), key_by=request.key_by, stop=stop)
    else:
        with EventLines(request.output) as lines:
            yield lines


@contextmanager
def _signals(note: Callable[[int], None]) -> Iterator[None]:
    """Have SIGINT and SIGTERM noted within the block, instead of interrupting it."""

    def handle(number: int, _: FrameType | None) -> None:
        note(number)

    before = {number: signal.signal(number, handle) for number in EXIT_CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
