"""Produce in batches, one in flight per partition, with an answer for every record.

A send that is not waited for can be refused without anybody knowing, while the input's offset is
committed: the record is lost. Here nothing is sent without its future being checked.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    RecordListTooLargeError,
    UnknownProducerId,
    UnknownTopicOrPartitionError,
)
from aiokafka.producer.message_accumulator import BatchBuilder

from resonance.agents.broker.batching import MAX_BATCH_BYTES, send_in_order
from resonance.agents.broker.connection import python_options
from resonance.agents.broker.records import Batches, Record, Refused
from resonance.agents.settings import Settings

log = logging.getLogger(__name__)

BATCH_MARGIN_BYTES: Final = 64 * 1024  # Our estimate of sizes is above the true one anyway.
RETRY_SECONDS: Final = 0.5
# The broker will never take these records, however often we ask.
REFUSALS: Final = (MessageSizeTooLargeError, RecordListTooLargeError)
# The producer is spent, not the record: a new one can send it. Whether the first attempt was
# written is not known then; readers tell a repeated record by the fence or by overwriting.
SPENT: Final = (
    InvalidProducerEpoch,
    KafkaTimeoutError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    UnknownProducerId,
)


class BatchProducer:
    """An idempotent producer of whole batches.

    `ends`: by partition the offset after the last record that was confirmed; it is missing where a
    batch was repeated, and the broker knew that it has it but no longer where.
    """

    def __init__(self, settings: Settings) -> None:
        self.ends: dict[TopicPartition, int] = {}
        self._link = python_options(settings)
        self._producer: AIOKafkaProducer | None = None
        self._replacing = asyncio.Lock()
        self._retired: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect; raises `KafkaError` when there is no broker."""
        self._producer = await self._connect()

    async def stop(self) -> None:
        """Disconnect. What was confirmed stays so; the caller bounds the wait."""
        for task in self._retired:
            task.cancel()
        if producer := self._producer:
            self._producer = None
            await producer.stop()

    async def send(self, batches: Batches) -> list[Refused]:
        """Write the records, each partition's in order, and wait until all are confirmed.

        Returns those that the broker refused for good. Raises `KafkaError` on anything else that
        waiting cannot mend: records may then be written or not.
        """
        sends = [send_in_order(*batch, self._send_batch) for batch in batches.items()]
        # Every one is waited for, also after the first error: none may be under way unseen.
        answers = await asyncio.gather(*sends, return_exceptions=True)
        refused: list[Refused] = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            refused += answer
        return refused

    async def _send_batch(self, target: TopicPartition, records: Sequence[Record]) -> bool:
        """Write one batch; False when the broker refused it for good."""
        while True:
            producer = self._producer
            if producer is None:
                raise ProducerClosed
            self.ends.pop(target, None)
            try:
                confirmed = await producer.send_batch(
                    _batch_of(producer, records), target.topic, partition=target.partition
                )
                first = (await confirmed).offset
            except REFUSALS:
                await self._replace(producer)
                return False
            except KafkaError as error:
                if not _worth_another_try(error):
                    raise
                log.warning("sending to %s again after %s", target.topic, type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                await self._replace(producer)
            else:
                if first >= 0:
                    self.ends[target] = first + len(records)
                return True

    async def _replace(self, spent: AIOKafkaProducer) -> None:
        """Go on with a new producer: after a failed batch the old one's numbering has a gap."""
        async with self._replacing:
            is_current = self._producer is spent
            if not is_current:
                return  # A send to another partition was first.
            self._producer = await self._reconnect()
        # Batches of other partitions may still be under way in the old one.
        task = asyncio.create_task(spent.stop())
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)

    async def _reconnect(self) -> AIOKafkaProducer:
        while True:
            try:
                return await self._connect()
            except KafkaConnectionError:
                await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._link,
            client_id="resonance",
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",  # Ticks and scored comments: a fifth of the bytes or less.
            max_batch_size=MAX_BATCH_BYTES + BATCH_MARGIN_BYTES,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer


def _worth_another_try(error: KafkaError) -> bool:
    # A topic that is gone does not come back by asking: the start-up check will say so.
    return not isinstance(error, UnknownTopicOrPartitionError) and (
        error.retriable or isinstance(error, SPENT)
    )


def _batch_of(producer: AIOKafkaProducer, records: Sequence[Record]) -> BatchBuilder:
    batch = producer.create_batch()
    for record in records:
        added = batch.append(
            timestamp=None, key=record.key, value=record.value, headers=list(record.headers)
        )
        if added is None:
            message = "a batch is smaller than its records: they would be lost"
            raise AssertionError(message)
    batch.close()
    return batch
