"""Topics are made as described, and a cluster that is not as described is refused by name."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from resonance.agents.broker import provisioning
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.settings import Settings
from resonance.streams import topics
from support.engine import wait_until
from support.kafka import KafkaBroker, free_ports


def test_every_topic_is_made_once_and_then_left_alone(kafka_broker: KafkaBroker) -> None:
    settings = Settings(broker=kafka_broker.address, topic_prefix="twice.", partitions=3)
    first, second = provisioning.provision(settings), provisioning.provision(settings)
    assert {each.topic for each in first} == {f"twice.{spec.name}" for spec in topics.ALL}
    assert {each.outcome for each in first} == {"created"}
    assert {each.outcome for each in second} == {"existed"}
    assert {each.partitions for each in first + second} == {3}
    topology = provisioning.check(settings)
    assert topology.partition_count(topics.EVENTS) == 3
    ids = set(topology.ids.values())
    assert len(ids) == len(topics.ALL)
    assert not ids & set(topology.ids), "a real broker has ids, and they are not the names"


def test_a_missing_topic_is_refused_by_name_and_with_the_remedy(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster()
    gone = f"{settings.topic_prefix}windows"
    admin = AdminClient({"bootstrap.servers": settings.broker})
    admin.delete_topics([gone])[gone].result(10)
    wait_until(lambda: gone not in admin.list_topics(timeout=10).topics, "the topic to go")
    with pytest.raises(ServiceUnreachable, match=r"no topic .*windows.*resonance topics create"):
        provisioning.check(settings)


def test_partition_counts_that_differ_are_refused_with_what_was_found_and_expected(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster()
    grow(settings, "comments", 6)
    with pytest.raises(UsageError, match=r"comments: 6 partitions, expected 4, as .*events has"):
        provisioning.check(settings)


def test_topics_that_no_order_rests_on_may_have_other_partition_counts(
    cluster: Callable[..., Settings],
) -> None:
    settings = cluster()
    grow(settings, "windows", 6)
    grow(settings, "dead-letters", 5)
    assert provisioning.check(settings).partition_count(topics.WINDOWS) == 6


def grow(settings: Settings, topic: str, count: int) -> None:
    """Give a topic more partitions."""
    name = settings.topic_prefix + topic
    admin = AdminClient({"bootstrap.servers": settings.broker})
    admin.create_partitions([NewPartitions(name, count)])[name].result(10)
    wait_until(
        lambda: len(admin.list_topics(name, timeout=10).topics[name].partitions) == count,
        "the new partitions to be known",
    )


@pytest.mark.parametrize("command", [["worker", "all"], ["topics", "check"]])
def test_the_command_line_refuses_what_is_not_there_with_exit_3(
    kafka_broker: KafkaBroker, command: list[str]
) -> None:
    (closed_port,) = free_ports(1)
    for broker, expected in (
        (kafka_broker.address, "no topic comments"),
        (f"127.0.0.1:{closed_port}", "no usable Kafka at"),
    ):
        done = subprocess.run(
            [Path(sys.executable).with_name("resonance"), *command, "--broker", broker],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 3, done.stderr
        assert done.stdout == ""
        assert expected in done.stderr
        assert "Traceback" not in done.stderr
