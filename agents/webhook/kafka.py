"""Records that Kafka has confirmed, or that are known not to be: a sender is told which."""

import asyncio
import logging
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from resonance.agents.broker.connection import librdkafka_options
from resonance.agents.broker.refusals import check_link
from resonance.agents.importing.kafka import partition_count
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.codec import encode_raw
from resonance.streams.events import RawEvent
from resonance.streams.importers.markers import topic_of

CONFIRM_SECONDS: Final = 3.0  # Shopify waits five.
QUEUED_RECORDS: Final = 10_000
_POLL_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 0.5  # By which the client's own time-out may come late.

_log = logging.getLogger(__name__)


class ConfirmedSender:
    """Sends events keyed by channel; each send ends with Kafka's word, within four seconds."""

    def __init__(self, settings: Settings) -> None:
        """Connect. Raises `ServiceUnreachable` if Kafka or the topics are not there."""
        self._prefix = settings.topic_prefix
        self._confirming = True
        check_link(settings)
        quiet = logging.getLogger(f"{__name__}.librdkafka")
        quiet.setLevel(logging.CRITICAL + 1)  # It would say so at each retry; we say it once.
        self._producer = Producer(
            {
                **librdkafka_options(settings),
                "client.id": "resonance-webhook",
                "acks": "all",
                # Not idempotent: events have ids, and a producer that gives up after a time
                # could not promise it anyway.
                "enable.idempotence": False,
                "partitioner": "murmur2_random",
                "linger.ms": 5,
                "message.timeout.ms": int(CONFIRM_SECONDS * 1_000),
                "reconnect.backoff.max.ms": 1_000,
                "queue.buffering.max.messages": QUEUED_RECORDS,
            },
            logger=quiet,
        )
        for spec in topics.SOURCES:
            partition_count(self._producer, settings, spec)
        self._closed = Event()
        self._polling = Thread(target=self._poll, name="webhook-deliveries", daemon=True)
        self._polling.start()

    async def send(self, events: Sequence[RawEvent]) -> bool:
        """Return whether Kafka has all of them; if not, it may have some."""
        sent = [self._sent(event) for event in events]
        try:
            async with asyncio.timeout(CONFIRM_SECONDS + _GRACE_SECONDS):
                confirmed = all(await asyncio.gather(*sent))
        except TimeoutError:
            confirmed = False
        if confirmed != self._confirming:
            self._confirming = confirmed
            if confirmed:
                _log.info("Kafka confirms orders again")
            else:
                _log.warning("Kafka confirms no orders: they are answered with 503")
        return confirmed

    def close(self) -> None:
        """Stop listening for confirmations; what is not confirmed stays the sender's."""
        self._closed.set()
        self._polling.join()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _sent(self, event: RawEvent) -> "asyncio.Future[bool]":
        loop = asyncio.get_running_loop()
        confirmed: asyncio.Future[bool] = loop.create_future()

        def settle(is_confirmed: bool) -> None:  # noqa: FBT001 - the loop calls it by position.
            if not confirmed.done():
                confirmed.set_result(is_confirmed)

        def delivered(error: KafkaError | None, _: Message) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, error is None)

        topic = self._prefix + topic_of(event)
        key, value = event.channel.encode(), encode_raw(event)
        try:
            self._producer.produce(topic, value=value, key=key, on_delivery=delivered)
        except (BufferError, KafkaException):
            settle(False)  # noqa: FBT003 - as above.
        return confirmed

    def _poll(self) -> None:
        while not self._closed.is_set():
            self._producer.poll(_POLL_SECONDS)
