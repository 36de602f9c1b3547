"""Send the scripted stream to Kafka: by the clock, or as fast as it is taken."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from time import time_ns
from typing import Final, Self

from aiokafka import TopicPartition
from msgspec.structs import replace

from resonance.agents.broker.producing import BatchProducer
from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.agents.demo.recording import topic_of
from resonance.agents.settings import Settings
from resonance.streams.codec import encode_raw
from resonance.streams.events import RawEvent

STEP_SECONDS: Final = 0.1  # How often what is due is sent.


class Player:
    """A producer of raw events, keyed by channel as every producer of ours does it."""

    def __init__(self, settings: Settings, topology: Topology) -> None:
        self._producer = BatchProducer(settings)
        self._topology = topology

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def send(self, events: Iterable[RawEvent]) -> None:
        """Write the events in this order and wait until all are confirmed."""
        batches: dict[TopicPartition, list[Record]] = defaultdict(list)
        for event in events:
            key, topic = event.channel.encode(), topic_of(event)
            target = TopicPartition(
                self._topology.name(topic), self._topology.partition_for(topic, key)
            )
            batches[target].append(Record(key, encode_raw(event)))
        refused = await self._producer.send(batches)
        if refused:
            message = f"the broker refused {len(refused)} of the demo's events"
            raise RuntimeError(message)

    async def play(self, events: Sequence[RawEvent], sent: Callable[[int], None]) -> None:
        """Send each event when its time of arrival has come; `sent` gets how many have been.

        What a busy machine sends behind its time says so: it arrives when it is sent.
        """
        position = 0
        while position < len(events):
            now_ms = time_ns() // 1_000_000
            due = position
            while due < len(events) and events[due].ingested_at_ms <= now_ms:
                due += 1
            if due > position:
                arriving = events[position:due]
                await self.send(replace(event, ingested_at_ms=now_ms) for event in arriving)
                position = due
                sent(position)
            await asyncio.sleep(STEP_SECONDS)
