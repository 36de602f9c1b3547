"""Lines to live events: what arrives now is given now's time, and each stream its `started`."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final, Literal

from msgspec.structs import replace

from resonance.streams.events import RawEvent, Stage
from resonance.streams.importers.format import Format
from resonance.streams.importers.formats import HEAD_BYTES, by_name, format_of, read_events
from resonance.streams.importers.load import AUTO, Summary
from resonance.streams.importers.markers import STREAM_LIMIT
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Skipped
from resonance.streams.importers.rows import row_id

Times = Literal["auto", "recorded", "arrival"]

RECORDED_WITHIN_MS: Final = 600_000  # Older than what still counts: a recording being played.


class LiveInput:
    """Turns an endless input into events, each sent as soon as its line is complete."""

    def __init__(
        self,
        options: Options,
        *,
        times: Times,
        now_ms: Callable[[], int],
        send: Callable[[RawEvent], None],
        say: Callable[[str], None],
    ) -> None:
        """`times`: whether an event occurred when its row says, or when it arrived."""
        self.summary = Summary()
        self._options = options
        self._times = times
        self._now_ms = now_ms
        self._send = send
        self._say = say
        self._streams: dict[str, RawEvent] = {}  # Stream -> its latest event.

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams seen so far."""
        return tuple(self._streams)

    def follow(self, pieces: Iterable[bytes], format_name: str = AUTO) -> None:
        """Send the events of all pieces, until they end.

        Raises `BrokenFileError` if the input is of no known format, or breaks off within it.
        """
        source = iter(pieces)
        known, head = self._recognised(source, format_name)
        if known is None:
            return  # It ended before it began.
        self.summary.formats.append(known.name)
        for outcome in read_events(known, chain(head, source), self._options):
            if isinstance(outcome, Skipped):
                self.summary.skip(self._options.name, outcome)
            else:
                self._take(self.summary.convert(outcome))

    def end_streams(self) -> None:
        """Send `ended` for every stream that was seen."""
        for last in self._streams.values():
            self._send(_marker(last, "ended", max(self._now_ms(), last.ingested_at_ms)))

    def _recognised(
        self, source: Iterator[bytes], format_name: str
    ) -> tuple[Format | None, list[bytes]]:
        """Return the format, and the pieces that had to be read to know it."""
        if format_name != AUTO:
            return by_name(format_name), []
        head: list[bytes] = []
        head_bytes = 0
        for piece in source:
            head.append(piece)
            head_bytes += len(piece)
            try:
                return format_of(b"".join(head)), head
            except BrokenFileError:
                if head_bytes > HEAD_BYTES:
                    raise
        if head:
            return format_of(b"".join(head)), head
        return None, head

    def _take(self, event: RawEvent) -> None:
        event = self._timed(event)
        if event.stream is not None:
            if event.stream in self._streams:
                self._streams[event.stream] = event
            elif len(self._streams) < STREAM_LIMIT:
                self._streams[event.stream] = event
                if not (isinstance(event, Stage) and event.action == "started"):
                    self._send(_marker(event, "started", event.occurred_at_ms))
        self._send(event)

    def _timed(self, event: RawEvent) -> RawEvent:
        """Return the event as of now; the marks of a finite file would bound a live stream."""
        now_ms = self._now_ms()
        if self._times == "auto":
            self._choose_times(event, now_ms)
        occurred_at_ms = now_ms if self._times == "arrival" else event.occurred_at_ms
        event = replace(event, occurred_at_ms=occurred_at_ms, ingested_at_ms=now_ms)
        if isinstance(event, Stage) and (event.sources or event.counts):
            event = replace(event, sources=None, counts=None)
        return event

    def _choose_times(self, event: RawEvent, now_ms: int) -> None:
        age_ms = now_ms - event.occurred_at_ms
        if abs(age_ms) <= RECORDED_WITHIN_MS:
            self._times = "recorded"
            self._say("event times: as recorded, since the first is of just now")
        else:
            self._times = "arrival"
            self._say("event times: of arrival, since the first recorded one is not of just now")


def _marker(event: RawEvent, action: Literal["started", "ended"], at_ms: int) -> Stage:
    stream = event.stream or ""
    return Stage(
        id=row_id(event.platform, stream, at_ms, action.encode()),
        platform=event.platform,
        channel=event.channel,
        stream=stream,
        occurred_at_ms=at_ms,
        ingested_at_ms=event.ingested_at_ms if action == "started" else at_ms,
        action=action,
        stream_markets=getattr(event, "stream_markets", ()),
        stream_languages=getattr(event, "stream_languages", ()),
    )
