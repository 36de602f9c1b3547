"""A broker that dies, a log that lost records, a state that is another log's."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from resonance.agents.broker import provisioning
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from support.engine import (
    VIEWER_KEY,
    expected_rows,
    is_whole,
    produce,
    read,
    story,
    wait_until,
    window_rows,
)
from support.kafka import KafkaBroker
from support.worker_processes import workers


def test_rows_are_the_same_after_the_broker_was_killed_and_workers_stop_without_it(
    own_kafka_broker: KafkaBroker, tmp_path: Path
) -> None:
    settings = Settings(
        broker=own_kafka_broker.address, scoring_batch_records=20, snapshot_interval_seconds=0.5
    )
    provisioning.provision(settings)
    told = story("outage", 1_500)
    expected = expected_rows(told)
    with workers(settings, tmp_path) as running:
        worker = running.start("all")
        produce(settings, told)
        wait_until(lambda: len(read(settings, "events")) > 100, "the worker to be busy")
        own_kafka_broker.kill()
        time.sleep(2)
        assert worker.poll() is None, "a worker outlives its broker"
        own_kafka_broker.start()
        wait_until(lambda: is_whole(settings, expected), "the stream's rows")
        assert window_rows(settings) == expected

        own_kafka_broker.kill()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0  # Of itself, half of the time that its supervisor gives it.
    assert len(running.log().splitlines()) < 100, "an outage does not flood the log"


def test_rows_are_the_same_when_a_worker_stood_still_and_woke_as_a_zombie(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster(
        scoring_batch_records=20, snapshot_interval_seconds=0.5, session_timeout_seconds=6.0
    )
    told = [*story("one", 2_000), *story("two", 2_000)]
    expected = expected_rows(told)
    with workers(settings, tmp_path) as running:
        zombie = running.start("all")
        produce(settings, told)
        wait_until(lambda: len(read(settings, "events")) > 500, "the worker to be busy")
        zombie.send_signal(signal.SIGSTOP)
        running.start("all")
        more = story("three", 2_000)
        produce(settings, more)
        expected |= expected_rows(more)
        wait_until(lambda: is_whole(settings, expected), "the other worker to take over")
        zombie.send_signal(signal.SIGCONT)
        last = story("four", 500)
        produce(settings, last)
        expected |= expected_rows(last)
        wait_until(lambda: is_whole(settings, expected), "the last stream's rows")
        assert zombie.poll() is None
    assert window_rows(settings) == expected


async def test_a_state_that_the_log_cannot_go_on_from_is_refused_not_rewound(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster(snapshot_interval_seconds=0.2, publish_interval_seconds=0.1)
    told = story("trimmed", 200)
    expected = expected_rows(told)
    produce(settings, told)
    topology = provisioning.check(settings)
    async with running_workers(settings, viewer_key=VIEWER_KEY, topology=topology):
        while not await asyncio.to_thread(is_whole, settings, expected):
            await asyncio.sleep(0.2)
    more = story("later", 200, channel="shop-trimmed")
    produce(settings, more)
    async with running_workers(settings, ["scoring"], viewer_key=VIEWER_KEY, topology=topology):
        while sum(b'"later"' in (m.value() or b"") for m in read(settings, "events")) < len(more):
            await asyncio.sleep(0.2)
    trim(settings, "events")

    with pytest.raises(ServiceUnreachable, match="records after the saved state are gone"):
        async with running_workers(
            settings, ["engagement"], viewer_key=VIEWER_KEY, topology=topology
        ) as app:
            await asyncio.wait_for(app.wait_until_stopped(), 30)
    assert window_rows(settings) == expected


def trim(settings: Settings, topic: str) -> None:
    """Delete all that a topic holds, as retention would."""
    name = settings.topic_prefix + topic
    admin = AdminClient({"bootstrap.servers": settings.broker})
    everything = [TopicPartition(name, partition, -1) for partition in range(settings.partitions)]
    for future in admin.delete_records(everything).values():
        future.result(10)


async def test_a_worker_without_a_broker_fails_by_saying_so(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster()
    nowhere = Settings(broker="127.0.0.1:1", topic_prefix=settings.topic_prefix)
    with pytest.raises(ServiceUnreachable, match=r"no Kafka at 127\.0\.0\.1:1"):
        async with running_workers(nowhere, ["scoring"], viewer_key=VIEWER_KEY) as app:
            await asyncio.wait_for(app.wait_until_stopped(), 30)
