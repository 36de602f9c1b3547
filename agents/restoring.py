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

from resonance.agents.errors import ServiceUnreachable
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.snapshot_reader import SnapshotReader
from resonance.agents.snapshots import Snapshot
from resonance.agents.topology import Topology
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
class Kept:
    """A fold that a worker has left in order, and who saved it: it may be given back."""

    writer: str
    fold: PartitionFold

    def is_saved_by(self, snapshot: Snapshot) -> bool:
        """Return whether the snapshot, read back, would be this fold."""
        return (self.writer, self.fold.offset) == (snapshot.manifest.writer, snapshot.offset)


@dataclass(slots=True)
class Restored:
    """The fold of one partition, and the keys in its state log: of those who wrote before."""

    fold: PartitionFold
    predecessors: list[bytes]


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

    async def restore(
        self, partitions: Sequence[int], kept: Mapping[int, Kept] = {}
    ) -> dict[int, Restored]:
        """Return the fold of each partition, ready to go on at its `offset`.

        `kept`: of partitions that this worker held before; what nobody has saved since is taken as
        it is. Raises `ServiceUnreachable` when the log does not hold what a state goes on from.
        """
        if not partitions:
            return {}
        async with self._world.reader() as logs:
            return {n: await self._restore(logs, n, kept.get(n)) for n in partitions}

    async def _restore(self, logs: LogReader, partition: int, kept: Kept | None) -> Restored:
        began_seconds = self._world.seconds()
        events = TopicPartition(self._topology.name(topics.EVENTS), partition)
        reader = await self._read_state(logs, partition)
        first, end = await logs.bounds(events)
        fold = await self._world.work(self._best, events, reader, first, end, kept)
        if kept is None or fold is not kept.fold:
            await self._refill(logs, events, fold, first)
        fold.touch_all()
        self._metrics.state.restore_duration_seconds.observe(self._world.seconds() - began_seconds)
        return Restored(fold, reader.keys())

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

    async def _read_state(self, logs: LogReader, partition: int) -> SnapshotReader:
        events_id = self._topology.ids[self._topology.name(topics.EVENTS)]
        reader = SnapshotReader(partition, events_id)
        state = TopicPartition(self._topology.name(topics.STATE), partition)
        first, end = await logs.bounds(state)
        async for records in logs.read(state, first, end):
            reader.read((record.key, record.value) for record in records)
            self._metrics.state.restored_records.inc(len(records))
        return reader

    def _best(
        self,
        events: TopicPartition,
        reader: SnapshotReader,
        first: int,
        end: int,
        kept: Kept | None,
    ) -> PartitionFold:
        """Return the fold of the snapshot that includes most, or one that begins anew."""
        why = "no saved state is whole"
        for snapshot in reader.of_this_topic():
            _refuse_a_gap(events, snapshot, first, end)
            if kept is not None and kept.is_saved_by(snapshot):
                return kept.fold
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


def _refuse_a_gap(events: TopicPartition, snapshot: Snapshot, first: int, end: int) -> None:
    offset = snapshot.offset
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
