"""What a hop is to the engine: batches in, confirmed outputs, and the offsets that may be kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from aiokafka import ConsumerRecord, TopicPartition

Records = Sequence[ConsumerRecord]
Polled = Mapping[TopicPartition, Records]  # One poll: records by partition, each in log order.
Offsets = dict[TopicPartition, int]  # The next offset to read, by partition.


class GroupConsumer(Protocol):
    """A member of the hop's group, as far as hops and their turns know it; aiokafka's is one."""

    async def getmany(self, *, timeout_ms: int, max_records: int) -> Polled:
        """Return what follows the positions of the partitions that are not paused."""

    async def commit(self, offsets: Offsets) -> None:
        """Keep the offsets for the group; raises `KafkaError` when it has gone on without us."""

    async def committed(self, partition: TopicPartition) -> int | None:
        """Return what the group last committed."""

    async def position(self, partition: TopicPartition) -> int:
        """Return the offset that the next poll begins at."""

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Return the first offset of each."""

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Return the offset after the last record of each."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on from there."""

    def pause(self, *partitions: TopicPartition) -> None:
        """Read nothing of these for now."""

    def resume(self, *partitions: TopicPartition) -> None:
        """Read these again."""


class Hop(Protocol):
    """One hop of the stream. Its methods are never called at the same time."""

    name: str
    topics: tuple[str, ...]  # Full names of what it reads.
    group: str
    batch_records: int  # At most so many in one poll.
    holds_state: bool  # Of each partition: it is best off with whom it was before.

    async def start(self) -> None:
        """Connect what the hop writes with."""

    async def own(self, consumer: GroupConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        """Take over exactly these partitions; returns where each goes on."""

    async def process(self, polled: Polled) -> Offsets:
        """Process one poll, which may be empty, and do what is due by the clock.

        Returns what may be committed: everything before it has its outputs confirmed.
        """

    async def disown(self) -> Offsets:
        """Leave all partitions in order, as far as time allows; returns as `process` does."""

    async def stop(self) -> None:
        """Disconnect."""
