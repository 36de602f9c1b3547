"""Topics as commands read them: any span of a partition, outside all groups, once."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from resonance.agents.broker.connection import python_options
from resonance.agents.broker.kafka_world import KafkaLogReader
from resonance.agents.broker.refusals import check_link, denied, in_words, is_denial
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.hop import Records
from resonance.agents.settings import Settings

NEAR_RECORDS: Final = 500  # To read on over so many is quicker than to ask anew.


class TopicReader:
    """Reads spans of partitions. Made by `topic_reader`."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._log = KafkaLogReader(consumer)

    async def bounds(
        self, partitions: Collection[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Return the first offset of each partition that there still is, and its end."""
        if not partitions:
            return {}
        first = await self._consumer.beginning_offsets(partitions)
        end = await self._consumer.end_offsets(partitions)
        return {partition: (first[partition], end[partition]) for partition in partitions}

    async def offsets_at(self, times_ms: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return the first offset of each partition written at a time or later, if there is one."""
        found = await self._consumer.offsets_for_times(times_ms) if times_ms else {}
        return {partition: at.offset for partition, at in found.items() if at is not None}

    def read(self, source: TopicPartition, first: int, end: int) -> AsyncIterator[Records]:
        """Yield the records of [first, end); compaction and transactions leave holes in it.

        Raises `ServiceUnreachable` when the broker gives nothing more for half a minute.
        """
        return self._log.read(source, first, end)

    async def pick(
        self, source: TopicPartition, offsets: Iterable[int]
    ) -> AsyncIterator[ConsumerRecord]:
        """Yield the records at these offsets, in log order, as far as they are still there."""
        wanted = set(offsets)
        if not wanted:
            return
        first, end = (await self.bounds([source]))[source]
        inside = [offset for offset in wanted if first <= offset < end]
        for start, stop in spans(inside):
            async for records in self.read(source, start, stop):
                for record in records:
                    if record.offset in wanted:
                        yield record


def spans(offsets: Iterable[int]) -> list[tuple[int, int]]:
    """Return the ranges to read for these offsets; what lies near is read in one go.

    >>> spans([3, 900, 4])
    [(3, 5), (900, 901)]
    """
    found: list[tuple[int, int]] = []
    for offset in sorted(set(offsets)):
        if found and offset - found[-1][1] < NEAR_RECORDS:
            found[-1] = found[-1][0], offset + 1
        else:
            found.append((offset, offset + 1))
    return found


@asynccontextmanager
async def topic_reader(settings: Settings, *roles: str) -> AsyncIterator[TopicReader]:
    """Yield a reader; Kafka's errors become ours, and what is denied names the roles' grants.

    Raises `ServiceUnreachable`.
    """
    await asyncio.to_thread(check_link, settings)
    consumer = AIOKafkaConsumer(
        **python_options(settings),
        client_id="resonance-reader",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
    )
    try:
        await consumer.start()
        yield TopicReader(consumer)
    except KafkaError as error:
        if is_denial(error):
            raise denied(settings, f"to read {in_words(error)}", *roles) from error
        message = (
            f"no usable Kafka at {settings.broker} ({type(error).__name__}). "
            "Start it, or set `broker` (RESONANCE_BROKER)"
        )
        raise ServiceUnreachable(message) from error
    finally:
        await consumer.stop()
