"""comments, purchases, stage -> events, dead-letters: score each, keep the order, tick.

What a crash can leave behind is at most records in `events` whose offsets were not committed. They
are written a second time, in the same order, and the fold's fence drops them: a partition's
records only ever repeat from the start of what was unconfirmed, as one batch is under way at most.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from aiokafka import ConsumerRecord, TopicPartition

from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.agents.dead_letters.record import dead_letter_record
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.hop import GroupConsumer, Offsets, Polled
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
from resonance.agents.ticks import Ticker
from resonance.agents.world import World
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_raw, encode_log
from resonance.streams.events import LogEvent, Place, RawEvent, ScoredComment
from resonance.streams.reasons import Reason
from resonance.streams.scoring import ScoringHop, Unscorable

log = logging.getLogger(__name__)


class Output(NamedTuple):
    """A record to produce, and the source record that it was made of."""

    record: Record
    source: ConsumerRecord


@dataclass(slots=True)
class Scored:
    """What one poll became."""

    outputs: dict[TopicPartition, list[Output]] = field(default_factory=dict)
    tiers: Counter[str] = field(default_factory=Counter)
    reasons: Counter[Reason] = field(default_factory=Counter)
    records_in: int = 0

    def add(self, target: TopicPartition, output: Output) -> None:
        """Append one output for its target."""
        self.outputs.setdefault(target, []).append(output)

    def __len__(self) -> int:
        return sum(map(len, self.outputs.values()))


class Scoring:
    """The scoring hop as the engine runs it."""

    name = "scoring"
    holds_state = False

    def __init__(
        self,
        settings: Settings,
        topology: Topology,
        hop: ScoringHop,
        metrics: WorkerMetrics,
        world: World,
    ) -> None:
        self.topics = tuple(topology.name(spec) for spec in topics.SOURCES)
        self.group = f"{settings.topic_prefix}resonance-scoring"
        self.batch_records = settings.scoring_batch_records
        self._max_event_bytes = settings.max_event_bytes
        self._topology = topology
        self._hop = hop
        self._metrics = metrics
        self._world = world
        self._ticker = Ticker(settings, topology, metrics, world)

    async def start(self) -> None:
        """Connect the producer."""
        await self._world.connect()

    async def stop(self) -> None:
        """Disconnect the producer."""
        self._ticker.stop()
        await self._world.disconnect()

    async def own(self, consumer: GroupConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        """Take over partitions from where the group last committed.

        Raises `ServiceUnreachable` when a partition is shorter than what was already read of it.
        """
        sources = sorted(assigned)
        # Asked before the ends: who is stopped in between, while another goes on, must not find
        # more committed than there was.
        committed = await self._world.every(*map(consumer.committed, sources))
        first = await consumer.beginning_offsets(assigned)
        end = await consumer.end_offsets(assigned)
        beginnings = {
            source: self._beginning(source, offset, first[source], end[source])
            for source, offset in zip(sources, committed, strict=True)
        }
        self._ticker.own(consumer, beginnings)
        return beginnings

    def _beginning(
        self, source: TopicPartition, committed: int | None, first: int, end: int
    ) -> int:
        if committed is None:
            return first
        if committed > end:
            message = (
                f"{source.topic}:{source.partition} ends at {end}, but group {self.group} has read "
                f"up to {committed}: was the topic created anew? Then delete the group's offsets"
            )
            raise ServiceUnreachable(message)
        if committed < first:
            log.error(
                "%s:%d lost %d records to retention before they were scored",
                source.topic,
                source.partition,
                first - committed,
            )
            self._metrics.gap_records.labels(topic=source.topic).inc(first - committed)
        return max(committed, first)

    async def process(self, polled: Polled) -> Offsets:
        """Score a poll; see every output confirmed; tick when it is time."""
        confirmed: Offsets = {}
        if polled:
            with self._metrics.scoring_duration_seconds.time():
                # In a thread, so that heartbeats go on however slow a scorer is.
                scored = await self._world.work(self._score, polled)
            await self._deliver(scored)
            self._count(scored)
            for source, records in polled.items():
                confirmed[source] = records[-1].offset + 1
                self._ticker.progress.scored(source, confirmed[source], records[-1].timestamp)
                self._metrics.event_lag_seconds.labels(hop=self.name).observe(
                    max(0, self._world.unix_ms() - records[-1].timestamp) / 1000
                )
        await self._ticker.tick_when_due()
        return confirmed

    async def disown(self) -> Offsets:
        """Forget the partitions; all that was read of them is confirmed already."""
        return self._ticker.disown()

    def _score(self, polled: Polled) -> Scored:
        scored = Scored()
        usable: list[tuple[RawEvent, Place]] = []
        made: list[tuple[ConsumerRecord, RawEvent | Rejection]] = []
        for source, records in polled.items():
            topic_id = self._topology.ids[source.topic]
            for record in records:
                event = decode_raw(record.value, self._max_event_bytes)
                made.append((record, event))
                if not isinstance(event, Rejection):
                    usable.append((event, Place(topic_id, source.partition, record.offset)))
        logged = iter(self._hop.score_all(usable))
        for record, event in made:
            if isinstance(event, Rejection):
                self._set_aside(scored, record, event.reason, event.at)
            else:
                self._add(scored, record, event, next(logged))
        scored.records_in = len(made)
        return scored

    def _add(
        self, scored: Scored, record: ConsumerRecord, event: RawEvent, logged: LogEvent | Unscorable
    ) -> None:
        if isinstance(logged, Unscorable):
            self._set_aside(scored, record, Reason.UNSCORABLE, logged.fault)
            return
        key = event.channel.encode()
        target = TopicPartition(
            self._topology.name(topics.EVENTS), self._topology.partition_for(topics.EVENTS, key)
        )
        scored.add(target, Output(Record(key, encode_log(logged)), record))
        if isinstance(logged, ScoredComment):
            scored.tiers[logged.scorer] += 1

    def _set_aside(self, scored: Scored, record: ConsumerRecord, reason: Reason, at: str) -> None:
        target, letter = dead_letter_record(
            self._topology,
            record.value,
            reason,
            at,
            Place(record.topic, record.partition, record.offset),
        )
        scored.add(target, Output(letter, record))
        scored.reasons[reason] += 1

    async def _deliver(self, scored: Scored) -> None:
        """Write all outputs; what the broker refuses for good becomes a dead letter."""
        outputs = scored.outputs
        refused = await self._world.send(
            {target: [output.record for output in made] for target, made in outputs.items()}
        )
        if not refused:
            return
        replacements = Scored()
        for target, position in refused:
            source = outputs[target][position].source
            self._set_aside(replacements, source, Reason.OUTPUT_REFUSED, f"for {target.topic}")
        scored.reasons.update(replacements.reasons)
        again = {t: [output.record for output in made] for t, made in replacements.outputs.items()}
        if await self._world.send(again):
            message = f"the broker refuses dead letters on {self._topology.prefix}dead-letters"
            raise ServiceUnreachable(message)

    def _count(self, scored: Scored) -> None:
        for tier, count in scored.tiers.items():
            self._metrics.comments_scored.labels(scorer=tier).inc(count)
        for reason, count in scored.reasons.items():
            self._metrics.dead_letters.labels(reason=reason.value).inc(count)
        self._metrics.conservation_difference.labels(hop=self.name).inc(
            scored.records_in - len(scored)
        )
