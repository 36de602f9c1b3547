"""How much waits to be read: what the groups have committed against the ends of the topics."""

from typing import Final

from confluent_kafka import Consumer, TopicPartition

from resonance.agents.settings import Settings

HOPS: Final = {"scoring": ("comments", "purchases", "stage"), "engagement": ("events",)}
WAIT_SECONDS: Final = 15

Ends = dict[tuple[str, int], int]


def ends(settings: Settings) -> dict[str, Ends]:
    """Return where the topics that each hop reads end now."""
    return {hop: _ends(settings, hop) for hop in HOPS}


def lags(settings: Settings, until: dict[str, Ends] | None = None) -> dict[str, int]:
    """Return how many records wait for each hop: up to those ends, or all there are.

    Ticks come without a pause, so the lag up to now is never 0 for long; up to an end it is.
    """
    found = until or ends(settings)
    return {hop: _lag(settings, hop, found[hop]) for hop in HOPS}


def _client(settings: Settings, hop: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": settings.broker,
            "group.id": f"{settings.topic_prefix}resonance-{hop}",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )


def _ends(settings: Settings, hop: str) -> Ends:
    consumer = _client(settings, hop)
    try:
        places = [
            TopicPartition(settings.topic_prefix + topic, partition)
            for topic in HOPS[hop]
            for partition in range(settings.partitions)
        ]
        return {
            (place.topic, place.partition): consumer.get_watermark_offsets(
                place, timeout=WAIT_SECONDS
            )[1]
            for place in places
        }
    finally:
        consumer.close()


def _lag(settings: Settings, hop: str, found: Ends) -> int:
    consumer = _client(settings, hop)
    try:
        asked = [TopicPartition(*place) for place in found]
        return sum(
            max(0, found[one.topic, one.partition] - max(0, one.offset))
            for one in consumer.committed(asked, timeout=WAIT_SECONDS)
        )
    finally:
        consumer.close()
