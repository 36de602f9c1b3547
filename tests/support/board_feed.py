"""What the board reads: window rows and scored comments, and how they come to Kafka."""

import socket

import msgspec
from confluent_kafka import Producer

from resonance.sentiment.scores import Friction, Sentiment
from resonance.streams.codec import encode_log
from resonance.streams.events import LogEvent, Place, ScoredComment, Versions
from resonance.streams.windows import UPTO_HEADER, WindowRow, encode_row, window_key

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


class Feed:
    """Writes to `windows` and `events` as the hops do, one confirmed record at a time."""

    def __init__(self, address: str, topic_prefix: str = "") -> None:
        self._producer = Producer({"bootstrap.servers": address, "log_level": 0})
        self._topic_prefix = topic_prefix

    def put(self, topic: str, key: str, value: bytes | None, *, upto: str | None = None) -> None:
        """Write one record and wait until the broker has it."""
        headers = None if upto is None else [(UPTO_HEADER, upto.encode())]
        self._producer.produce(self._topic_prefix + topic, value, key, headers=headers)
        assert self._producer.flush(10) == 0, f"the broker took no record for {topic}"

    def put_row(self, *rows: WindowRow, upto: int = 1) -> None:
        """Write rows as the engagement hop does."""
        for window in rows:
            self.put("windows", key_of(window), encode_row(window), upto=str(upto))

    def put_event(self, *events: LogEvent) -> None:
        """Write log events as the scoring hop does."""
        for event in events:
            self.put("events", "shop", encode_log(event))


def unused_port() -> int:
    """Return a port on loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
