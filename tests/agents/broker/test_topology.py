"""Keys go to the partitions that every Java client would choose."""

import pytest
from kafka.partitioner.default import murmur2 as other_murmur2

from resonance.agents.broker.topology import assumed_topology, key_partition
from resonance.agents.settings import Settings
from resonance.streams import topics


@pytest.mark.parametrize(
    ("key", "hashed"),
    # From Apache Kafka's own UtilsTest.testMurmur2.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_a_key_goes_where_javas_default_partitioner_sends_it(key: bytes, hashed: int) -> None:
    for partition_count in (1, 4, 7, 1_000):
        assert key_partition(key, partition_count) == (hashed & 0x7FFFFFFF) % partition_count


@pytest.mark.parametrize("key", [b"", "شوب|*|total".encode(), bytes(range(256))])
def test_two_python_clients_agree_on_any_bytes(key: bytes) -> None:
    assert key_partition(key, 12) == (other_murmur2(key) & 0x7FFFFFFF) % 12


def test_a_cluster_that_cannot_be_asked_is_taken_to_be_as_the_settings_say() -> None:
    topology = assumed_topology(Settings(topic_prefix="demo.", partitions=4))
    assert topology.name(topics.EVENTS) == "demo.events"
    assert topology.partition_count(topics.STATE) == 4
    assert topology.ids["demo.comments"] == "demo.comments"


def test_a_topic_is_found_by_its_id_and_an_unknown_id_stands_for_itself() -> None:
    topology = assumed_topology(Settings())
    assert topology.topic_of("comments") == "comments"
    assert topology.topic_of("no such id") == "no such id"
