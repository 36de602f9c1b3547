"""An embedded Kafka endpoint for trying out: librdkafka's mock cluster, in this process.

It speaks the Kafka protocol on a loopback port and keeps everything in memory. Never more than a
try-out: one broker, no authentication, gone with the process, and of each partition only about
5 MB are kept (a producer far ahead of its readers loses records to that).
"""

from types import TracebackType
from typing import Final, Self

from confluent_kafka import Producer
from msgspec.structs import replace

from resonance.agents.settings import Settings
from resonance.streams import topics

MOCK_PARTITIONS: Final = 4  # Of every topic, on first use; the mock cluster offers no choice.
ASK_TIMEOUT_SECONDS: Final = 10.0
# It knows neither encryption nor logins, whatever the settings say of the real broker.
NO_SECURITY: Final[dict[str, str | None]] = {
    "security_protocol": "PLAINTEXT",
    "sasl_username": "",
    "sasl_password_file": None,
    "ssl_ca_file": None,
    "ssl_certificate_file": None,
    "ssl_key_file": None,
}


class EmbeddedBroker:
    """A context manager; inside it, `address` answers as a Kafka broker."""

    def __init__(self, topic_prefix: str = "") -> None:
        self._topic_prefix = topic_prefix
        self._cluster: Producer | None = None
        self.address = ""

    def __enter__(self) -> Self:
        # The broker lives in this producer, which itself produces nothing.
        self._cluster = Producer(
            {"bootstrap.servers": "embedded:1", "test.mock.num.brokers": 1, "log_level": 0}
        )
        (broker,) = self._cluster.list_topics(timeout=ASK_TIMEOUT_SECONDS).brokers.values()
        self.address = f"{broker.host}:{broker.port}"
        for spec in topics.ALL:  # To ask for a topic is to create it.
            self._cluster.list_topics(self._topic_prefix + spec.name, timeout=ASK_TIMEOUT_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cluster = None  # The last reference: the cluster ends with its producer.

    def settings(self, base: Settings) -> Settings:
        """Return the settings for this broker: its address, its partition count."""
        return replace(
            base,
            broker=self.address,
            topic_prefix=self._topic_prefix,
            partitions=MOCK_PARTITIONS,
            replication_factor=1,
            **NO_SECURITY,
        )
