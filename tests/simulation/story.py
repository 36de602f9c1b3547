"""What the platforms send in one schedule: two streams of an imagined shop, and its mishaps."""

from random import Random
from typing import Any, NamedTuple

from msgspec.structs import replace

from resonance.agents.broker.topology import key_partition
from resonance.sentiment.score import Request
from resonance.sentiment.scores import Friction, Score, Sentiment
from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment, Purchase, RawEvent, Stage
from simulation.plan import Tale

START_MS = 1_700_000_004_900  # So that the last of it ends a bucket.
LENGTH_MS = 4_000
LATE_MS = 700_000  # Past the bound of 10 minutes.
OVERSIZED = "far too lo" + 250 * "o" + "ng"
POISON = (b"{", b"\xff", None, b'{"kind": "comment", "v": 1}')

MOODS = (Sentiment(0.8, 0.1, 0.1), Sentiment(0.1, 0.8, 0.1), Sentiment(0.1, 0.1, 0.8))
SCORES = {
    "love it": Score(1, "en", MOODS[2], (), (), (), "rules"),
    "wow": Score(2, "en", MOODS[1], (), (), (), "rules"),
    "never arrived": Score(3, "en", MOODS[0], ("complaint",), ("shipping",), (), "rules"),
    "shipping?": Score(4, "en", MOODS[1], ("question",), ("shipping",), (), "rules"),
    "wie groß?": Score(5, "de", MOODS[1], ("question",), (), (), "rules"),
    "we ship on Monday": Score(6, "en", MOODS[1], (), ("shipping",), (), "rules"),
    OVERSIZED: Score(7, "en", MOODS[0], (), (), (Friction("hard_sell", 1, "far"),), "rules"),
}
VIEWER_TEXTS = ("love it", "wow", "wow", "never arrived", "shipping?", "wie groß?")
MARKETS = ("US", None)


class FixedScorer:
    """Knows the score of every text by heart: what scoring costs is not the question here."""

    def score_all(self, requests: list[Request]) -> list[Score]:
        """Return the scores."""
        return [SCORES[request.text] for request in requests]


class Sent(NamedTuple):
    """One record that a platform's follower or an importer sends."""

    at_ms: int  # Since the schedule's start.
    topic: str
    partition: int
    key: bytes
    value: bytes | None
    event: RawEvent | None  # None: poison.
    fate: str  # counted, duplicate, too_late, refused, poison.


class Teller:
    """Makes up the story of a tale."""

    def __init__(self, tale: Tale) -> None:
        self._tale = tale
        self._random = Random(f"story {tale.story}")
        self._sent: list[Sent] = []

    def tell(self) -> list[Sent]:
        """Return the story: both streams, what belongs to none, everything in order of time."""
        events = self._tale.events
        half = events // 2
        self._live("live-a", "shop-a", events - half)
        (self._bounded if self._tale.bounded else self._live)("live-b", "shop-b", half)
        self._sent.sort(key=lambda sent: sent.at_ms)
        return self._sent

    def _live(self, stream: str, channel: str, events: int) -> None:
        times = sorted(self._random.randrange(700, LENGTH_MS) for _ in range(events - 2))
        if self._random.random() < 0.8:  # Not every platform tells of a start.
            self._stage(stream, channel, 500, "started", stream_markets=("US",))
        for number, at_ms in enumerate(times):
            self._anything(f"{stream}-{number}", stream, channel, at_ms)
        self._stage(stream, channel, LENGTH_MS + 1_000, "ended")
        self._repeat(stream)

    def _bounded(self, stream: str, channel: str, events: int) -> None:
        """Send a file: its events are of another day, and come as fast as they can be read."""
        counts = {"comments": 0, "purchases": 0, "stage": 2}
        spread = self._tale.spread and self._tale.partitions > 1
        at_ms, told = 300, []
        for number in range(events - 3):
            name = f"{stream}-{number}"
            history_ms = -3_600_000 + number * 250
            if self._random.random() < 0.85:
                told.append(self._comment(name, stream, channel, history_ms, history_ms))
            else:
                told.append(self._purchase(name, stream, channel, history_ms, history_ms))
        # What was recorded twice follows itself, as importers sort.
        twice = self._random.randrange(len(told))
        told.insert(twice, told[twice])
        for event in told:
            counts["comments" if isinstance(event, Comment) else "purchases"] += 1
        counts = {topic: count for topic, count in counts.items() if count}
        parts = {
            topic: self._tale.partitions if topic == "comments" and spread else 1
            for topic in counts
        }
        if spread:
            used = {self._comment_partition(e) for e in told if isinstance(e, Comment)}
            parts["comments"] = len(used)
        first_ms, last_ms = -3_601_000, -3_600_000 + events * 250
        self._stage(stream, channel, at_ms, "started", occurred_ms=first_ms, sources=parts)
        seen: set[str] = set()
        for event in told:
            at_ms += self._random.randrange(0, 200)
            fate = "duplicate" if event.id in seen else "counted"
            seen.add(event.id)
            self._send(at_ms, event, fate)
        self._stage(stream, channel, at_ms, "ended", occurred_ms=last_ms, counts=counts)

    def _anything(self, name: str, stream: str, channel: str, at_ms: int) -> None:
        """Send something of a live stream."""
        random, tale = self._random, self._tale
        draw, fate, late_ms = random.random(), "counted", random.randrange(0, 2_500)
        if tale.late and random.random() < 0.25:
            late_ms = random.choice((3_001, 5_000, LATE_MS))
            fate = "too_late" if late_ms == LATE_MS else fate
        occurred_ms = at_ms - late_ms
        if tale.poison and draw < 0.06:
            self._poison(at_ms, channel)
        elif draw < 0.16:
            event = self._purchase(name, stream, channel, occurred_ms, at_ms)
            self._send(at_ms, event, fate)
        elif draw < 0.22:
            action = random.choice(("giveaway_started", "giveaway_ended", "product_shown"))
            product = random.choice(("mug", "tea"))
            self._stage(stream, channel, at_ms, action, occurred_ms, fate, product=product)
        else:
            event = self._comment(name, stream, channel, occurred_ms, at_ms)
            if tale.refused and fate == "counted" and random.random() < 0.05:
                event, fate = replace(event, text=OVERSIZED), "refused"
            self._send(at_ms, event, fate)

    def _repeat(self, stream: str) -> None:
        """Let the platform send some events of a live stream again, as on a reconnect."""
        known = [
            s for s in self._sent
            if s.fate == "counted" and isinstance(s.event, Comment) and s.event.stream == stream
        ]  # fmt: skip
        for sent in self._random.sample(known, k=min(len(known), self._random.randint(1, 3))):
            at_ms = sent.at_ms + self._random.randrange(500, 1_500)
            ingested_ms = START_MS + at_ms
            self._send(at_ms, replace(sent.event, ingested_at_ms=ingested_ms), "duplicate")

    def _comment(
        self, name: str, stream: str, channel: str, occurred_ms: int, ingested_ms: int
    ) -> Comment:
        random = self._random
        role = "host" if random.random() < 0.08 else "viewer"
        return Comment(
            id=name,
            platform="test",
            channel=channel,
            stream=stream,
            viewer_id=f"viewer-{random.randrange(9)}",
            role=role,
            text="we ship on Monday" if role == "host" else random.choice(VIEWER_TEXTS),
            market=random.choice(MARKETS),
            occurred_at_ms=START_MS + occurred_ms,
            ingested_at_ms=START_MS + ingested_ms,
        )

    def _purchase(
        self, name: str, stream: str, channel: str, occurred_ms: int, ingested_ms: int
    ) -> Purchase:
        random = self._random
        return Purchase(
            id=name,
            platform="test",
            channel=channel,
            stream=stream,
            order_id=f"order-{name}",
            state=random.choice(("paid", "paid", "refunded")),
            amount_minor=random.randrange(1, 5_000),
            currency="USD",
            viewer_id=random.choice((None, "viewer-1", "viewer-2")),
            market=random.choice(MARKETS),
            occurred_at_ms=START_MS + occurred_ms,
            ingested_at_ms=START_MS + ingested_ms,
        )

    def _stage(
        self,
        stream: str,
        channel: str,
        at_ms: int,
        action: str,
        occurred_ms: int | None = None,
        fate: str = "counted",
        **changes: Any,
    ) -> None:
        occurred_ms = at_ms if occurred_ms is None else occurred_ms
        event = Stage(
            id=f"{stream}-{action}-{at_ms}-{self._random.randrange(10**6)}",
            platform="test",
            channel=channel,
            stream=stream,
            action=action,
            occurred_at_ms=START_MS + occurred_ms,
            ingested_at_ms=START_MS + (occurred_ms if occurred_ms < -LATE_MS else at_ms),
            **changes,
        )
        self._send(at_ms, event, fate)

    def _poison(self, at_ms: int, channel: str) -> None:
        key = channel.encode()
        partition = key_partition(key, self._tale.partitions)
        value = self._random.choice(POISON)
        self._sent.append(Sent(at_ms, "comments", partition, key, value, None, "poison"))

    def _send(self, at_ms: int, event: RawEvent, fate: str) -> None:
        key = event.channel.encode()
        partition = key_partition(key, self._tale.partitions)
        topic = {Comment: "comments", Purchase: "purchases", Stage: "stage"}[type(event)]
        if isinstance(event, Comment):
            partition = self._comment_partition(event)
        value = encode_raw(event)
        self._sent.append(Sent(at_ms, topic, partition, key, value, event, fate))

    def _comment_partition(self, comment: Comment) -> int:
        spread = self._tale.spread
        key = comment.id if spread else comment.channel
        return key_partition(key.encode(), self._tale.partitions)
