"""Seeded streams of shops: comments, purchases and stage events, with what goes wrong in them.

A draft has no times yet, only when it arrives and how late it is then: a recording is stamped with
times of long ago, a live stream with the clock at sending.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from resonance.streams.events import Comment, OrderLine, Purchase, RawEvent, Stage

LONG_AGO_MS: Final = 1_700_000_000_000
ON_TIME_MS: Final = 2_500  # How far an event on time may lag: less than any lateness that is set.
TEXTS: Final = tuple(
    """love it so much
when does it ship to Germany?
too expensive, customs fees again
is it authentic?
my order never arrived, I want a refund
wow
size M please
what size should I take?
does it come in blue?
this is fake, scam shop
cuánto cuesta el envío?
me encanta, lo quiero
está roto, quiero mi dinero
めっちゃ可愛い
送料はいくらですか？
サイズはありますか
bagus banget kak
ongkirnya berapa kak?
barang palsu ya?
quanto custa o frete?
adorei, muito lindo
wie lange dauert der Versand?
schlechte Qualität, nie wieder
combien pour la livraison ?
c'est trop cher
how do I use it?
can I pay cash on delivery?
+1
hello from Ohio
the host is rude""".splitlines()
)
MARKETS: Final = ("US", "DE", "MX", "JP", "ID")
LANGUAGES: Final = ("en", "de", "es", "ja", "id")
CURRENCIES: Final = ("USD", "EUR", "JPY")
PRODUCTS: Final = ("mug", "scarf", "lamp")
PLATFORM: Final = "test"


class Draft(NamedTuple):
    """An event before it has a time."""

    at_ms: int  # When it arrives, from the stream's start.
    late_ms: int  # Before then it occurred so long.
    topic: str
    key: str
    event: RawEvent
    copy: bool = False  # The platform sends it again, byte for byte.


class Told(NamedTuple):
    """An event as it was sent: its copies, too, each an entry of its own."""

    topic: str
    key: str
    event: RawEvent


def stamped(draft: Draft, ingested_ms: int) -> RawEvent:
    """Return the draft's event with its times."""
    return replace(
        draft.event, ingested_at_ms=ingested_ms, occurred_at_ms=ingested_ms - draft.late_ms
    )


@dataclass
class Stream:
    """What one stream is like; `drafts` is the same for the same values."""

    name: str
    comments: int
    seed: int = 1
    live: bool = False
    minutes: float = 40.0
    viewers: int = 400
    by_viewer: bool = False  # Spread over all partitions, as a giant stream is.
    partitions: int = 4
    copies: float = 0.02
    late: float = 0.007
    too_late: float = 0.003
    jitter_ms: int = 0  # Of events on time: they arrive out of order by as much.
    allowed_lateness_ms: int = 3_000
    channel: str = ""
    unstreamed: bool = False  # Some purchases name no stream and join the channel's live one.
    bursts: bool = True
    skews: tuple[int, ...] = ()  # Latenesses of broken clocks, in ms, of a tenth of the events.
    texts: tuple[str, ...] = TEXTS
    varieties: int = 40  # Of each text.
    declared: tuple[str, ...] = MARKETS
    declaring: float = 0.08
    languages: tuple[str, ...] = ()  # Names that a twentieth of the comments give the stream's.
    chapter: int | None = None  # One piece of a long stream: without markers, with ids of its own.
    told: list[Told] = field(default_factory=list, repr=False)

    def drafts(self) -> list[Draft]:
        """Return all that the stream sends, in the order of arrival."""
        return _Writer(self).write()


class _Writer:
    """Writes one stream, event by event."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._dice = random.Random(f"{stream.name}/{stream.seed}/{stream.chapter}")
        self._step_ms = stream.minutes * 60_000 / max(1, stream.comments)
        self._shop = stream.channel or f"shop-{stream.name}"
        self._written: list[Draft] = []
        self._questions: list[str] = []
        self._orders: list[str] = []

    def write(self) -> list[Draft]:
        stream = self._stream
        for number in range(stream.comments):
            at_ms = 1_000 + int(number * self._step_ms)
            self._comment(number, at_ms)
            if stream.bursts and number % 5_000 == 2_500:
                self._burst(number, at_ms)
            if self._dice.random() < 0.02:
                self._purchase(number, at_ms)
            self._stages(number, at_ms)
        return self._between_markers()

    def _add(self, at_ms: int, topic: str, event: RawEvent, late_ms: int | None = None) -> None:
        stream, dice = self._stream, self._dice
        spread = stream.by_viewer and isinstance(event, Comment)
        key = event.viewer_id if spread else self._shop
        may_be_late = late_ms is None and topic != "stage" and at_ms > 5_000
        chance = dice.random() if may_be_late else 1.0
        if chance < stream.too_late:
            late_ms = dice.randrange(601_000, 3_000_000)
        elif chance < stream.too_late + stream.late:
            late_ms = dice.randrange(stream.allowed_lateness_ms + 1_000, 480_000)
        elif late_ms is None:
            late_ms = dice.randrange(stream.jitter_ms + 1) if topic != "stage" else 0
        if may_be_late and stream.skews and dice.random() < 0.1:
            late_ms = dice.choice(stream.skews)
        draft = Draft(at_ms, late_ms, topic, key, event)
        self._written.append(draft)
        if late_ms < 600_000 and topic != "stage":
            for _ in range(int(stream.copies + dice.random())):
                last_ms = int(stream.minutes * 60_000) + 2_000
                again_ms = max(at_ms, min(at_ms + dice.randrange(1, 30_000), last_ms))
                self._written.append(draft._replace(at_ms=again_ms, copy=True))

    def _envelope(self, event_id: str) -> dict[str, Any]:
        stream, times = self._stream, {"occurred_at_ms": 0, "ingested_at_ms": 0}
        place = "" if stream.chapter is None else f"{stream.chapter}-"
        unique = f"{stream.name}-{place}{event_id}"
        return {"id": unique, "platform": PLATFORM, "channel": self._shop, **times}

    def _comment(self, number: int, at_ms: int) -> None:
        dice, name = self._dice, self._stream.name
        staff = dice.random() < 0.03
        viewer = dice.randrange(self._stream.viewers)
        text = f"{dice.choice(self._stream.texts)} {dice.randrange(self._stream.varieties)}"
        replies = staff and self._questions and dice.random() < 0.4
        comment = Comment(
            **self._envelope(f"c{number}"),
            stream=name,
            viewer_id="host" if staff else f"viewer-{viewer}",
            role=dice.choice(("host", "moderator")) if staff else "viewer",
            text=text,
            market=self._declared(viewer) if not staff else None,
            stream_markets=MARKETS[:3],
            stream_languages=self._languages(),
            reply_to=self._questions.pop() if replies else None,
            product=dice.choice(PRODUCTS) if dice.random() < 0.05 else None,
        )
        if "?" in text and not staff:
            self._questions.append(comment.id)
        self._add(at_ms, "comments", comment)

    def _declared(self, viewer: int) -> str | None:
        """Return what the comment says of its viewer's market, as a few do."""
        said = self._stream.declared
        return said[viewer % len(said)] if self._dice.random() < self._stream.declaring else None

    def _languages(self) -> tuple[str, ...]:
        invented = self._stream.languages
        if invented and self._dice.random() < 0.05:
            return tuple(self._dice.choices(invented, k=2))
        return LANGUAGES

    def _burst(self, number: int, at_ms: int) -> None:
        for copy in range(80):
            comment = Comment(
                **self._envelope(f"b{number}-{copy}"),
                stream=self._stream.name,
                viewer_id=f"viewer-{copy % self._stream.viewers}",
                text="mine mine mine",
                stream_markets=MARKETS[:3],
            )
            self._add(at_ms, "comments", comment)

    def _purchase(self, number: int, at_ms: int) -> None:
        dice, stream = self._dice, self._stream
        viewer = dice.randrange(stream.viewers)
        state = dice.choice(("paid", "paid", "paid", "cancelled", "refunded"))
        inside = 0.1 < number / stream.comments < 0.9
        unstreamed = stream.unstreamed and inside and dice.random() < 0.2
        purchase = Purchase(
            **self._envelope(f"p{number}"),
            stream=None if unstreamed else stream.name,
            order_id=f"order-{self._stream.chapter}-{number}",
            state=state,
            lines=(OrderLine("mug", dice.randrange(1, 4), 900),),
            amount_minor=dice.randrange(500, 9_000),
            currency=dice.choice(CURRENCIES),
            viewer_id=f"viewer-{viewer}" if dice.random() < 0.9 else None,
            market=MARKETS[viewer % 5] if dice.random() < 0.5 else None,
        )
        self._add(at_ms, "purchases", purchase, 0 if unstreamed else None)

    def _stages(self, number: int, at_ms: int) -> None:
        place = number % 1_000
        actions: dict[int, dict[str, Any]] = {
            100: {"action": "product_shown", "product": PRODUCTS[number // 1_000 % 3]},
            300: {"action": "giveaway_started"},
            340: {"action": "giveaway_ended"},
            450: {"action": "caption", "text": "shipping is free, and it is authentic"},
            500: {"action": "viewers", "viewers": 100 + number},
            600: {"action": "vote_started"},
            620: {"action": "vote_ended"},
            700: {"action": "comment_deleted", "target_id": f"{self._stream.name}-c{number - 5}"},
            800: {"action": "product_removed", "product": PRODUCTS[number // 1_000 % 3]},
        }
        if place in actions:
            self._add(at_ms, "stage", self._stage(f"s{number}", **actions[place]), 0)

    def _stage(self, event_id: str, **fields: Any) -> Stage:
        return Stage(**self._envelope(event_id), stream=self._stream.name, **fields)

    def _between_markers(self) -> list[Draft]:
        stream = self._stream
        drafts = sorted(self._written, key=lambda draft: draft.at_ms)
        if stream.chapter is not None:
            return drafts
        bounds: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        if not stream.live:
            counts = {"comments": 0, "purchases": 0, "stage": 2}
            for draft in drafts:
                counts[draft.topic] += 1
            counts = {topic: count for topic, count in counts.items() if count}
            spread = stream.partitions if stream.by_viewer else 1
            sources = {topic: spread if topic == "comments" else 1 for topic in counts}
            bounds = ({"sources": sources}, {"counts": counts})
        last_ms = (drafts[-1].at_ms if drafts else 0) + 1_000
        started = self._stage("started", action="started", stream_markets=MARKETS[:3], **bounds[0])
        ended = self._stage("ended", action="ended", **bounds[1])
        first = Draft(0, 0, "stage", self._shop, started)
        return [first, *drafts, Draft(last_ms, 0, "stage", self._shop, ended)]


def merged(streams: Iterable[Stream]) -> Iterator[tuple[Stream, Draft]]:
    """Yield the drafts of all streams, interleaved by their share, each stream's in its order."""
    entries: list[tuple[float, int, Stream, Draft]] = []
    for place, stream in enumerate(streams):
        drafts = stream.drafts()
        entries += [(n / len(drafts), place, stream, draft) for n, draft in enumerate(drafts)]
    entries.sort(key=lambda entry: entry[:2])  # Stable: a stream's own order stays.
    for _, _, stream, draft in entries:
        yield stream, draft
