"""Read a partition's state back: its best snapshot, then the part of the log it leaves out.

Nothing is ever rewound in silence. A snapshot that the log cannot continue from means that
records are gone, or that the topic is another one: that is refused, with what to do about it.
"""

import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import msgspec
from aiokafka import TopicPartition

from resonance.agents.broker.topology import Topology
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.state.snapshot_reader import SnapshotReader
from resonance.agents.state.snapshots import Snapshot
from resonance.agents.world import LogReader, World
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_log
from resonance.streams.fold.migrations import UnknownSchemaError, migrated
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings

log = logging.getLogger(__name__)

# What a state may be found to be: of another version, or not what its checksum says it is.
UNREADABLE = (
    UnknownSchemaError,
    msgspec.MsgspecError,
    UnicodeDecodeError,
    ValueError,
    KeyError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Left:
    """How a worker left a partition in order: all that it had folded was saved."""

    offset: int  # It was saved up to there,
    state_end: int  # and then its state log ended here.


@dataclass(slots=True)
class Restored:
    """The fold of one partition, and the keys in its state log: of those who wrote before."""

    fold: PartitionFold
    predecessors: list[bytes]
    state_end: int  # The offset after the last record read there.


class Restorer:
    """Reads states back, outside the group."""

    def __init__(
        self,
        topology: Topology,
        fold_settings: FoldSettings,
        world: World,
        metrics: WorkerMetrics,
    ) -> None:
        self._topology = topology
        self._fold_settings = fold_settings
        self._world = world
        self._metrics = metrics

    async def untouched(self, left: Mapping[int, Left]) -> frozenset[int]:
        """Return the partitions that nobody has saved since; their folds are gone on with.

        Raises `ServiceUnreachable` when the log does not hold what they go on from.
        """
        if not left:
            return frozenset()
        async with self._world.reader() as logs:
            return frozenset([n for n in left if await self._is_untouched(logs, n, left[n])])

    async def _is_untouched(self, logs: LogReader, partition: int, left: Left) -> bool:
        first_saved, end_saved = await logs.bounds(self._place(topics.STATE, partition))
        if not first_saved < end_saved == left.state_end:  # All deleted: to be counted again.
            return False
        events = self._place(topics.EVENTS, partition)
        _refuse_a_gap(events, left.offset, *await logs.bounds(events))
        return True

    async def restore(self, partitions: Sequence[int]) -> dict[int, Restored]:
        """Return the fold of each partition, ready to go on at its `offset`.

        Raises `ServiceUnreachable` when the log does not hold what a state goes on from.
        """
        if not partitions:
            return {}
        async with self._world.reader() as logs:
            return {partition: await self._restore(logs, partition) for partition in partitions}

    async def _restore(self, logs: LogReader, partition: int) -> Restored:
        began_seconds = self._world.seconds()
        events = self._place(topics.EVENTS, partition)
        reader, state_end = await self._read_state(logs, partition)
        first, end = await logs.bounds(events)
        fold = await self._world.work(self._best, events, reader, first, end)
        await self._refill(logs, events, fold, first)
        fold.touch_all()
        self._metrics.state.restore_duration_seconds.observe(self._world.seconds() - began_seconds)
        return Restored(fold, reader.keys(), state_end)

    def _place(self, topic: topics.TopicSpec, partition: int) -> TopicPartition:
        return TopicPartition(self._topology.name(topic), partition)

    async def _refill(
        self, logs: LogReader, events: TopicPartition, fold: PartitionFold, first: int
    ) -> None:
        """Read the part of the log again that a snapshot leaves out."""
        refill_from = max(fold.state.refill_from, first)
        async for records in logs.read(events, refill_from, fold.offset):
            for record in records:
                event = decode_log(record.value)
                if not isinstance(event, Rejection):
                    fold.refill(record.offset, event)
            self._metrics.state.restored_records.inc(len(records))

    async def _read_state(self, logs: LogReader, partition: int) -> tuple[SnapshotReader, int]:
        events_id = self._topology.ids[self._topology.name(topics.EVENTS)]
        reader = SnapshotReader(partition, events_id)
        state = self._place(topics.STATE, partition)
        first, end = await logs.bounds(state)
        async for records in logs.read(state, first, end):
            reader.read((record.key, record.value) for record in records)
            self._metrics.state.restored_records.inc(len(records))
        return reader, end

    def _best(
        self,
        events: TopicPartition,
        reader: SnapshotReader,
        first: int,
        end: int,
    ) -> PartitionFold:
        """Return the fold of the snapshot that includes most, or one that begins anew."""
        why = "no saved state is whole"
        for snapshot in reader.of_this_topic():
            _refuse_a_gap(events, snapshot.offset, first, end)
            try:
                fold = PartitionFold.load(
                    self._fold_settings,
                    migrated(snapshot.entries(), snapshot.manifest.state_schema),
                )
            except UNREADABLE as error:
                why = (
                    str(error)
                    if isinstance(error, UnknownSchemaError)
                    else "no saved state is readable"
                )
                log.warning("%s:%d: %s", events.topic, events.partition, why)
                continue
            self._compare_settings(events, snapshot)
            return fold
        if reader.found() and not reader.of_this_topic():
            _refuse(events, "the saved state is of an earlier topic of this name")
        if reader.has_manifests:
            if first > 0:
                _refuse(events, f"{why}, and the log begins at {first} only")
            log.warning("%s:%d: %s; folding its whole log", events.topic, events.partition, why)
            self._metrics.state.states_refolded.inc()
        fold = PartitionFold(self._fold_settings)
        fold.state.begun_at = fold.state.offset = fold.state.refill_from = first
        return fold

    def _compare_settings(self, events: TopicPartition, snapshot: Snapshot) -> None:
        """Say which settings of the fold are others than before: its numbers join two ways."""
        before = snapshot.manifest.settings
        for name, value in self._fold_settings.as_dict().items():
            if before.get(name, value) != value:
                log.warning(
                    "%s:%d: up to %d it was counted with %s=%d, from there on with %d",
                    events.topic,
                    events.partition,
                    snapshot.offset,
                    name,
                    before[name],
                    value,
                )
                self._metrics.state.settings_changed.labels(setting=name).inc()


def _refuse_a_gap(events: TopicPartition, offset: int, first: int, end: int) -> None:
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
