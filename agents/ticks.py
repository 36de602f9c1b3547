"""How far each source partition has been scored, as the ticks that engagement's watermark needs."""

import logging
from dataclasses import dataclass
from typing import Final, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.agents.hop import GroupConsumer, Offsets
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
from resonance.agents.world import Begun, World
from resonance.streams import topics
from resonance.streams.codec import encode_log
from resonance.streams.events import Tick

log = logging.getLogger(__name__)

ASK_TIMEOUT_SECONDS: Final = 2.0


@dataclass(slots=True)
class _Progress:
    next_offset: int
    position_ms: int | None = None  # None: nothing scored yet, and not known to be at the end.


class SourceProgress:
    """Progress of the source partitions that this worker owns. Positions never go back."""

    def __init__(self) -> None:
        self._progress: dict[TopicPartition, _Progress] = {}

    def own(self, beginnings: dict[TopicPartition, int]) -> None:
        """Start anew with these partitions, each from its next offset to read."""
        self._progress = {source: _Progress(offset) for source, offset in beginnings.items()}

    def scored(self, source: TopicPartition, next_offset: int, appended_ms: int) -> None:
        """Note that everything before `next_offset` is confirmed in `events`.

        `appended_ms` is when the broker got the last of it: what follows was appended no earlier.
        """
        self._move(source, next_offset, appended_ms)

    def caught_up(self, source: TopicPartition, next_offset: int, asked_at_ms: int) -> None:
        """Note that the partition held nothing beyond `next_offset` when it was asked.

        `asked_at_ms` is our clock before the question: what is appended later comes after it.
        """
        self._move(source, next_offset, asked_at_ms)

    def _move(self, source: TopicPartition, next_offset: int, position_ms: int) -> None:
        progress = self._progress[source]
        progress.next_offset = next_offset
        progress.position_ms = max(progress.position_ms or 0, position_ms)

    def next_offset(self, source: TopicPartition) -> int:
        """Return the first offset that is not confirmed yet."""
        return self._progress[source].next_offset

    @property
    def sources(self) -> tuple[TopicPartition, ...]:
        """The partitions that this worker owns."""
        return tuple(self._progress)

    def ticks(self, names: dict[str, str], partition_count: int) -> list[Tick]:
        """Return a tick for every partition whose position is known.

        `names` gives each full topic name without the prefix, as the fold knows it.
        """
        return [
            Tick(
                topic=names[source.topic],
                partition=source.partition,
                partitions=partition_count,
                offset=progress.next_offset,
                position_ms=progress.position_ms,
            )
            for source, progress in self._progress.items()
            if progress.position_ms is not None
        ]


class Ends(NamedTuple):
    """Where sources ended when it was asked, by our clock."""

    asked_at_ms: int
    offsets: Offsets


class Ticker:
    """Ticks for the scoring hop: asks where its sources end, and tells how far they are scored."""

    def __init__(
        self,
        settings: Settings,
        topology: Topology,
        metrics: WorkerMetrics,
        world: World,
    ) -> None:
        self.progress = SourceProgress()
        self._interval_seconds = settings.tick_interval_seconds
        self._topology = topology
        self._metrics = metrics
        self._world = world
        self._consumer: GroupConsumer | None = None
        self._ticked_at_seconds = 0.0
        self._asked: Begun[Ends] | None = None

    def own(self, consumer: GroupConsumer, beginnings: Offsets) -> None:
        """Speak for these sources alone, from now on."""
        self._consumer = consumer
        self.progress.own(beginnings)

    def disown(self) -> Offsets:
        """Speak for no source any more; returns how far each is scored."""
        offsets = {source: self.progress.next_offset(source) for source in self.progress.sources}
        self.progress.own({})
        return offsets

    def stop(self) -> None:
        """Wait for no answer any more."""
        if self._asked is not None:
            self._asked.cancel()

    async def tick_when_due(self) -> None:
        """Ask for the ends of the sources; once the answer is there, tick. Never wait for it."""
        if self._asked is None:
            if self._world.seconds() - self._ticked_at_seconds >= self._interval_seconds:
                self._ticked_at_seconds = self._world.seconds()
                self._asked = self._world.begin(self._ask_for_ends())
        elif self._asked.done():
            ends, self._asked = self._asked.result(), None
            await self._find_caught_up(ends)
            await self._tick()

    async def _ask_for_ends(self) -> Ends:
        """Return where the sources end, and when that was asked.

        The clock is read before the broker is asked: what is appended later comes after it.
        """
        asked_at_ms = self._world.unix_ms()
        sources = self.progress.sources
        if self._consumer is None or not sources:
            return Ends(asked_at_ms, {})
        try:
            question = self._consumer.end_offsets(sources)
            return Ends(asked_at_ms, await self._world.within(ASK_TIMEOUT_SECONDS, question))
        except (KafkaError, TimeoutError) as error:
            # Without an answer the watermark stands still, which is what it should do.
            log.warning("no end of the source partitions: %s", type(error).__name__)
            return Ends(asked_at_ms, {})

    async def _find_caught_up(self, ends: Ends) -> None:
        """Move the position of sources that are scored up to their end, to when it was asked."""
        owned = set(self.progress.sources)
        for source, end in ends.offsets.items():
            if self._consumer is None or source not in owned:
                continue
            try:
                # The consumer's position is past control records, which carry no event.
                position = await self._consumer.position(source)
            except IllegalStateError:
                continue  # A rebalance has begun: the source is about to be another worker's.
            self._metrics.consumer_lag_messages.labels(
                topic=source.topic, partition=source.partition
            ).set(max(0, end - position))
            if position >= end:
                self.progress.caught_up(source, position, ends.asked_at_ms)

    async def _tick(self) -> None:
        """Tell every events partition how far the sources are scored, after what they cover."""
        names = {self._topology.name(spec): spec.name for spec in topics.SOURCES}
        ticks = self.progress.ticks(names, self._topology.partition_count(topics.COMMENTS))
        records = [Record(f"{t.topic}:{t.partition}".encode(), encode_log(t)) for t in ticks]
        if records:
            events = self._topology.name(topics.EVENTS)
            targets = range(self._topology.partition_count(topics.EVENTS))
            await self._world.send({TopicPartition(events, p): records for p in targets})
