"""events -> windows, state, dead-letters: fold each partition behind the watermark.

State and offset are one thing here: what is counted is the fold of the log up to the offset in the
snapshot. So a crash at any place is repaired by going back to a snapshot and reading on; rows are
overwrites, and the same rows are written again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final

from aiokafka import TopicPartition

from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.agents.dead_letters.record import dead_letter_record
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.hop import GroupConsumer, Offsets, Polled, Records
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings, fold_settings
from resonance.agents.state.restoring import Left, Restored, Restorer
from resonance.agents.state.snapshots import SnapshotWriter
from resonance.agents.world import World
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_log, encode_log
from resonance.streams.events import Place
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.reasons import Reason
from resonance.streams.windows import UPTO_HEADER

CODE_VERSION: Final = version("resonance-live")  # Read once: it is looked up in files.


@dataclass(slots=True)
class Owned:
    """One events partition in this worker's hands."""

    partition: int
    fold: PartitionFold
    snapshots: SnapshotWriter
    saved_at_seconds: float  # Or owned, before the first snapshot of this owner.
    # Where the state log ends, if nobody else has written to it; None: somebody has, or may have.
    state_end: int | None
    saved_offset: int = -1  # -1: not by this owner yet, so that the first one comes at once.
    duplicates_told: int = 0  # Already in the metric.
    evicted_told: int = 0
    streams_evicted_told: int = 0
    dead: list[tuple[TopicPartition, Record]] = field(default_factory=list)

    def left(self) -> Left | None:
        """Return how it would be left now; None where it has to be read back."""
        if self.state_end is None or self.saved_offset != self.fold.offset:
            return None
        return Left(self.saved_offset, self.state_end)


class Engagement:
    """The engagement hop as the engine runs it."""

    name = "engagement"
    holds_state = True

    def __init__(
        self, settings: Settings, topology: Topology, metrics: WorkerMetrics, world: World
    ) -> None:
        self.topics: tuple[str, ...] = (topology.name(topics.EVENTS),)
        self.group = f"{settings.topic_prefix}resonance-engagement"
        self.batch_records = settings.engagement_batch_records
        self._settings = settings
        self._topology = topology
        self._metrics = metrics
        self._world = world
        self._restorer = Restorer(topology, fold_settings(settings), world, metrics)
        self._owned: dict[int, Owned] = {}
        self._left: dict[int, Owned] = {}  # In order, until the next assignment.
        self._published_at_seconds = 0.0

    async def start(self) -> None:
        """Connect the producer."""
        await self._world.connect()

    async def stop(self) -> None:
        """Disconnect the producer."""
        await self._world.disconnect()

    async def own(self, consumer: GroupConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        """Restore the state of each partition; it goes on where its snapshot ends."""
        del consumer  # Group offsets are for display: the state knows where to go on.
        partitions = sorted(partition.partition for partition in assigned)
        kept = await self._take_kept(partitions)
        restored = await self._restorer.restore([n for n in partitions if n not in kept])
        now_seconds = self._world.seconds()
        taken = {n: self._take(n, state, now_seconds) for n, state in restored.items()}
        self._owned = {n: (kept | taken)[n] for n in partitions}
        await self._publish()
        return self._offsets()

    async def _take_kept(self, partitions: Sequence[int]) -> dict[int, Owned]:
        """Return what is wanted again, and saved as it is in memory; forget all else at once.

        Most rebalances give a worker back what it had. To read it back, and to write all of it as a
        new owner does, would take seconds, and twice the memory for as long.
        """
        before = self._left | self._owned
        self._left, self._owned = {}, {}
        left = {n: how for n in partitions if n in before and (how := before[n].left())}
        untouched = await self._restorer.untouched(left)
        return {n: before[n] for n in untouched}

    def _take(self, partition: int, restored: Restored, now_seconds: float) -> Owned:
        """Return the partition as owned from now on, with snapshots of its own."""
        snapshots = SnapshotWriter(
            partition,
            topic_id=self._topology.ids[self._topology.name(topics.EVENTS)],
            writer=self._world.unique_name(),
            predecessors=restored.predecessors,
            versions={"code": CODE_VERSION},
        )
        state = restored.fold.state
        return Owned(
            partition,
            restored.fold,
            snapshots,
            now_seconds,
            restored.state_end,
            duplicates_told=state.duplicates,
            evicted_told=state.ids_evicted,
            streams_evicted_told=state.streams_evicted,
        )

    async def process(self, polled: Polled) -> Offsets:
        """Fold a poll; publish and save what is due."""
        for source, records in polled.items():
            # In a thread, so that heartbeats go on.
            await self._world.work(self._fold, self._owned[source.partition], records)
            self._metrics.event_lag_seconds.labels(hop=self.name).observe(
                max(0, self._world.unix_ms() - records[-1].timestamp) / 1000
            )
        now_seconds = self._world.seconds()
        if now_seconds - self._published_at_seconds >= self._settings.publish_interval_seconds:
            await self._publish()
        return self._offsets()

    async def disown(self) -> Offsets:
        """Publish and save everything; it is kept aside until the next assignment is known."""
        owned, self._left = self._owned, {}
        try:
            await self._publish(saving=True)
            self._left = owned
            return self._offsets()
        finally:
            self._owned = {}  # Also when time is up.

    def _offsets(self) -> Offsets:
        """Return what is folded: for lag tools alone, so it need not be saved yet."""
        events = self._topology.name(topics.EVENTS)
        return {TopicPartition(events, p): owned.fold.offset for p, owned in self._owned.items()}

    def _fold(self, owned: Owned, records: Records) -> None:
        fold = owned.fold
        for record in records:
            event = decode_log(record.value)
            if isinstance(event, Rejection):
                fold.set_aside(record.offset)
                self._set_aside(
                    owned,
                    record.value,
                    event.reason,
                    event.at,
                    Place(record.topic, record.partition, record.offset),
                )
            else:
                fold.apply(record.offset, event)
        fold.advance()
        for gone, reason in fold.take_dead():
            place = Place(
                self._topology.topic_of(gone.place.topic), gone.place.partition, gone.place.offset
            )
            self._set_aside(owned, encode_log(gone), reason, "", place)

    def _set_aside(
        self, owned: Owned, value: bytes | None, reason: Reason, at: str, place: Place
    ) -> None:
        owned.dead.append(dead_letter_record(self._topology, value, reason, at, place))
        self._metrics.dead_letters.labels(reason=reason.value).inc()

    async def _publish(self, *, saving: bool = False) -> None:
        """Write what changed; then, with all of it confirmed, save what is due."""
        self._published_at_seconds = self._world.seconds()
        for owned in self._owned.values():
            await self._write_rows(owned)
            age_seconds = self._world.seconds() - owned.saved_at_seconds
            due = age_seconds >= self._settings.snapshot_interval_seconds or owned.saved_offset < 0
            if (saving or due) and owned.fold.offset != owned.saved_offset:
                await self._save(owned)
                age_seconds = 0.0
            self._metrics.state.snapshot_age_seconds.labels(partition=owned.partition).set(
                age_seconds
            )
        self._count()

    async def _write_rows(self, owned: Owned) -> None:
        rows = await self._world.work(owned.fold.take_changed)
        upto = ((UPTO_HEADER, b"%d" % owned.fold.offset),)
        windows = self._topology.name(topics.WINDOWS)
        batches: dict[TopicPartition, list[Record]] = {}
        for key, row in rows:
            encoded = key.encode()
            partition = self._topology.partition_for(topics.WINDOWS, encoded)
            target = TopicPartition(windows, partition)
            batches.setdefault(target, []).append(Record(encoded, row, upto))
        for target, letter in owned.dead:
            batches.setdefault(target, []).append(letter)
        await self._send(batches)
        owned.dead.clear()

    async def _save(self, owned: Owned) -> None:
        """Write a snapshot: its parts, and when they are confirmed, the manifest."""
        metrics, began_seconds = self._metrics, self._world.seconds()
        made = await self._world.work(owned.snapshots.make, owned.fold)
        target = TopicPartition(self._topology.name(topics.STATE), owned.partition)
        state_end, owned.state_end = owned.state_end, None
        await self._send({target: made.parts})
        await self._send({target: [made.manifest]})
        if made.obsolete:
            await self._send({target: made.obsolete})
        if state_end is not None:
            state_end += len(made.parts) + 1 + len(made.obsolete)
            if self._world.end_written(target) == state_end:
                owned.state_end = state_end
        owned.saved_offset = owned.fold.offset
        owned.saved_at_seconds = self._world.seconds()
        metrics.state.snapshot_bytes.labels(kind=made.kind).inc(made.size_bytes)
        metrics.state.snapshot_parts.labels(kind=made.kind).inc(len(made.parts))
        metrics.state.snapshot_duration_seconds.observe(owned.saved_at_seconds - began_seconds)

    async def _send(self, batches: dict[TopicPartition, list[Record]]) -> None:
        """Write and confirm; a row or part that the broker will not take must not be missing."""
        if refused := await self._world.send(batches):
            target = refused[0].target
            size_bytes = len(batches[target][refused[0].position].value or b"")
            message = (
                f"the broker refuses a record of {size_bytes} bytes on {target.topic}: "
                "raise the topic's max.message.bytes"
            )
            raise ServiceUnreachable(message)

    def _count(self) -> None:
        """Export what the folds say of themselves; nothing may vanish between in and out."""
        metrics = self._metrics
        for partition, owned in self._owned.items():
            state = owned.fold.state
            metrics.duplicates.inc(max(0, state.duplicates - owned.duplicates_told))
            metrics.state.ids_evicted.inc(state.ids_evicted - owned.evicted_told)
            owned.duplicates_told, owned.evicted_told = state.duplicates, state.ids_evicted
            metrics.state.streams_evicted.inc(state.streams_evicted - owned.streams_evicted_told)
            owned.streams_evicted_told = state.streams_evicted
            metrics.state.ids_remembered.labels(partition=partition).set(len(owned.fold.seen))
        difference = sum(owned.fold.state.difference() for owned in self._owned.values())
        metrics.conservation_difference.labels(hop=self.name).set(difference)
