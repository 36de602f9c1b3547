"""Read a partition's state back: its best snapshot, then the part of the log it leaves out.

Nothing is ever rewound in silence. A snapshot that the log cannot continue from means that
records are gone, or that the topic is another one: that is refused, with what to do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import msgspec
from aiokafka import TopicPartition

from resonance.agents.errors import ServiceUnreachable
from resonance.agents.snapshots import SLOTS, Snapshot, SnapshotReader
from resonance.agents.topology import Topology
from resonance.agents.world import LogReader, World
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_log
from resonance.streams.fold.partition import STATE_SCHEMA, PartitionFold
from resonance.streams.fold.settings import FoldSettings


@dataclass(slots=True)
class Restored:
    """The fold of one partition, and the slot that its last snapshot lies in."""

    fold: PartitionFold
    slot: str


class Restorer:
    """Reads states back, outside the group."""

    def __init__(self, topology: Topology, fold_settings: FoldSettings, world: World) -> None:
        self._topology = topology
        self._fold_settings = fold_settings
        self._world = world

    async def restore(self, partitions: Sequence[int]) -> dict[int, Restored]:
        """Return the fold of each partition, ready to go on at its `offset`.

        Raises `ServiceUnreachable` when the log does not hold what a state goes on from.
        """
        async with self._world.reader() as logs:
            return {partition: await self._restore(logs, partition) for partition in partitions}

    async def _restore(self, logs: LogReader, partition: int) -> Restored:
        events = TopicPartition(self._topology.name(topics.EVENTS), partition)
        reader = await self._read_state(logs, partition)
        first, end = await logs.bounds(events)
        snapshot = reader.best
        if snapshot is None:
            return self._anew(events, reader, first)
        _refuse_a_gap(events, snapshot, first, end)
        fold = self._load(events, snapshot)
        refill_from = max(snapshot.manifest.refill_from, first)
        async for records in logs.read(events, refill_from, fold.offset):
            for record in records:
                event = decode_log(record.value)
                if not isinstance(event, Rejection):
                    fold.refill(record.offset, event)
        fold.touch_all()
        return Restored(fold, snapshot.slot)

    async def _read_state(self, logs: LogReader, partition: int) -> SnapshotReader:
        events_id = self._topology.ids[self._topology.name(topics.EVENTS)]
        reader = SnapshotReader(partition, events_id)
        state = TopicPartition(self._topology.name(topics.STATE), partition)
        first, end = await logs.bounds(state)
        async for records in logs.read(state, first, end):
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
