"""Topics in memory: offsets, append time, compaction. What is appended is there for good."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from resonance.agents.broker.records import Record


class Stored(NamedTuple):
    """A record in a log: what of aiokafka's `ConsumerRecord` anything here reads."""

    topic: str
    partition: int
    offset: int
    timestamp: int  # Append time, Unix ms.
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Log:
    """One partition."""

    def __init__(self, place: TopicPartition) -> None:
        self.place = place
        self.records: list[Stored] = []
        self.first = 0  # Compaction leaves it where it is.
        self.end = 0

    def append(self, records: Iterable[Record], at_ms: int) -> None:
        """Append the records at that time."""
        for record in records:
            self.records.append(Stored(*self.place, self.end, at_ms, *record))
            self.end += 1

    def read(self, first: int, limit: int) -> Sequence[Stored]:
        """Return at most `limit` records from an offset on."""
        begin = first
        if len(self.records) != self.end:  # Compaction left holes.
            begin = bisect_left(self.records, first, key=_offset)
        return self.records[begin : begin + limit]

    def delete(self) -> None:
        """Delete all records, as one would to have a topic begin anew."""
        self.records.clear()
        self.first = self.end

    def compact(self, cut: int) -> None:
        """Keep, of the records before the offset `cut`, the last of each key."""
        last = {record.key: record.offset for record in self.records if record.offset < cut}
        self.records = [
            record
            for record in self.records
            if record.offset >= cut or last[record.key] == record.offset
        ]


class Broker:
    """All logs, by partition."""

    def __init__(self, partitions: dict[str, int]) -> None:
        self.saved: dict[int, int] = {}  # Partition -> offset of its newest confirmed snapshot.
        # By log of `events` and source: up to when ticks say it is scored, since it is calm.
        self.ticked_ms: dict[tuple[TopicPartition, bytes], list[int]] = {}
        self.logs = {
            place: Log(place)
            for topic, count in partitions.items()
            for place in (TopicPartition(topic, number) for number in range(count))
        }

    def of(self, topic: str) -> list[Log]:
        """Return the topic's logs, by partition."""
        return [log for place, log in self.logs.items() if place.topic == topic]

    def note_saved(self, partition: int, manifest: Record) -> None:
        """Note how far a confirmed snapshot goes."""
        offset = msgspec.json.decode(manifest.value or b"")["offset"]
        self.saved[partition] = max(offset, self.saved.get(partition, 0))

    def note_ticks(self, target: TopicPartition, ticks: Iterable[Record]) -> None:
        """Note what ticks say in a log."""
        for key, value, _ in ticks:
            position_ms = msgspec.json.decode(value or b"")["position_ms"]
            self.ticked_ms.setdefault((target, key), []).append(position_ms)


def _offset(record: Stored) -> int:
    return record.offset
