"""Events to their topics, keyed as every Java client would, each delivery checked."""

import logging
from collections.abc import Callable
from typing import Final, Literal

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from resonance.agents.broker.connection import librdkafka_options
from resonance.agents.broker.refusals import check_link, denied, missing
from resonance.agents.broker.topology import key_partition
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.importing.stop import Stop
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment, RawEvent
from resonance.streams.importers.markers import topic_of

KeyBy = Literal["channel", "viewer"]

ASK_TIMEOUT_SECONDS: Final = 6.0
DELIVERY_TIMEOUT_MS: Final = 60_000  # Of a file's records; live ones wait for the broker.
FILE_LINGER_MS: Final = 50
LIVE_LINGER_MS: Final = 5
QUEUED_RECORDS: Final = 100_000
_POLL_SECONDS: Final = 0.2


class EventProducer:
    """Sends events; raises `ServiceUnreachable` as soon as one is known to be refused."""

    def __init__(
        self, settings: Settings, *, key_by: KeyBy = "channel", stop: Stop | None = None
    ) -> None:
        """Connect, and check that the topics are there. Raises `ServiceUnreachable` if not.

        With a `stop` the events are live: they wait for a broker that is away until it is set.
        """
        live = stop is not None
        self._stop = stop or Stop()
        self._settings = settings
        self._key_by = key_by
        self._refusal: ServiceUnreachable | None = None
        self.delivered = 0
        check_link(settings)
        # librdkafka would write each retry to stderr; what matters is said once, by us.
        quiet = logging.getLogger(f"{__name__}.librdkafka")
        quiet.setLevel(logging.CRITICAL + 1)
        self._producer = Producer(
            {
                **librdkafka_options(settings),
                "client.id": "resonance-import",
                "enable.idempotence": True,
                # With several under way, the first to a topic just made may be refused, the second
                # be taken, and the first, sent again, pass for a copy: confirmed, and not there.
                "max.in.flight.requests.per.connection": 1,
                "acks": "all",
                "partitioner": "murmur2_random",  # Java's default; every key of ours is set.
                "compression.type": "lz4",
                "linger.ms": LIVE_LINGER_MS if live else FILE_LINGER_MS,
                "message.timeout.ms": 0 if live else DELIVERY_TIMEOUT_MS,  # 0: never.
                "queue.buffering.max.messages": QUEUED_RECORDS,
            },
            logger=quiet,
        )
        self._partitions = {
            spec.name: partition_count(self._producer, settings, spec) for spec in topics.SOURCES
        }

    def comment_partition(self, comment: Comment) -> int:
        """Return the partition of `comments` that a comment will be put in."""
        return key_partition(self._key(comment), self._partitions[topics.COMMENTS.name])

    def send(self, event: RawEvent) -> None:
        """Queue one event; waits while the queue is full."""
        topic = self._settings.topic_prefix + topic_of(event)
        key, value = self._key(event), encode_raw(event)
        while True:
            try:
                self._producer.produce(topic, value=value, key=key, on_delivery=self._delivered)
            except BufferError:
                if self._stop.is_set():
                    words = "it took none of those before"
                    raise _refused(words) from None
                self._serve(_POLL_SECONDS)
            except KafkaException as error:
                self._serve(0)  # What has failed the whole producer is told there.
                raise _refused(_words(error)) from None
            else:
                self._serve(0)
                return

    def serve(self) -> None:
        """Hear what became of the records sent so far, without waiting."""
        self._serve(0)

    def flush(self, timeout_seconds: float | None = None) -> int:
        """Wait until all is delivered, or for `timeout_seconds`; return what still is not."""
        if timeout_seconds is not None:
            return self._hear(self._producer.flush, timeout_seconds)
        while self._hear(self._producer.flush, _POLL_SECONDS):
            pass  # In slices: Ctrl-C is heard in between.
        return 0

    def _serve(self, timeout_seconds: float) -> None:
        self._hear(self._producer.poll, timeout_seconds)

    def _hear(self, ask: Callable[[float], int], timeout_seconds: float) -> int:
        """Ask the producer for news; raise what it says of a record, or of itself as a whole."""
        try:
            count = ask(timeout_seconds)
        except KafkaException as error:
            words = _words(error)
            if "authorization failed" in words:  # Its code says no more than that it is fatal.
                raise denied(self._settings, "to write to any topic", "import") from None
            raise _refused(words) from None
        if self._refusal is not None:
            raise self._refusal
        return count

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self.delivered += 1
        elif self._refusal is None and error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            self._refusal = denied(self._settings, f"to write {message.topic()}", "import")
        elif self._refusal is None:
            self._refusal = _refused(error.str())

    def _key(self, event: RawEvent) -> bytes:
        if self._key_by == "viewer" and isinstance(event, Comment):
            return event.viewer_id.encode()
        return event.channel.encode()


def partition_count(producer: Producer, settings: Settings, spec: topics.TopicSpec) -> int:
    """Return how many partitions the topic has. Raises `ServiceUnreachable` if it is not there."""
    name = settings.topic_prefix + spec.name
    try:
        topic = producer.list_topics(name, timeout=ASK_TIMEOUT_SECONDS).topics[name]
    except KafkaException as error:
        message = (
            f"no Kafka answers at {settings.broker} ({_words(error)}). "
            "Start it, or name it with --broker or RESONANCE_BROKER"
        )
        raise ServiceUnreachable(message) from None
    if topic.error is not None and topic.error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        raise denied(settings, f"topic {name}", "import")
    if topic.error is not None or not topic.partitions:
        raise missing(settings, name, "import")
    return len(topic.partitions)


def _refused(words: str) -> ServiceUnreachable:
    return ServiceUnreachable(f"Kafka refused an event ({words}). Mend that and import again")


def _words(error: KafkaException) -> str:
    cause = error.args[0] if error.args else error
    return cause.str() if isinstance(cause, KafkaError) else str(cause)
