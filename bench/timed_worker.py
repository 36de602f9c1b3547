"""Run one of our hops in a process of its own and print how long its work took, as JSON.

Called by `run.py`: `timed_worker.py HOP BROKER PREFIX RECORDS`. HOP is scoring, engagement, or
counting (decode and count alone, the floor of what a hop can cost here).
"""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from time import perf_counter, process_time

from aiokafka import TopicPartition

from resonance.agents.app import build_app
from resonance.agents.broker import provisioning
from resonance.agents.broker.kafka_world import KafkaWorld
from resonance.agents.broker.topology import Topology
from resonance.agents.engagement import Engagement
from resonance.agents.hop import GroupConsumer, Hop, Offsets, Polled
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.scoring import Scoring
from resonance.agents.settings import Settings
from resonance.sentiment.score import Scorer
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_raw
from resonance.streams.events import Versions
from resonance.streams.scoring import ScoringHop

LOOK_SECONDS = 0.05
LIMIT_SECONDS = 90.0


class Counting:
    """Decode and count: what the transport costs, with no work behind it."""

    name = "counting"
    holds_state = False

    def __init__(self, settings: Settings, topology: Topology) -> None:
        self.topics: tuple[str, ...] = (topology.name(topics.COMMENTS),)
        self.group = f"{settings.topic_prefix}counting"
        self.batch_records = settings.engagement_batch_records
        self.counted = 0

    async def start(self) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Nothing to disconnect."""

    async def own(self, consumer: GroupConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        """Start at the beginning."""
        begin = await consumer.beginning_offsets(assigned)
        for partition, offset in begin.items():
            consumer.seek(partition, offset)
        return dict(begin)

    async def process(self, polled: Polled) -> Offsets:
        """Decode every record."""
        for records in polled.values():
            self.counted += sum(not isinstance(decode_raw(r.value), Rejection) for r in records)
        return {p: records[-1].offset + 1 for p, records in polled.items() if records}

    async def disown(self) -> Offsets:
        """Nothing is owed."""
        return {}


class Timed:
    """A hop, and a stopwatch from its first record to the confirmation of its last."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self.name, self.topics, self.group = hop.name, hop.topics, hop.group
        self.batch_records, self.holds_state = hop.batch_records, hop.holds_state
        self.records = 0
        self.began = self.began_cpu = self.seconds = self.cpu_seconds = 0.0

    async def process(self, polled: Polled) -> Offsets:
        """Let the hop do it, and look at the watch."""
        here = sum(map(len, polled.values()))
        if here and not self.records:
            self.began, self.began_cpu = perf_counter(), process_time()
        offsets = await self._hop.process(polled)
        if here:
            self.records += here
            self.seconds = perf_counter() - self.began
            self.cpu_seconds = process_time() - self.began_cpu
        return offsets

    async def start(self) -> None:
        """As the hop does."""
        await self._hop.start()

    async def own(self, consumer: GroupConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        """As the hop does."""
        return await self._hop.own(consumer, assigned)

    async def disown(self) -> Offsets:
        """As the hop does."""
        return await self._hop.disown()

    async def stop(self) -> None:
        """As the hop does."""
        await self._hop.stop()


async def timed(hop: Hop, settings: Settings, records: int) -> Timed:
    """Run the hop until it has processed so many records."""
    watch = Timed(hop)
    app = build_app(settings, [watch])
    await app.start()
    limit = perf_counter() + LIMIT_SECONDS
    # No event tells when the hop has had enough: it does not know what is measured.
    while watch.records < records and perf_counter() < limit and app.crash_reason is None:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_SECONDS)
    await app.stop()
    if app.crash_reason is not None:
        raise app.crash_reason
    return watch


def _hop(name: str, settings: Settings, topology: Topology) -> Hop:
    if name == "counting":
        return Counting(settings, topology)
    if name == "engagement":
        return Engagement(settings, topology, WorkerMetrics(), KafkaWorld(settings))
    scorer = Scorer()
    scorer.score("ready")  # Reads the packs.
    hop = ScoringHop(scorer, bytes(32), Versions(*scorer.versions))
    return Scoring(settings, topology, hop, WorkerMetrics(), KafkaWorld(settings))


def main(arguments: Sequence[str]) -> None:
    """Measure, and print one JSON object."""
    name, broker, prefix, records = arguments
    logging.basicConfig(level=logging.ERROR)
    settings = Settings(broker=broker, topic_prefix=prefix)
    topology = provisioning.check(settings)
    watch = asyncio.run(timed(_hop(name, settings, topology), settings, int(records)))
    figure = {
        "events": watch.records,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
    }
    sys.stdout.write(json.dumps(figure) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
