"""A record to produce, and a broker's lasting refusal of one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiokafka import TopicPartition


class Record(NamedTuple):
    """One record to produce; a value of None deletes its key from a compacted topic."""

    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Refused(NamedTuple):
    """A record that the broker will never take, and where it was to go."""

    target: TopicPartition
    position: int  # Among the records given for the target.


Batches = Mapping[TopicPartition, Sequence[Record]]  # By target, each in the order to write in.
