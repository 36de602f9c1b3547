"""Dead letters as records: keyed by the place that the record set aside came from."""

import msgspec
from aiokafka import TopicPartition

from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.streams import topics
from resonance.streams.dead_letters import dead_letter
from resonance.streams.events import Place
from resonance.streams.reasons import Reason

_encoder = msgspec.json.Encoder()


def dead_letter_record(
    topology: Topology, value: bytes | None, reason: Reason, at: str, place: Place
) -> tuple[TopicPartition, Record]:
    """Return where the dead letter of a record goes, and the record; `place.topic` is a name."""
    letter = dead_letter(
        value, reason, at, topic=place.topic, partition=place.partition, offset=place.offset
    )
    key = f"{place.topic}:{place.partition}".encode()
    target = TopicPartition(
        topology.name(topics.DEAD_LETTERS), topology.partition_for(topics.DEAD_LETTERS, key)
    )
    return target, Record(key, _encoder.encode(letter))
