"""A part of the topic `events`, by time: kafka-python asks where it begins and ends."""

from collections.abc import Iterator
from time import monotonic
from typing import Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from resonance.agents.broker.connection import python_options
from resonance.agents.broker.provisioning import full_name
from resonance.agents.broker.refusals import check_link
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.codec import Rejection, decode_log
from resonance.streams.replaying.log import LogRecord

POLL_MS: Final = 500
STALL_SECONDS: Final = 30.0


class KafkaRange:
    """The records of `events` that the broker got in [since, until), partition after partition."""

    def __init__(self, settings: Settings, since_ms: int, until_ms: int) -> None:
        """Find where they lie. Raises `ServiceUnreachable` or `UsageError` when they do not."""
        check_link(settings)
        self._topic = full_name(settings, topics.EVENTS)
        self._broker = settings.broker
        try:
            self._consumer = KafkaConsumer(
                **python_options(settings),
                client_id="resonance-replay",
                enable_auto_commit=False,
                auto_offset_reset="none",
            )
            numbers = self._consumer.partitions_for_topic(self._topic)
            if not numbers:
                message = f"no topic {self._topic} on {settings.broker}"
                raise UsageError(message)
            self._spans = self._find(sorted(numbers), since_ms, until_ms)
        except KafkaError as error:
            raise self._unreachable(error) from error
        self.events = sum(end - first for first, end in self._spans.values())

    def _find(
        self, numbers: list[int], since_ms: int, until_ms: int
    ) -> dict[TopicPartition, tuple[int, int]]:
        partitions = [TopicPartition(self._topic, number) for number in numbers]
        begins = self._consumer.beginning_offsets(partitions)
        ends = self._consumer.end_offsets(partitions)
        firsts = self._consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
        lasts = self._consumer.offsets_for_times(dict.fromkeys(partitions, until_ms))
        spans = {}
        for partition in partitions:
            first, last = firsts.get(partition), lasts.get(partition)
            # No record of that time or later: the range begins, or ends, at the log's end.
            start = ends[partition] if first is None else first.offset
            end = ends[partition] if last is None else last.offset
            spans[partition] = (max(start, begins[partition]), end)
        return spans

    def records(self) -> Iterator[LogRecord]:
        """Yield the records; what is no event is passed over, as engagement does."""
        try:
            for partition, (first, end) in self._spans.items():
                yield from self._read(partition, first, end)
        except KafkaError as error:
            raise self._unreachable(error) from error
        finally:
            self._consumer.close()

    def _read(self, partition: TopicPartition, first: int, end: int) -> Iterator[LogRecord]:
        self._consumer.assign([partition])
        self._consumer.seek(partition, first)
        position, moved_at_seconds = first, monotonic()
        while position < end:
            for record in self._consumer.poll(timeout_ms=POLL_MS).get(partition, []):
                event = decode_log(record.value)
                if record.offset < end and not isinstance(event, Rejection):
                    yield LogRecord(record.offset, event, partition.partition)
            before, position = position, self._consumer.position(partition)
            if position > before:
                moved_at_seconds = monotonic()
            elif monotonic() - moved_at_seconds > STALL_SECONDS:
                message = f"{self._topic}:{partition.partition} gives nothing after {position}"
                raise ServiceUnreachable(message)

    def _unreachable(self, error: KafkaError) -> ServiceUnreachable:
        message = (
            f"cannot read {self._topic} at {self._broker} ({type(error).__name__}). "
            "Start Kafka, or set `broker` (RESONANCE_BROKER)"
        )
        return ServiceUnreachable(message)
