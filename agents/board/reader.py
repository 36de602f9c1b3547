"""Kafka -> the board: one topic from its beginning or from a moment, all partitions, no group."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from resonance.agents.broker.connection import python_options
from resonance.agents.broker.refusals import check_link, denied, is_denial, missing
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings

FETCH_WAIT_MS: Final = 200
BATCH_RECORDS: Final = 1_000
CONNECT_SECONDS: Final = 10.0
STOP_SECONDS: Final = 2.0

_OFFSET: Final = re.compile(rb"[0-9]{1,19}")


class Tail:
    """Read one topic to its end, then follow it. `take` gets every record and must not raise."""

    def __init__(
        self, settings: Settings, topic: str, take: Callable[[ConsumerRecord[bytes, bytes]], None]
    ) -> None:
        self._settings = settings
        self._link = python_options(settings)
        self._topic = settings.topic_prefix + topic
        self._take = take
        # Subscribed without a group: every partition is ours, those added later too.
        self._consumer = AIOKafkaConsumer(
            self._topic,
            **self._link,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            client_id="resonance-board",
        )

    async def connect(self) -> None:
        """Reach the broker and the topic. Raises ServiceUnreachable without either."""
        await asyncio.to_thread(check_link, self._settings)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                known = await self._topics()
                if self._topic in known:
                    await self._consumer.start()
                    return
        except (KafkaError, TimeoutError, OSError) as error:
            await self.stop()
            message = (
                f"no Kafka broker answers at {self._settings.broker} ({type(error).__name__}); "
                "start one, or name it with --broker or RESONANCE_BROKER"
            )
            raise ServiceUnreachable(message) from error
        await self.stop()
        raise missing(self._settings, self._topic, "board")

    async def _topics(self) -> set[str]:
        # Asked first: a consumer of a topic that is not there asks for it for ever.
        asking = AIOKafkaConsumer(**self._link, group_id=None)
        try:
            await asking.start()
            return set(await asking.topics())
        finally:
            await _close(asking)

    async def read_to_end(self) -> None:
        """Read from the beginning to where the topic ended when this was called."""
        partitions = self._consumer.assignment()
        ends = await self._consumer.end_offsets(partitions)
        starts = await self._consumer.beginning_offsets(partitions)
        waiting = {tp for tp in partitions if ends[tp] > starts[tp]}
        while waiting:
            await self._take_batch()
            # Not the last record's offset: compaction may have taken it away.
            waiting = {tp for tp in waiting if await self._consumer.position(tp) < ends[tp]}

    async def skip_to(self, since_ms: int) -> None:
        """Go on from what was written at `since_ms` or later, from the end if there is none."""
        partitions = self._consumer.assignment()
        ends = await self._consumer.end_offsets(partitions)
        found = await self._consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
        for tp in partitions:
            since = found.get(tp)
            self._consumer.seek(tp, since.offset if since else ends[tp])

    async def follow(self) -> None:
        """Read on until cancelled. Raises ServiceUnreachable when the broker refuses for good."""
        while True:
            await self._take_batch()

    async def stop(self) -> None:
        """Close the connection; within 2 s, also when the broker is gone."""
        await _close(self._consumer)

    async def _take_batch(self) -> None:
        try:
            batches = await self._consumer.getmany(
                timeout_ms=FETCH_WAIT_MS, max_records=BATCH_RECORDS
            )
        except KafkaError as error:
            if is_denial(error):
                raise denied(self._settings, f"to read {self._topic}", "board") from error
            message = f"reading {self._topic} from {self._settings.broker} failed: {error}"
            raise ServiceUnreachable(message) from error
        for records in batches.values():
            for record in records:
                self._take(record)
        await asyncio.sleep(0)  # What is fetched already comes at once: let scrapes be answered.


def upto_of(record: ConsumerRecord[bytes, bytes], header: str) -> int | None:
    """Return the offset in the record's `header`, or None if it has no usable one."""
    for name, value in record.headers:
        if name == header:
            return int(value) if _OFFSET.fullmatch(value) else None
    return None


async def _close(consumer: AIOKafkaConsumer) -> None:
    with suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(STOP_SECONDS):
            await consumer.stop()
