"""What an administrator does to topics and groups, on purpose or by mistake."""

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from resonance.agents.settings import Settings

WAIT_SECONDS = 15.0


def _client(settings: Settings) -> AdminClient:
    return AdminClient({"bootstrap.servers": settings.broker, "log_level": 0})


def delete_topic(settings: Settings, topic: str) -> None:
    """Delete a topic, named without the prefix."""
    admin = _client(settings)  # Held until the answer is there: it dies with its last name.
    for future in admin.delete_topics([settings.topic_prefix + topic]).values():
        future.result(WAIT_SECONDS)


def create_topic(
    settings: Settings, topic: str, partitions: int, config: dict[str, str] | None = None
) -> None:
    """Create a topic, as it should not be."""
    new = NewTopic(settings.topic_prefix + topic, partitions, 1, config=config or {})
    admin = _client(settings)
    for future in admin.create_topics([new]).values():
        future.result(WAIT_SECONDS)


def delete_group(settings: Settings, hop: str) -> None:
    """Delete a hop's consumer group with all its offsets; it must have no members."""
    name = f"{settings.topic_prefix}resonance-{hop}"
    admin = _client(settings)
    for future in admin.delete_consumer_groups([name]).values():
        future.result(WAIT_SECONDS)


def delete_records(settings: Settings, topic: str) -> None:
    """Delete all that a topic holds, as retention would."""
    name = settings.topic_prefix + topic
    everything = [TopicPartition(name, partition, -1) for partition in range(settings.partitions)]
    admin = _client(settings)
    for future in admin.delete_records(everything).values():
        future.result(WAIT_SECONDS)
