"""A receiver in front of a real Kafka that is killed: no order is lost, none is made up."""

import asyncio
import json
from pathlib import Path

import pytest

from resonance.agents.broker import provisioning
from resonance.agents.settings import Settings
from support.kafka import KafkaBroker
from support.shop import Storm, event_id
from support.shop_run import received_orders, receiver

ORDERS = 2_000
AWAY_SECONDS = 5.0
STOP_SECONDS = 5.0


@pytest.fixture
def settings(own_kafka_broker: KafkaBroker) -> Settings:
    settings = Settings(broker=own_kafka_broker.address)
    provisioning.provision(settings)
    return settings


async def test_every_good_order_is_in_kafka_and_no_bad_one_though_the_broker_was_killed(
    settings: Settings, own_kafka_broker: KafkaBroker, tmp_path: Path
) -> None:
    storm = Storm.of(ORDERS)
    async with receiver(settings.broker, tmp_path) as running:
        sending = asyncio.create_task(storm.send(running.url))
        await storm.answered(ORDERS // 3)
        own_kafka_broker.kill()
        await asyncio.sleep(AWAY_SECONDS)
        taken_without_kafka = storm.sent
        await asyncio.to_thread(own_kafka_broker.start)
        await sending
        counts = await running.stopped()

    assert taken_without_kafka < ORDERS
    assert storm.answers[503] > 0
    assert {n for n, heard in storm.last_answers.items() if heard == {200}} == set(storm.good)
    assert {n for n, heard in storm.last_answers.items() if heard == {401}} == set(storm.bad)

    received = await asyncio.to_thread(received_orders, settings)
    assert set(received) == {event_id(number) for number in storm.good}
    assert counts["refused"]["bad_signature"] == storm.answers[401]
    assert counts["requests"] == sum(counts["answers"].values())


async def test_a_receiver_leaves_within_five_seconds_even_while_kafka_is_away(
    settings: Settings, own_kafka_broker: KafkaBroker, tmp_path: Path
) -> None:
    storm = Storm.of(200)
    async with receiver(settings.broker, tmp_path) as running:
        sending = asyncio.create_task(storm.send(running.url))
        await storm.answered(20)
        own_kafka_broker.pause()  # Connections stay open: nobody says that it is gone.
        await asyncio.sleep(0.5)
        async with asyncio.timeout(STOP_SECONDS):
            counts = await running.stopped()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        own_kafka_broker.resume()

    confirmed = {event_id(n) for n, heard in storm.last_answers.items() if 200 in heard}
    assert confirmed <= set(await asyncio.to_thread(received_orders, settings))
    assert json.dumps(counts)
