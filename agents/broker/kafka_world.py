"""The world of a worker: asyncio, threads, the machine's clocks, and a real broker."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, ParamSpec, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition

from resonance.agents.broker.connection import python_options
from resonance.agents.broker.producing import BatchProducer
from resonance.agents.broker.records import Batches, Refused
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.hop import Records
from resonance.agents.settings import Settings
from resonance.agents.world import LogReader

P = ParamSpec("P")
T = TypeVar("T")

STALL_SECONDS: Final = 30.0
READ_RECORDS: Final = 500  # At once in memory; more are not read any faster.


class AsyncioRuntime:
    """The event loop that this is called in, its threads, and the machine's clocks."""

    def seconds(self) -> float:
        """Return the machine's monotonic clock."""
        return time.monotonic()

    def unix_ms(self) -> int:
        """Return the machine's wall clock."""
        return int(time.time() * 1000)

    async def sleep(self, seconds: float) -> None:
        """Let others run for so long."""
        await asyncio.sleep(seconds)

    def lock(self) -> asyncio.Lock:
        """Return a new lock."""
        return asyncio.Lock()

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it in a thread."""
        return await asyncio.to_thread(function, *args, **kwargs)

    async def every(self, *questions: Awaitable[T]) -> list[T]:
        """Wait for all of them at once."""
        return list(await asyncio.gather(*questions))

    async def within(self, seconds: float, question: Awaitable[T]) -> T:
        """Wait for the answer, but no longer; raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            return await question

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task."""
        return asyncio.create_task(coroutine)


class KafkaWorld(AsyncioRuntime):
    """What one hop of a worker reads and writes with."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = BatchProducer(settings)

    async def connect(self) -> None:
        """Connect the producer; raises `KafkaError` when there is no broker."""
        await self._producer.start()

    async def disconnect(self) -> None:
        """Disconnect the producer."""
        await self._producer.stop()

    async def send(self, batches: Batches) -> list[Refused]:
        """Write and wait for every answer, as `BatchProducer.send`."""
        return await self._producer.send(batches)

    def end_written(self, target: TopicPartition) -> int | None:
        """Return the offset after the last record confirmed there, as `BatchProducer.ends`."""
        return self._producer.ends.get(target)

    def unique_name(self) -> str:
        """Return 48 random bits."""
        return secrets.token_hex(6)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[LogReader]:
        """Connect a consumer of its own, outside the group."""
        consumer = AIOKafkaConsumer(
            **python_options(self._settings),
            client_id="resonance-restore",
            enable_auto_commit=False,
            auto_offset_reset="none",
        )
        await consumer.start()
        try:
            yield KafkaLogReader(consumer)
        finally:
            await consumer.stop()


class KafkaLogReader:
    """Reads logs with a consumer that belongs to no group."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def bounds(self, source: TopicPartition) -> tuple[int, int]:
        """Ask the broker for the first offset and the end."""
        first = (await self._consumer.beginning_offsets([source]))[source]
        end = (await self._consumer.end_offsets([source]))[source]
        return first, end

    async def read(self, source: TopicPartition, first: int, end: int) -> AsyncIterator[Records]:
        """Yield the records of [first, end).

        Raises `ServiceUnreachable` when the broker gives nothing for half a minute.
        """
        if first >= end:
            return
        self._consumer.assign([source])
        self._consumer.seek(source, first)
        moved_at_seconds = time.monotonic()
        position = first
        while position < end:
            polled = await self._consumer.getmany(timeout_ms=200, max_records=READ_RECORDS)
            if records := [record for record in polled.get(source, []) if record.offset < end]:
                yield records
            before, position = position, await self._consumer.position(source)
            if position > before:
                moved_at_seconds = time.monotonic()
            elif time.monotonic() - moved_at_seconds > STALL_SECONDS:
                message = f"{source.topic}:{source.partition} gives nothing after offset {position}"
                raise ServiceUnreachable(message)
