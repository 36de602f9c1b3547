"""Read a partition's state back: its best snapshot, then the part of the log it leaves out.

Nothing is ever rewound in silence. A snapshot that the log cannot continue from means that
records are gone, or that the topic is another one: that is refused, with what to do about it.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, NoReturn

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from resonance.agents.connection import python_options
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings
from resonance.agents.snapshots import SLOTS, Snapshot, SnapshotReader
from resonance.agents.topology import Topology
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_log
from resonance.streams.fold.partition import STATE_SCHEMA, PartitionFold
from resonance.streams.fold.settings import FoldSettings

log = logging.getLogger(__name__)

STALL_SECONDS: Final = 30.0
READ_RECORDS: Final = 5_000


@dataclass(slots=True)
class Restored:
    """The fold of one partition, and the slot that its last snapshot lies in."""

    fold: PartitionFold
    slot: str


class Restorer:
    """Reads states with a consumer of its own, outside the group."""

    def __init__(self, settings: Settings, topology: Topology, fold_settings: FoldSettings) -> None:
        self._settings = settings
        self._topology = topology
        self._fold_settings = fold_settings

    async def restore(self, partitions: Sequence[int]) -> dict[int, Restored]:
        """Return the fold of each partition, ready to go on at its `offset`.

        Raises `ServiceUnreachable` when the log does not hold what a state goes on from.
        """
        consumer = AIOKafkaConsumer(
            **python_options(self._settings),
            client_id="resonance-restore",
            enable_auto_commit=False,
            auto_offset_reset="none",
        )
        await consumer.start()
        try:
            return {partition: await self._restore(consumer, partition) for partition in partitions}
        finally:
            await consumer.stop()

    async def _restore(self, consumer: AIOKafkaConsumer, partition: int) -> Restored:
        events = TopicPartition(self._topology.name(topics.EVENTS), partition)
        reader = await self._read_state(consumer, partition)
        first = (await consumer.beginning_offsets([events]))[events]
        end = (await consumer.end_offsets([events]))[events]
        snapshot = reader.best
        if snapshot is None:
            return self._anew(events, reader, first)
        _refuse_a_gap(events, snapshot, first, end)
        fold = self._load(events, snapshot)
        refill_from = max(snapshot.manifest.refill_from, first)
        async for records in _read(consumer, events, refill_from, fold.offset):
            for record in records:
                event = decode_log(record.value)
                if not isinstance(event, Rejection):
                    fold.refill(record.offset, event)
        fold.touch_all()
        return Restored(fold, snapshot.slot)

    async def _read_state(self, consumer: AIOKafkaConsumer, partition: int) -> SnapshotReader:
        events_id = self._topology.ids[self._topology.name(topics.EVENTS)]
        reader = SnapshotReader(partition, events_id)
        state = TopicPartition(self._topology.name(topics.STATE), partition)
        first = (await consumer.beginning_offsets([state]))[state]
        end = (await consumer.end_offsets([state]))[state]
        async for records in _read(consumer, state, first, end):
            reader.read((record.key, record.value) for record in records)
        return reader

    def _anew(self, events: TopicPartition, reader: SnapshotReader, first: int) -> Restored:
        """Begin without a state: when there never was one, or when the whole log is there."""
        if reader.foreign:
            _refuse(events, "the saved state is of an earlier topic of this name")
        if reader.manifests and first > 0:
            _refuse(events, f"no saved state is whole, and the log begins at {first} only")
        fold = PartitionFold(self._fold_settings)
        fold.state.offset = first
        return Restored(fold, SLOTS[1])

    def _load(self, events: TopicPartition, snapshot: Snapshot) -> PartitionFold:
        try:
            fold = PartitionFold.load(self._fold_settings, snapshot.state)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            _refuse(events, f"the saved state is of another version ({error})")
        if fold.state.schema != STATE_SCHEMA:
            _refuse(events, f"the saved state has schema {fold.state.schema}, not {STATE_SCHEMA}")
        return fold


def _refuse_a_gap(events: TopicPartition, snapshot: Snapshot, first: int, end: int) -> None:
    offset = snapshot.manifest.offset
    if offset > end:
        _refuse(events, f"the saved state goes up to {offset}, but the log ends at {end}")
    if offset < first:
        lost = first - offset
        _refuse(events, f"the log begins at {first}: {lost} records after the saved state are gone")


def _refuse(events: TopicPartition, why: str) -> NoReturn:
    message = (
        f"{events.topic}:{events.partition}: {why}. To count again from what the log still holds, "
        "stop the workers and delete the records of `state` and `windows`"
    )
    raise ServiceUnreachable(message)


async def _read(
    consumer: AIOKafkaConsumer, source: TopicPartition, first: int, end: int
) -> AsyncIterator[list[ConsumerRecord]]:
    """Yield the records of [first, end); compaction and control records leave holes in it."""
    if first >= end:
        return
    consumer.assign([source])
    consumer.seek(source, first)
    moved_at_seconds = monotonic()
    position = first
    while position < end:
        polled = await consumer.getmany(timeout_ms=200, max_records=READ_RECORDS)
        if records := [record for record in polled.get(source, []) if record.offset < end]:
            yield records
        before, position = position, await consumer.position(source)
        if position > before:
            moved_at_seconds = monotonic()
        elif monotonic() - moved_at_seconds > STALL_SECONDS:
            message = f"{source.topic}:{source.partition} gives nothing after offset {position}"
            raise ServiceUnreachable(message)
