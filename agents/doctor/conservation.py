"""Whether each hop accounts for every record: in = out + dead, read back from the topics.

Scoring: every offset of a raw partition that the group has passed is on a record of `events`, or
on a dead letter. Offsets and not sums: a batch written twice after a crash is no gain, and what is
missing has a name.

Engagement: every record of an `events` partition that a state includes was counted, too late, a
duplicate or a tick, or could not be used.
"""

from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec
from aiokafka import TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from resonance.agents.broker.kafka_world import KafkaWorld
from resonance.agents.broker.provisioning import admin_client
from resonance.agents.broker.reading import TopicReader
from resonance.agents.broker.topology import Topology
from resonance.agents.dead_letters.letter_box import stored_letters
from resonance.agents.doctor.broker import group_offsets
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings, fold_settings
from resonance.agents.state.restoring import Restorer
from resonance.streams import topics
from resonance.streams.dead_letters import DeadLetter
from resonance.streams.events import Place
from resonance.streams.fold.saving import PartitionFacts

MISSING_NAMED: Final = 20
SLACK_MS: Final = 60_000  # Brokers' clocks differ; a record is never in `events` before its source.
HOUR_MS: Final = 3_600_000

Offsets = dict[TopicPartition, "Passed"]
OnRecords = Callable[[int], None]


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What went into a hop from one partition, and what became of it."""

    hop: str
    source: str  # topic:partition
    first: int  # The offset that the count begins at, and the one it ends before.
    end: int
    records_in: int
    accounted: dict[str, int]  # By what became of them.
    difference: int  # Anything but 0 is a fault.
    missing: tuple[int, ...] = ()  # The first offsets that nothing came of.
    note: str = ""


class Passed:
    """The offsets of one source partition, and which of them something came of."""

    def __init__(self, first: int, end: int) -> None:
        self.first = first
        self.end = max(first, end)
        self._out = bytearray(self.end - first)
        self._dead = bytearray(self.end - first)

    def out(self, offset: int) -> None:
        """Note that a record of `events` was made of this offset."""
        if self.first <= offset < self.end:
            self._out[offset - self.first] = 1

    def dead(self, offset: int) -> None:
        """Note that there is a dead letter of this offset."""
        if self.first <= offset < self.end:
            self._dead[offset - self.first] = 1

    def counts(self) -> dict[str, int]:
        """Return how many became an event, and how many a dead letter and nothing else."""
        out = self._out.count(1)
        return {"out": out, "dead": len(self._out) - out - len(self.missing())}

    def missing(self) -> list[int]:
        """Return the offsets that nothing came of."""
        pairs = enumerate(zip(self._out, self._dead, strict=True), start=self.first)
        return [offset for offset, (out, dead) in pairs if not (out or dead)]


class _Placed(msgspec.Struct):
    """The part of a record of `events` that says where it is from; ticks are from nowhere."""

    kind: str
    source: Place | str | None = None  # Of a comment; purchases and stage events have their own.
    place: Place | None = None


_placed: Final = msgspec.json.Decoder(_Placed)


async def scoring_balances(
    settings: Settings, topology: Topology, reader: TopicReader, since_ms: int, heard: OnRecords
) -> list[Balance]:
    """Return the balance of each raw partition, for what was appended since then."""
    passed = await _passed(settings, topology, reader, since_ms)
    names = {topology.ids[source.topic]: source.topic for source in passed}
    async for place in _places(topology, reader, since_ms - SLACK_MS, heard):
        source = TopicPartition(names.get(place.topic, place.topic), place.partition)
        if source in passed:
            passed[source].out(place.offset)
    await _note_dead(topology, reader, passed, heard)
    return [await _scoring_balance(reader, *one) for one in sorted(passed.items())]


async def engagement_balances(settings: Settings, topology: Topology) -> list[Balance]:
    """Return the balance of each `events` partition, up to where its saved state is."""
    partitions = topology.partitions_of(topics.EVENTS)
    restorer = Restorer(topology, fold_settings(settings), KafkaWorld(settings), WorkerMetrics())
    restored = await restorer.restore([one.partition for one in partitions])
    return [_engagement_balance(one, restored[one.partition].fold.state) for one in partitions]


def _engagement_balance(source: TopicPartition, state: PartitionFacts) -> Balance:
    return Balance(
        hop="engagement",
        source=f"{source.topic}:{source.partition}",
        first=state.begun_at,
        end=state.offset,
        records_in=state.offset - state.begun_at,
        accounted={
            "counted": state.counted,
            "too_late": state.too_late,
            "duplicate": state.duplicates,
            "control": state.control,
            "unusable": state.unusable,
        },
        difference=state.difference(),
    )


async def _passed(
    settings: Settings, topology: Topology, reader: TopicReader, since_ms: int
) -> Offsets:
    """Return what the scoring group has passed of each raw partition since then."""
    group = f"{settings.topic_prefix}resonance-scoring"
    with admin_client(settings) as admin:
        offsets = group_offsets(admin, topology, group, "scoring")
    sources = [TopicPartition(one.topic, one.partition) for one in offsets]
    begin = await reader.offsets_at(dict.fromkeys(sources, since_ms))
    return {
        TopicPartition(one.topic, one.partition): Passed(
            max(first, begin.get(TopicPartition(one.topic, one.partition), end)), committed
        )
        for one, (first, committed, end) in offsets.items()
    }


async def _places(
    topology: Topology, reader: TopicReader, since_ms: int, heard: OnRecords
) -> AsyncIterator[Place]:
    partitions = topology.partitions_of(topics.EVENTS)
    begin = await reader.offsets_at(dict.fromkeys(partitions, max(0, since_ms)))
    for source, (first, end) in (await reader.bounds(partitions)).items():
        async for records in reader.read(source, max(first, begin.get(source, end)), end):
            for record in records:
                if place := place_of(record.value):
                    yield place
            heard(len(records))


def place_of(value: bytes | None) -> Place | None:
    """Return where a record of `events` was made from; None for ticks and what is no event."""
    try:
        record = _placed.decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return record.source if isinstance(record.source, Place) else record.place


async def _note_dead(
    topology: Topology, reader: TopicReader, passed: Offsets, heard: OnRecords
) -> None:
    async for stored in stored_letters(reader, topology, heard):
        letter = stored.letter
        if isinstance(letter, DeadLetter):
            source = TopicPartition(letter.topic, letter.partition)
            if source in passed:
                passed[source].dead(letter.offset)


async def _scoring_balance(reader: TopicReader, source: TopicPartition, passed: Passed) -> Balance:
    counts, missing, note = passed.counts(), passed.missing(), ""
    if missing:
        missing, note = await _without_holes(reader, source, missing)
    known = sum(counts.values())
    return Balance(
        hop="scoring",
        source=f"{source.topic}:{source.partition}",
        first=passed.first,
        end=passed.end,
        records_in=known + len(missing),
        accounted=counts,
        difference=len(missing),
        missing=tuple(missing[:MISSING_NAMED]),
        note=note,
    )


async def _without_holes(
    reader: TopicReader, source: TopicPartition, missing: list[int]
) -> tuple[list[int], str]:
    """Return the missing offsets that hold a record at all: a transaction's marker is none."""
    try:
        return [record.offset async for record in reader.pick(source, missing)], ""
    except TopicAuthorizationFailedError:
        note = "the role may not look whether these are records: `--role retry` may"
        return missing, note
