"""Which events of a stream are complete, and in which order they are seen.

A stream is one of two kinds, and until it is known which, its events wait:

- *live*: complete up to the ticks. A tick says how far one source partition has been scored; the
  least of them all, less the allowed lateness, is the watermark.
- *bounded* (a file; its `started` says how many partitions carry it): complete up to the least
  event time reached by those partitions, as files are sent in event-time order; whole when as
  many records have come as its `ended` counts.

Either way the events before the watermark are seen in (occurred_at_ms, id) order, and late ones
among them when they would have been on time, so that no interleaving of partitions, scorers or
files can change a number.
"""

from typing import Final, Literal

import msgspec

from resonance.streams.events import LoggedPurchase, LoggedStage, ScoredComment, Tick

StreamEvent = ScoredComment | LoggedPurchase | LoggedStage
Kind = Literal["undecided", "live", "bounded"]

NEVER_MS: Final = -1
FOREVER_MS: Final = 1 << 62
# The topics that an event can come from: counts and sources are told by these names.
SOURCE_TOPICS: Final = ("comments", "purchases", "stage")


def source_topic(event: StreamEvent) -> str:
    """Return the name of the topic that an event of this kind is produced to."""
    if isinstance(event, ScoredComment):
        return "comments"
    return "purchases" if isinstance(event, LoggedPurchase) else "stage"


def lateness_of(event: StreamEvent) -> int:
    """Return how late an event was first had, in ms: a property of the record, not of us."""
    return event.ingested_at_ms - event.occurred_at_ms


class Ticks(msgspec.Struct):
    """How far each source partition has been scored, by the ticks seen so far."""

    positions_ms: dict[str, int] = {}  # "topic:partition" -> everything before it is in the log.
    partitions: dict[str, int] = {}  # topic -> how many it has.
    complete_ms: int = NEVER_MS  # Up to then everything ingested is in the log; -1: not known yet.

    def take(self, tick: Tick) -> None:
        """Note a tick; positions never go back (a paused scorer may repeat an old one)."""
        place = f"{tick.topic}:{tick.partition}"
        self.positions_ms[place] = max(self.positions_ms.get(place, NEVER_MS), tick.position_ms)
        self.partitions[tick.topic] = tick.partitions
        known = len(self.partitions) == len(SOURCE_TOPICS)
        if known and len(self.positions_ms) >= sum(self.partitions.values()):
            self.complete_ms = min(self.positions_ms.values())

    def known_ms(self, allowed_lateness_ms: int) -> int:
        """Return the event time before which it is known which streams were live; -1: none."""
        return max(self.complete_ms - allowed_lateness_ms, NEVER_MS)


class Progress(msgspec.Struct):
    """How far one stream is complete."""

    kind: Kind = "undecided"
    sources: dict[str, int] = {}  # Bounded: topic -> partitions that carry the stream.
    counts: dict[str, int] = {}  # Bounded, once `ended` came: topic -> records in all.
    received: dict[str, int] = {}  # topic -> records that came.
    reached_ms: dict[str, dict[str, int]] = {}  # topic -> source partition -> event time.
    first_source: str | None = None  # "topic:partition" of the first record; see `decide`.
    decide_at_ms: int | None = None
    ends_at_ms: int = FOREVER_MS  # When `ended` said so; known before its turn comes.
    watermark_ms: int = NEVER_MS  # Events before it have been seen; only ever grows.

    def receive(self, event: StreamEvent, *, in_time: bool) -> None:
        """Note that a record of the stream came, whatever becomes of it.

        One that is too late moves nothing: its time may have been clamped past later ones.
        """
        topic = source_topic(event)
        self.received[topic] = self.received.get(topic, 0) + 1
        if self.first_source is None:
            self.first_source = f"{topic}:{event.place.partition}"
        if self.kind != "live" and in_time:
            source = f"{event.place.topic}:{event.place.partition}"
            reached = self.reached_ms.setdefault(topic, {})
            reached[source] = max(reached.get(source, NEVER_MS), event.occurred_at_ms)
        if isinstance(event, LoggedStage):
            self._receive_marker(event)

    def _receive_marker(self, event: LoggedStage) -> None:
        if event.action == "started" and self.kind == "undecided":
            self.kind = "bounded" if event.sources else "live"
            self.sources = dict(event.sources or {})
            if self.kind == "live":
                self.reached_ms = {}
        elif event.action == "ended":
            self.ends_at_ms = event.occurred_at_ms
            if event.counts and self.kind != "live":
                self.counts = dict(event.counts)

    def decide(self, tick: Tick, ticks: Ticks) -> None:
        """Let a tick decide an undecided stream: without `started` by now, it is live.

        The first tick of the partition that brought the stream's first record is as late as that
        record; once all partitions have come so far, a `started` sent before it would be here.
        """
        if self.decide_at_ms is None and f"{tick.topic}:{tick.partition}" == self.first_source:
            self.decide_at_ms = tick.position_ms
        if self.decide_at_ms is not None and ticks.complete_ms >= self.decide_at_ms:
            self.kind = "live"
            self.reached_ms = {}

    def advance(self, complete_ms: int, allowed_lateness_ms: int) -> int:
        """Return the watermark, moved as far as what came allows."""
        if self.kind == "bounded":
            self.watermark_ms = max(self.watermark_ms, self._bounded_ms())
        else:
            self.watermark_ms = self.live_ms(complete_ms, allowed_lateness_ms)
        return self.watermark_ms

    def live_ms(self, complete_ms: int, allowed_lateness_ms: int) -> int:
        """Return where a live stream's watermark stands by the ticks; others' stands still."""
        if self.kind != "live" or complete_ms == NEVER_MS:
            return self.watermark_ms
        return max(self.watermark_ms, complete_ms - allowed_lateness_ms)

    def _bounded_ms(self) -> int:
        if self.whole():
            return FOREVER_MS
        least_ms = FOREVER_MS
        for topic, partitions in self.sources.items():
            if self._topic_whole(topic):
                continue
            reached = self.reached_ms.get(topic, {})
            if len(reached) < partitions:
                return NEVER_MS  # A partition has yet to speak: nothing is complete.
            least_ms = min(least_ms, *reached.values())
        return least_ms

    def _topic_whole(self, topic: str) -> bool:
        return topic in self.counts and self.received.get(topic, 0) >= self.counts[topic]

    def whole(self) -> bool:
        """Return whether every record that the file's `ended` counts has come."""
        return bool(self.counts) and all(self._topic_whole(topic) for topic in self.counts)
