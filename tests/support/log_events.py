"""Builders of log events, and the two ways of running the fold that tests compare."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from msgspec.structs import replace

from resonance.sentiment.scores import Sentiment
from resonance.streams.events import (
    LogEvent,
    LoggedPurchase,
    LoggedStage,
    Place,
    ScoredComment,
    Tick,
    Versions,
)
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.windows import WindowRow, decode_row

START_MS = 1_700_000_000_000
MOODS = {
    "negative": Sentiment(0.8, 0.1, 0.1),
    "neutral": Sentiment(0.1, 0.8, 0.1),
    "positive": Sentiment(0.1, 0.1, 0.8),
}
SOURCE_TOPICS = ("comments", "purchases", "stage")


@dataclass
class Build:
    """Makes log events; source offsets count up by themselves, per topic and partition."""

    offsets: dict[tuple[str, int], int] = field(default_factory=dict)

    def place(self, topic: str, partition: int = 0) -> Place:
        offset = self.offsets.get((topic, partition), -1) + 1
        self.offsets[topic, partition] = offset
        return Place(f"{topic}-id", partition, offset)

    def envelope(self, event_id: str, at_s: float, late_s: float) -> dict[str, Any]:
        at_ms = START_MS + round(at_s * 1000)
        return {
            "id": event_id,
            "platform": "test",
            "channel": "shop",
            "occurred_at_ms": at_ms,
            "ingested_at_ms": at_ms + round(late_s * 1000),
        }

    def comment(
        self, event_id: str, at_s: float, *, late_s: float = 0, partition: int = 0, **changes: Any
    ) -> ScoredComment:
        fields: dict[str, Any] = {
            **self.envelope(event_id, at_s, late_s),
            "stream": "live",
            "viewer": f"{hash_of(event_id):016x}",
            "text": "",
            "text_key": hash_of(event_id),
            "market": "US",
            "market_source": "language",
            "language": "en",
            "sentiment": MOODS["neutral"],
            "scorer": "rules",
            "versions": Versions("1", "rules", "0"),
            "place": self.place("comments", partition),
        }
        return ScoredComment(**(fields | changes))

    def purchase(
        self, event_id: str, at_s: float, *, late_s: float = 0, partition: int = 0, **changes: Any
    ) -> LoggedPurchase:
        fields: dict[str, Any] = {
            **self.envelope(event_id, at_s, late_s),
            "stream": "live",
            "order_id": f"order-{event_id}",
            "state": "paid",
            "amount_minor": 1_000,
            "currency": "USD",
            "place": self.place("purchases", partition),
        }
        return LoggedPurchase(**(fields | changes))

    def stage(self, action: str, at_s: float, *, late_s: float = 0, **changes: Any) -> LoggedStage:
        fields: dict[str, Any] = {
            **self.envelope(f"{action}-{at_s}", at_s, late_s),
            "stream": "live",
            "action": action,
            "place": self.place("stage"),
        }
        return LoggedStage(**(fields | changes))

    def ticks(self, at_s: float, partitions: int = 1) -> list[Tick]:
        """One tick of every source partition: all is scored up to then."""
        return [
            self.tick(topic, partition, at_s, partitions)
            for topic in SOURCE_TOPICS
            for partition in range(partitions)
        ]

    def tick(self, topic: str, partition: int, at_s: float, partitions: int = 1) -> Tick:
        return Tick(
            topic=topic,
            partition=partition,
            partitions=partitions,
            offset=0,
            position_ms=START_MS + round(at_s * 1000),
        )


def hash_of(text: str) -> int:
    """A 64-bit number that looks random and is the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def run_fold(events: Iterable[LogEvent], batch: int = 7, **settings: int) -> PartitionFold:
    """Apply the events in batches, without taking any rows."""
    fold = PartitionFold(FoldSettings(**settings))
    for offset, event in enumerate(events):
        fold.apply(offset, event)
        if offset % batch == batch - 1:
            fold.advance()
    fold.advance()
    return fold


def rows_of(events: Iterable[LogEvent], **settings: int) -> dict[str, WindowRow]:
    """Return every row that the events give, by key."""
    changed = run_fold(events, **settings).take_changed()
    return {key: decode_row(value) for key, value in changed if value is not None}


def whole_file(
    build: Build, events: Sequence[LogEvent], *, first_s: float = 0, last_s: float = 3_600
) -> list[LogEvent]:
    """Put the events between the markers of a file."""
    counts = {"comments": 0, "purchases": 0, "stage": 2}
    for event in events:
        kind = {ScoredComment: "comments", LoggedPurchase: "purchases"}.get(type(event), "stage")
        counts[kind] += 1
    counts = {topic: count for topic, count in counts.items() if count}
    started = build.stage("started", first_s, sources=dict.fromkeys(counts, 1))
    return renumbered([started, *events, build.stage("ended", last_s, counts=counts)])


def renumbered(events: Iterable[LogEvent]) -> list[LogEvent]:
    """Give the events source offsets in the order they stand in, as a producer would."""
    build = Build()
    return [
        event
        if isinstance(event, Tick)
        else replace(
            event, place=build.place(event.place.topic.removesuffix("-id"), event.place.partition)
        )
        for event in events
    ]


def file_rows(
    build: Build, events: Sequence[LogEvent], *, last_s: float = 3_600, **settings: int
) -> dict[str, WindowRow]:
    """Return every row of a file that holds the given events, by key."""
    return rows_of(whole_file(build, events, last_s=last_s), **settings)


def taken(fold: PartitionFold) -> dict[str, WindowRow]:
    """Return the rows that changed, by key."""
    return {key: decode_row(value) for key, value in fold.take_changed() if value is not None}


def reopened(fold: PartitionFold, settings: FoldSettings, log: Sequence[LogEvent]) -> PartitionFold:
    """Snapshot, forget everything, load, and read the log again as far as needed."""
    again = PartitionFold.load(settings, list(fold.save(whole=True)))
    for offset in range(again.state.refill_from, again.offset):
        again.refill(offset, log[offset])
    again.touch_all()
    return again
