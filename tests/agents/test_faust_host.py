"""Faust is the host and nothing else: no consumer, no producer, no web server of its own."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from resonance.agents.app import build_app
from resonance.agents.hop import Offsets, Polled
from resonance.agents.ingest import Work
from resonance.agents.settings import Settings

NOWHERE = Settings(broker="127.0.0.1:1")
PARTITION = TopicPartition("in", 0)


class Doubling:
    """A hop without Kafka: it answers with the offset after the last record."""

    name = "doubling"
    topics = ("in",)
    group = "none"
    batch_records = 10
    holds_state = False

    async def start(self) -> None:
        await asyncio.Event().wait()  # The ingest stays at its start: the test is the source.

    async def own(self, consumer: AIOKafkaConsumer, assigned: frozenset[TopicPartition]) -> Offsets:
        raise AssertionError

    async def process(self, polled: Polled) -> Offsets:
        if not polled:
            message = "an empty poll"
            raise ValueError(message)
        return {partition: records[-1].offset + 1 for partition, records in polled.items()}

    async def disown(self) -> Offsets:
        return {}

    async def stop(self) -> None:
        pass


def record(offset: int) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord("in", 0, offset, 0, 0, None, b"", None, 0, 0, ())


def test_it_starts_no_service_of_its_own_that_speaks_to_kafka_or_listens() -> None:
    app = build_app(NOWHERE, [])
    assert list(app.boot_strategy.server()) == [app.agents]
    app.conf.web_enabled = True  # As `faust worker` does, whatever the app said.
    assert list(app.boot_strategy.server()) == [app.agents]


async def test_an_agent_answers_every_poll_and_outlives_an_error() -> None:
    app = build_app(NOWHERE, [Doubling()])
    await app.start()
    try:
        (agent,) = app.agents.values()
        good, bad, after = Work({PARTITION: [record(4)]}), Work({}), Work({PARTITION: [record(9)]})
        while not agent.channel.subscriber_count:
            await asyncio.sleep(0.01)
        for work in (good, bad, after):
            await agent.channel.put(work)
        assert await good.answer == {PARTITION: 5}
        with pytest.raises(ValueError, match="an empty poll"):
            await bad.answer
        assert await after.answer == {PARTITION: 10}
    finally:
        await app.stop()
