"""What the engine's tests share: a story, what it should come to, a way in and out of Kafka.

The expected rows come from the same pure functions without Kafka: one scorer, one fold, the events
in the order they were told. A second client, librdkafka, produces and reads.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from resonance.agents.settings import Settings
from resonance.sentiment.score import Scorer
from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment, Place, Purchase, RawEvent, Stage, Versions
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.scoring import ScoringHop
from resonance.streams.windows import UPTO_HEADER

VIEWER_KEY: Final = bytes(range(32))
START_MS: Final = 1_700_000_000_000
WAIT_SECONDS: Final = 60.0
TEXTS: Final = (
    "love it",
    "when does it ship to Germany?",
    "too expensive, customs fees again",
    "is it authentic?",
    "my order never arrived",
    "wow",
    "size M please",
    "cuánto cuesta el envío?",
    "めっちゃ可愛い",
    "bagus banget kak",
)
MARKETS: Final = ("US", "DE", "MX", "JP", "ID")


class Told(NamedTuple):
    """An event, and the topic it is produced to."""

    topic: str
    event: RawEvent
    key: str


def story(
    stream: str,
    comments: int,
    *,
    channel: str | None = None,
    viewers: int = 40,
    spread: Callable[[Comment], str] | None = None,
    sources: int = 1,
) -> list[Told]:
    """Return a finite stream: its comments, some purchases, and the markers that bound it.

    `spread` gives a comment's Kafka key (the channel by default), `sources` how many partitions
    of `comments` then carry the stream.
    """
    shop = channel or f"shop-{stream}"
    envelope = {"platform": "test", "channel": shop}
    told: list[Told] = []
    for number in range(comments):
        at_ms = START_MS + 1_000 + number * 40
        viewer = number * 7 % viewers
        comment = Comment(
            id=f"{stream}-c{number}",
            stream=stream,
            viewer_id=f"viewer-{viewer}",
            text=f"{TEXTS[number % len(TEXTS)]} {number % 17}",
            market=MARKETS[viewer % len(MARKETS)],
            occurred_at_ms=at_ms,
            ingested_at_ms=at_ms,
            **envelope,
        )
        told.append(Told("comments", comment, spread(comment) if spread else shop))
        if number % 50 == 49:
            purchase = Purchase(
                id=f"{stream}-p{number}",
                stream=stream,
                order_id=f"order-{number}",
                state="paid",
                amount_minor=1_000 + number,
                currency="USD",
                viewer_id=f"viewer-{viewer}",
                market=MARKETS[viewer % len(MARKETS)],
                occurred_at_ms=at_ms,
                ingested_at_ms=at_ms,
                **envelope,
            )
            told.append(Told("purchases", purchase, shop))
    return _bounded(told, stream, envelope, sources)


def _bounded(told: list[Told], stream: str, envelope: dict[str, str], sources: int) -> list[Told]:
    counts = {"comments": 0, "purchases": 0, "stage": 2}
    for one in told:
        counts[one.topic] += 1
    counts = {topic: count for topic, count in counts.items() if count}
    last_ms = told[-1].event.occurred_at_ms + 1_000
    started = Stage(
        id=f"{stream}-started",
        stream=stream,
        action="started",
        occurred_at_ms=START_MS,
        ingested_at_ms=START_MS,
        sources={topic: sources if topic == "comments" else 1 for topic in counts},
        **envelope,
    )
    ended = Stage(
        id=f"{stream}-ended",
        stream=stream,
        action="ended",
        occurred_at_ms=last_ms,
        ingested_at_ms=last_ms,
        counts=counts,
        **envelope,
    )
    shop = envelope["channel"]
    return [Told("stage", started, shop), *told, Told("stage", ended, shop)]


def expected_rows(told: Iterable[Told]) -> dict[str, bytes]:
    """Return the last value of every window row, by the pure functions alone."""
    scorer = Scorer()
    hop = ScoringHop(scorer, VIEWER_KEY, Versions(*scorer.versions))
    fold = PartitionFold(FoldSettings())
    rows: dict[str, bytes] = {}
    offsets: dict[str, int] = {}
    for number, one in enumerate(told):
        offset = offsets[one.topic] = offsets.get(one.topic, -1) + 1
        fold.apply(number, hop.score(one.event, Place(one.topic, 0, offset)))
        if number % 1_000 == 999:
            fold.advance()
            rows |= {key: row for key, row in fold.take_changed() if row is not None}
    fold.advance()
    rows |= {key: row for key, row in fold.take_changed() if row is not None}
    return rows


def produce(settings: Settings, told: Iterable[Told]) -> None:
    """Produce the events as a foreign client does, and wait until all are confirmed."""
    produce_raw(settings, ((one.topic, one.key.encode(), encode_raw(one.event)) for one in told))


def produce_raw(
    settings: Settings, records: Iterable[tuple[str, bytes | None, bytes | None]]
) -> None:
    """Produce bytes to topics (named without the prefix)."""
    producer = Producer(
        {
            "bootstrap.servers": settings.broker,
            "partitioner": "murmur2_random",  # As Java's: librdkafka's own default is CRC32.
            "enable.idempotence": True,
            "linger.ms": 5,
            "queue.buffering.max.messages": 200_000,
            "log_level": 0,
        }
    )
    failures: list[str] = []
    for topic, key, value in records:
        producer.produce(
            settings.topic_prefix + topic,
            value,
            key,
            on_delivery=lambda error, _: failures.append(str(error)) if error else None,
        )
        producer.poll(0)
    assert producer.flush(WAIT_SECONDS) == 0
    assert not failures, failures[:3]


def read(settings: Settings, topic: str) -> list[Message]:
    """Return all that a topic holds by now, partition by partition in log order."""
    messages = messages_of(settings, topic)
    return sorted(messages, key=lambda message: (message.partition(), message.offset()))


def messages_of(settings: Settings, topic: str) -> Iterator[Message]:
    """Yield all that a topic holds by now, each partition in log order."""
    consumer = Consumer(
        {
            "bootstrap.servers": settings.broker,
            "group.id": "none",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    name = settings.topic_prefix + topic
    try:
        unread: dict[int, int] = {}  # Partition -> its end.
        begin: list[TopicPartition] = []
        for partition in consumer.list_topics(name, timeout=10).topics[name].partitions:
            first, end = _bounds(consumer, TopicPartition(name, partition))
            if first < end:
                unread[partition] = end
                begin.append(TopicPartition(name, partition, first))
        if begin:
            consumer.assign(begin)
        deadline = time.monotonic() + WAIT_SECONDS
        while unread:
            assert time.monotonic() < deadline, f"{name} gives nothing more: {unread}"
            for message in consumer.consume(5_000, timeout=0.2):
                assert message.error() is None, message.error()
                partition, offset = message.partition(), message.offset()
                if offset < unread.get(partition, 0):
                    deadline = time.monotonic() + WAIT_SECONDS
                    yield message
                    if offset == unread[partition] - 1:
                        del unread[partition]
    finally:
        consumer.close()


def _bounds(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """Return the first and the end offset; a broker just started has no leaders at once."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return consumer.get_watermark_offsets(partition, timeout=10)
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def window_rows(settings: Settings) -> dict[str, bytes]:
    """Return the row of every key, as readers see them: the highest `upto` wins."""
    rows: dict[str, tuple[int, bytes]] = {}
    for message in read(settings, "windows"):
        key = (message.key() or b"").decode()
        upto = int(dict(message.headers() or [])[UPTO_HEADER])
        if upto >= rows.get(key, (-1, b""))[0]:
            rows[key] = (upto, message.value() or b"")
    return {key: value for key, (_, value) in rows.items()}


def wait_until(promise: Callable[[], bool], what: str) -> None:
    """Wait until `promise` holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not promise():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.2)


def is_whole(settings: Settings, expected: Mapping[str, bytes]) -> bool:
    """Return whether every expected key has its row and the rooms' totals are final."""
    rows = window_rows(settings)
    totals = [key for key in expected if key.endswith("|*|total")]
    return rows.keys() >= expected.keys() and all(rows[key] == expected[key] for key in totals)
