"""What the cluster really has: our topics' full names, ids and partition counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from aiokafka import TopicPartition
from aiokafka.partitioner import murmur2

from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.topics import TopicSpec


@dataclass(frozen=True, slots=True)
class Topology:
    """The topics under one prefix; `ids` and `partitions` go by the topic's full name."""

    prefix: str
    partitions: Mapping[str, int]
    ids: Mapping[str, str]

    def name(self, spec: TopicSpec) -> str:
        """Return the topic's full name."""
        return self.prefix + spec.name

    def partition_count(self, spec: TopicSpec) -> int:
        """Return how many partitions the topic has."""
        return self.partitions[self.name(spec)]

    def partitions_of(self, spec: TopicSpec) -> list[TopicPartition]:
        """Return all partitions of the topic."""
        name = self.name(spec)
        return [TopicPartition(name, number) for number in range(self.partitions[name])]

    def topic_of(self, topic_id: str) -> str:
        """Return the full name of the topic with this id; the id itself when it is not ours."""
        return next((name for name, known in self.ids.items() if known == topic_id), topic_id)

    def partition_for(self, spec: TopicSpec, key: bytes) -> int:
        """Return the partition of `key`: the one that every Java client would choose."""
        return key_partition(key, self.partition_count(spec))


def assumed_topology(settings: Settings) -> Topology:
    """Return the topology that the settings ask for, of a cluster that cannot be asked.

    Librdkafka's mock cluster answers no admin request and has no topic ids: names stand in.
    """
    names = [settings.topic_prefix + spec.name for spec in topics.ALL]
    return Topology(
        prefix=settings.topic_prefix,
        partitions=dict.fromkeys(names, settings.partitions),
        ids={name: name for name in names},
    )


@lru_cache(maxsize=10_000)  # Keys repeat (a channel, a window); the hash is pure Python.
def key_partition(key: bytes, partition_count: int) -> int:
    """Return the partition of a key as Kafka's own default partitioner does (murmur2).

    >>> key_partition(b"kafka", 7)
    5
    """
    return int(murmur2(key) & 0x7FFFFFFF) % partition_count
