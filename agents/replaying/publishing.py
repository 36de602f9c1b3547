"""A replay's own topics, `replay.<id>.events` and `replay.<id>.windows`: a board can read them.

    RESONANCE_TOPIC_PREFIX=replay.<id>. resonance board

They are deleted by the broker after a day. Nothing here can write to a live topic.
"""

import re
from typing import Final

from confluent_kafka import KafkaError, Message, Producer
from msgspec.structs import replace

from resonance.agents.broker.connection import librdkafka_options
from resonance.agents.broker.provisioning import admin_client
from resonance.agents.broker.topology import key_partition
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.codec import encode_log
from resonance.streams.events import Tick
from resonance.streams.replaying.log import LogRecord, LogReplay
from resonance.streams.windows import UPTO_HEADER

KEPT_MS: Final = topics.DAY_MS
PUBLISH_RECORDS: Final = 500  # At full speed; a slow replay publishes, and looks, at every record.
FLUSH_SECONDS: Final = 30.0
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


class ReplayTopics:
    """Writes a replay to topics of its own."""

    def __init__(self, settings: Settings, replay_id: str, every: int = PUBLISH_RECORDS) -> None:
        """Make the topics. Raises `UsageError` when they are there already, or the id is none."""
        if not _ID.fullmatch(replay_id):
            message = f"--id {replay_id!r}: give 1 to 40 letters, digits, - or _"
            raise UsageError(message)
        self.prefix = f"{settings.topic_prefix}replay.{replay_id}."
        self._settings = replace(settings, topic_prefix=self.prefix)
        self._erased = ErasedList(used_list_file(settings))
        self._every = every
        self._sent = 0
        self._failures: list[str] = []
        self._published: dict[str, bytes] = {}
        self._create()
        self._producer = Producer(
            {**librdkafka_options(settings), "enable.idempotence": True, "log_level": 0}
        )

    def _create(self) -> None:
        names = [self.prefix + spec.name for spec in (topics.EVENTS, topics.WINDOWS)]
        config = {"retention.ms": str(KEPT_MS)}
        wanted = {
            name: {
                "num_partitions": self._settings.partitions,
                "replication_factor": self._settings.replication_factor,
                "configs": config,
            }
            for name in names
        }
        with admin_client(self._settings) as admin:
            answer = admin.create_topics(wanted, raise_errors=False)
            if any(topic["error_code"] for topic in answer["topics"]):
                message = f"topics {', '.join(names)} cannot be made: choose another --id"
                raise UsageError(message)
            admin.wait_for_topics(names)

    def send(self, record: LogRecord, folding: LogReplay) -> None:
        """Write a record as it is folded, and now and then the rows that changed.

        Words of who is erased while the replay runs are left out from then on, while the fold goes
        on with what it began with: no number changes. Raises SettingsError when the list cannot be
        read.
        """
        if self._sent % self._every == 0:
            self._erased.look()
        event = self._erased.viewers.redacted(record.event)
        key = event.topic if isinstance(event, Tick) else event.channel
        self._produce(topics.EVENTS.name, key.encode(), encode_log(event), record.partition)
        self._sent += 1
        if self._sent % self._every == 0:
            self._rows(folding.changed())

    def finish(self, rows: dict[str, bytes]) -> None:
        """Write what is left, and wait until the broker has all of it."""
        self._rows(rows)
        left = self._producer.flush(FLUSH_SECONDS)
        if left or self._failures:
            why = self._failures[0] if self._failures else f"{left} records unconfirmed"
            message = f"the replay's topics on {self._settings.broker} are not whole: {why}"
            raise ServiceUnreachable(message)

    def _rows(self, rows: dict[str, bytes]) -> None:
        upto = {UPTO_HEADER: b"%d" % self._sent}
        for key, value in rows.items():
            if self._published.get(key) != value:
                self._published[key] = value
                self._produce(topics.WINDOWS.name, key.encode(), value, None, upto)

    def _produce(
        self,
        topic: str,
        key: bytes,
        value: bytes,
        partition: int | None,
        headers: dict[str, bytes] | None = None,
    ) -> None:
        count = self._settings.partitions
        number = key_partition(key, count) if partition is None else partition % count
        while True:
            try:
                self._producer.produce(
                    self.prefix + topic,
                    value,
                    key,
                    number,
                    headers=dict(headers or {}),
                    on_delivery=self._confirm,
                )
            except BufferError:
                self._producer.poll(0.5)
            else:
                self._producer.poll(0)
                return

    def _confirm(self, error: KafkaError | None, message: Message) -> None:
        del message
        if error is not None:
            self._failures.append(str(error))
