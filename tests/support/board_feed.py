"""What the board reads: window rows and scored comments, and an embedded broker to put them on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from confluent_kafka import Producer
from resonance.sentiment.scores import Friction, Sentiment
from resonance.streams.codec import encode_log
from resonance.streams.events import LogEvent, Place, ScoredComment, Versions
from resonance.streams.windows import WindowRow, encode_row, window_key

START_MS = 1_760_000_000_000


def row(market: str = "DE", *, stream: str = "s1", **fields: object) -> WindowRow:
    """Return a row from plain values."""
    return msgspec.convert({"stream": stream, "market": market, **fields}, WindowRow)


def room(**fields: object) -> WindowRow:
    """Return the room's total of a stream that has run for two minutes."""
    times = {"started_at_ms": START_MS, "watermark_ms": START_MS + 120_000}
    return row("*", **{**times, **fields})


def key_of(window: WindowRow) -> str:
    """Return the row's key in `windows`."""
    return window_key(window.stream, window.market, window.start_ms)


def comment(text: str, market: str = "DE", **fields: object) -> ScoredComment:
    """Return a scored comment with the fields that matter to a test."""
    values: dict[str, object] = {
        "id": f"c-{text[:40]}",
        "platform": "youtube",
        "channel": "shop",
        "occurred_at_ms": START_MS,
        "ingested_at_ms": START_MS,
        "stream": "s1",
        "viewer": "00000000000000a1",
        "text": text,
        "text_key": 1,
        "market": market,
        "market_source": "declared",
        "language": "en",
        "sentiment": Sentiment(0.0, 1.0, 0.0),
        "scorer": "rules",
        "versions": Versions("0", "rules", "0"),
        "place": Place("comments", 0, 0),
    }
    return ScoredComment(**{**values, **fields})  # type: ignore[arg-type]


def friction(category: str) -> Friction:
    """Return a friction found in a comment."""
    return msgspec.convert({"category": category, "severity": 2, "evidence": "…"}, Friction)


class EmbeddedKafka:
    """librdkafka's broker within this process: real protocol, in memory, gone at the end."""

    def __init__(self) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": "nowhere:1",
                "test.mock.num.brokers": 1,
                "log_level": 0,
            }
        )
        [broker] = self._producer.list_topics(timeout=10).brokers.values()
        self.address = f"{broker.host}:{broker.port}"
        for topic in ("windows", "events"):  # Asked for once, a topic is there.
            self._producer.list_topics(topic, timeout=10)

    def put(
        self, topic: str, key: str, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> None:
        """Write one record and wait until the broker has it."""
        self._producer.produce(topic, value, key, headers=headers)
        if self._producer.flush(10):
            message = f"the embedded broker took no record for {topic}"
            raise RuntimeError(message)

    def put_row(self, window: WindowRow, upto: int = 1) -> None:
        """Write a row as the engagement hop does."""
        self.put("windows", key_of(window), encode_row(window), [("upto", b"%d" % upto)])

    def put_event(self, event: LogEvent) -> None:
        """Write a log event as the scoring hop does."""
        self.put("events", "shop", encode_log(event), [])


@contextmanager
def embedded_kafka() -> Iterator[EmbeddedKafka]:
    """Yield an embedded broker."""
    yield EmbeddedKafka()


def told(body: str) -> object:
    """Return the value of a JSON text."""
    return json.loads(body)
