"""What a hop is to the engine: batches in, confirmed outputs, and the offsets that may be kept."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

Records = Sequence[ConsumerRecord]
Polled = Mapping[TopicPartition, Records]  # One poll: records by partition, each in log order.
Offsets = dict[TopicPartition, int]  # The next offset to read, by partition.


class Hop(Protocol):
    """One hop of the stream. Its methods are never called at the same time."""

    name: str
    topics: tuple[str, ...]  # Full names of what it reads.
    group: str
    batch_records: int  # At most so many in one poll.

    async def start(self) -> None:
        """Connect what the hop writes with."""

    async def own(self, consumer: AIOKafkaConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        """Take over exactly these partitions; returns where each goes on."""

    async def process(self, polled: Polled) -> Offsets:
        """Process one poll, which may be empty, and do what is due by the clock.

        Returns what may be committed: everything before it has its outputs confirmed.
        """

    async def disown(self) -> Offsets:
        """Leave all partitions in order, as far as time allows; returns as `process` does."""

    async def stop(self) -> None:
        """Disconnect."""
