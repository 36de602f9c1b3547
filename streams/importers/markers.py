"""What makes the streams of a finite file bounded: `started` with sources, `ended` with counts.

The fold closes such a stream when all counted records have come, whatever order the topics are
read in; see `resonance.streams.fold.order`.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from resonance.streams import topics
from resonance.streams.events import Comment, Purchase, RawEvent, Stage
from resonance.streams.importers.outcomes import BrokenFileError
from resonance.streams.importers.rows import row_id
from resonance.streams.importers.sorting import Key, order_key

STREAM_LIMIT: Final = 10_000

CommentPartition = Callable[[Comment], int]


def topic_of(event: RawEvent) -> str:
    """Return the name of the topic that an event is produced to."""
    if isinstance(event, Comment):
        return topics.COMMENTS.name
    return topics.PURCHASES.name if isinstance(event, Purchase) else topics.STAGE.name


@dataclass(slots=True)
class StreamCensus:
    """What a file holds of one stream."""

    stream: str
    platform: str
    channel: str
    first: Key
    last: Key
    started: Key | None = None  # The first such marker of its own.
    ended: Key | None = None  # The last one.
    markets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    comment_partitions: set[int] = field(default_factory=set)

    @property
    def opens_itself(self) -> bool:
        """Whether its own `started` comes before everything else."""
        return self.started == self.first

    @property
    def end_ms(self) -> int:
        """When it ended: by its own marker, else with its last event."""
        return self.ended[0] if self.ended else self.last[0]

    @property
    def _has_stage_events(self) -> bool:
        """Whether there is more on `stage` than a marker before and one after everything else."""
        framed = self.opens_itself and self.ended == self.last
        return not framed or self.counts[topics.STAGE.name] > len(("started", "ended"))

    def sources(self) -> dict[str, int]:
        """Return how many partitions of each topic carry the stream.

        The two markers alone do not make `stage` one: the stream would be complete up to `started`,
        and all of it wait in memory for `ended`.
        """
        partitions = dict.fromkeys(sorted(self.counts), 1)
        if self.comment_partitions:
            partitions[topics.COMMENTS.name] = len(self.comment_partitions)
        if len(partitions) > 1 and not self._has_stage_events:
            del partitions[topics.STAGE.name]
        return partitions


class Census:
    """Counts a file's streams, then completes its events by what was counted."""

    def __init__(self, comment_partition: CommentPartition | None = None) -> None:
        self.streams: dict[str, StreamCensus] = {}
        self._comment_partition = comment_partition or (lambda _: 0)
        self._off_stream_ms: dict[str, array[int]] = {}  # channel -> times of its purchases.
        self._by_channel: dict[str, list[StreamCensus]] = {}  # The latest begun first.

    def take(self, event: RawEvent) -> None:
        """Count an event. Raises `BrokenFileError` at an absurd number of streams."""
        key = order_key(event)
        if event.stream is None:
            self._off_stream_ms.setdefault(event.channel, array("q")).append(key[0])
            return
        stream = self.streams.get(event.stream)
        if stream is None:
            if len(self.streams) >= STREAM_LIMIT:
                fault = f"more than {STREAM_LIMIT} streams"
                raise BrokenFileError(fault, "Give --stream to make it one")
            stream = StreamCensus(event.stream, event.platform, event.channel, key, key)
            self.streams[event.stream] = stream
        stream.first, stream.last = min(stream.first, key), max(stream.last, key)
        topic = topic_of(event)
        stream.counts[topic] = stream.counts.get(topic, 0) + 1
        if isinstance(event, Comment):
            stream.comment_partitions.add(self._comment_partition(event))
        elif isinstance(event, Stage):
            if event.action == "started":
                stream.started = min(stream.started or key, key)
            elif event.action == "ended":
                stream.ended = max(stream.ended or key, key)
        if not isinstance(event, Purchase):
            stream.markets = stream.markets or event.stream_markets
            stream.languages = stream.languages or event.stream_languages

    def close(self) -> list[Stage]:
        """Count what is added to the streams, and return the markers that they lack."""
        for stream in sorted(self.streams.values(), key=_begun, reverse=True):
            self._by_channel.setdefault(stream.channel, []).append(stream)
        for channel, times_ms in self._off_stream_ms.items():
            for at_ms in times_ms:
                if joined := self._live_stream(channel, at_ms):
                    counts = joined.counts
                    counts[topics.PURCHASES.name] = counts.get(topics.PURCHASES.name, 0) + 1
        self._off_stream_ms.clear()
        markers = []
        for stream in self.streams.values():
            if not stream.opens_itself:
                markers.append(_marker(stream, "started", stream.first[0]))
            if stream.ended is None:
                markers.append(_marker(stream, "ended", stream.last[0]))
        for marker in markers:
            self.take(marker)
        return sorted(markers, key=order_key)

    def complete(self, event: RawEvent) -> RawEvent:
        """Return the event with what only the whole file tells: its stream, sources, counts."""
        if isinstance(event, Purchase) and event.stream is None:
            joined = self._live_stream(event.channel, order_key(event)[0])
            return replace(event, stream=joined.stream) if joined else event
        if not isinstance(event, Stage) or event.action not in {"started", "ended"}:
            return event
        stream, key = self.streams[event.stream], order_key(event)
        # What an earlier import wrote there may be of another file, or of another broker.
        opens, closes = key == stream.started, key == stream.ended
        return replace(
            event,
            sources=stream.sources() if opens else None,
            counts=dict(sorted(stream.counts.items())) if closes else None,
        )

    def _live_stream(self, channel: str, at_ms: int) -> StreamCensus | None:
        """Return the channel's stream that was live at that time: the latest begun."""
        streams = self._by_channel.get(channel, ())
        return next((s for s in streams if s.first[0] <= at_ms <= s.end_ms), None)


def _begun(stream: StreamCensus) -> tuple[Key, str]:
    return stream.first, stream.stream


def _marker(stream: StreamCensus, action: str, at_ms: int) -> Stage:
    return Stage(
        id=row_id(stream.platform, stream.stream, 0, action.encode()),
        platform=stream.platform,
        channel=stream.channel,
        stream=stream.stream,
        occurred_at_ms=at_ms,
        ingested_at_ms=at_ms,
        action="started" if action == "started" else "ended",
        stream_markets=stream.markets,
        stream_languages=stream.languages,
    )
