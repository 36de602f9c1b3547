"""events -> Parquet files per stream: ranges of the log, each written whole and once.

The archive is its own state. Where to go on is what its files say, never what the group committed;
where a range ends is what the log says, never a clock of ours. So a worker that dies, and one that
does not know yet that it was replaced, write the same files again.
"""

import logging
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from resonance.agents.archiving.compacting import compact, unfinished
from resonance.agents.archiving.store import Store
from resonance.agents.archiving.writing import Written, go_on, write_range
from resonance.agents.broker.topology import Topology
from resonance.agents.hop import GroupConsumer, Offsets, Polled, Records
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.settings import Settings, SettingsError
from resonance.agents.world import World
from resonance.streams import topics
from resonance.streams.archive.erased_rows import ErasedRows
from resonance.streams.archive.ranges import Gathering, LogState

log = logging.getLogger(__name__)

COMPACT_AFTER_MS: int = 900_000  # After a stream's end; what is late by then is a file of its own.


@dataclass(slots=True)
class Owned:
    """One events partition in this worker's hands."""

    partition: int
    state: LogState  # Where the range under way began.
    gathering: Gathering
    read: int = 0  # Records given to ranges that are written by now.
    written_at_seconds: float = 0.0
    ended_ms: dict[str, int] = field(default_factory=dict)  # Stream -> append time of its end.


class Archive:
    """The archive hop as the engine runs it."""

    name = "archive"
    holds_state = False  # Next to nothing: its files tell where it stands.

    def __init__(
        self,
        settings: Settings,
        topology: Topology,
        metrics: WorkerMetrics,
        world: World,
        store: Store,
    ) -> None:
        """Take what it works with. Raises SettingsError where the list of the erased is damaged."""
        self._events = topology.name(topics.EVENTS)
        self.topics: tuple[str, ...] = (self._events,)
        self.group = f"{settings.topic_prefix}resonance-archive"
        self.batch_records = settings.engagement_batch_records
        self._interval_ms = round(settings.archive_interval_seconds * 1000)
        self._topic_id = topology.ids[self._events]
        self._metrics = metrics
        self._world = world
        self._store = store
        self._erased = ErasedList(used_list_file(settings))
        self._owned: dict[int, Owned] = {}

    async def start(self) -> None:
        """Find out that the archive can be reached."""
        await self._world.work(self._store.names, "log")

    async def stop(self) -> None:
        """Do nothing: what is not written whole is not there."""

    async def own(self, consumer: GroupConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        """Go on where the archive's files end."""
        first = await consumer.beginning_offsets(assigned)
        waiting = await self._world.work(unfinished, self._store, self._topic_id)
        self._owned = {}
        for source in sorted(assigned):
            number = source.partition
            position, state = await self._world.work(
                go_on, self._store, self._topic_id, number, first[source]
            )
            self._note_a_gap(source, position, state)
            self._owned[number] = Owned(
                number,
                state,
                Gathering(position, self._interval_ms),
                written_at_seconds=self._world.seconds(),
                ended_ms=dict.fromkeys(waiting.get(number, ()), 0),
            )
        return self._offsets()

    def _note_a_gap(self, source: TopicPartition, position: int, state: LogState) -> None:
        """Say that records were deleted before they were archived: an archive begins at 0."""
        if position > 0 and not state.ticks.positions_ms:
            log.error("%s:%d begins at %d in the archive", source.topic, source.partition, position)

    async def process(self, polled: Polled) -> Offsets:
        """Gather a poll; write the ranges that are full."""
        for source, records in polled.items():
            owned = self._owned[source.partition]
            await self._gather(owned, records)
            self._metrics.event_lag_seconds.labels(hop=self.name).observe(
                max(0, self._world.unix_ms() - records[-1].timestamp) / 1000
            )
        now_seconds = self._world.seconds()
        for owned in self._owned.values():
            self._metrics.archive_age_seconds.labels(partition=owned.partition).set(
                now_seconds - owned.written_at_seconds
            )
        return self._offsets()

    async def disown(self) -> Offsets:
        """Forget the partitions; what is not full yet is read again by the next owner."""
        offsets = self._offsets()
        self._owned = {}
        return offsets

    def _offsets(self) -> Offsets:
        """Return what is written: for lag tools alone."""
        return {
            TopicPartition(self._events, number): owned.gathering.first
            for number, owned in self._owned.items()
        }

    async def _gather(self, owned: Owned, records: Records) -> None:
        for record in records:
            if not owned.gathering.takes(record.timestamp):
                await self._write(owned)
                await self._compact_when_due(owned, record.timestamp)
            owned.gathering.add(record.offset, record.timestamp, record.value)

    async def _write(self, owned: Owned) -> None:
        gathering = owned.gathering
        written = await self._world.work(
            write_range, self._store, self._topic_id, owned.partition, gathering, owned.state
        )
        self._count(len(gathering.records), written)
        last_ms = gathering.records[-1][1]
        owned.ended_ms |= dict.fromkeys(written.ended, last_ms)
        owned.state = written.after
        owned.gathering = Gathering(gathering.end, self._interval_ms)
        owned.written_at_seconds = self._world.seconds()

    def _count(self, read: int, written: Written) -> None:
        skipped = written.repeated + written.unreadable
        self._metrics.archived_records.inc(written.archived)
        self._metrics.archive_skipped.labels(reason="repeated").inc(written.repeated)
        self._metrics.archive_skipped.labels(reason="unreadable").inc(written.unreadable)
        self._metrics.conservation_difference.labels(hop=self.name).inc(
            read - written.archived - skipped
        )

    async def _compact_when_due(self, owned: Owned, now_ms: int) -> None:
        due = [s for s, at_ms in owned.ended_ms.items() if now_ms - at_ms >= COMPACT_AFTER_MS]
        if not due:
            return
        try:
            await self._world.work(self._erased.look)
        except SettingsError as error:
            # Ranges are written as ever: nothing is lost, and the streams' turn comes later.
            log.error("no stream is compacted meanwhile: %s", error)  # noqa: TRY400
            return
        erased = ErasedRows(self._erased.viewers)
        for stream in due:
            del owned.ended_ms[stream]
            await self._world.work(compact, self._store, stream, erased)
