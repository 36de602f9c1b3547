"""What a report says, as data: every part of it, before any of it is drawn or put in words."""

from typing import Final

import msgspec

from resonance.streams.measures import Share
from resonance.streams.report.compare import Difference
from resonance.streams.scoreboard.build import Scoreboard
from resonance.streams.spikes import Page

SCHEMA: Final = 1


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of the summary, and the numbers that it rests on."""

    text: str
    numbers: dict[str, float | int | str]


class Marker(msgspec.Struct, frozen=True):
    """Something the host or the platform did, on the time axis."""

    at_ms: int
    action: str
    label: str  # Product, price or text, cut short.


class Series(msgspec.Struct, frozen=True):
    """One market on the timeline: counts per step."""

    market: str
    comments: list[int]
    unmasked: list[int]
    negative: list[int]
    orders: list[int]


class Timeline(msgspec.Struct, frozen=True):
    """All markets on one grid, the room first, then by comments."""

    start_ms: int
    step_ms: int
    series: list[Series]
    left_out: int  # Markets that are too small to be drawn.
    markers: list[Marker]


class Quote(msgspec.Struct, frozen=True):
    """One comment, masked; nobody's name."""

    at_ms: int
    language: str
    text: str
    topics: tuple[str, ...]


class MomentFacts(msgspec.Struct, frozen=True):
    """One of the worst minutes of the stream."""

    market: str
    start_ms: int
    comments: int
    negative: int
    complaints: int
    bad: Share
    product: str | None  # On screen then.
    quotes: list[Quote]


class FrictionFacts(msgspec.Struct, frozen=True):
    """Friction of one category in one market, and the rule that explains it."""

    market: str
    category: str
    count: int
    n: int
    lift: float | None
    rule_id: str | None
    expectation: str | None
    source: str | None
    verified: bool


class OpenFacts(msgspec.Struct, frozen=True):
    """A question that was never answered."""

    market: str
    topic: str
    product: str
    text: str
    asks: int
    first_asked_ms: int
    waited_seconds: float  # Until it went stale or the stream ended.
    outcome: str  # stale, open


class QuestionFacts(msgspec.Struct, frozen=True):
    """How questions fared, and what the unanswered ones may have cost."""

    clusters: int
    answered: int
    answered_share: Share
    median_seconds: float | None
    p90_seconds: float | None
    answered_conversion: Share
    unanswered_conversion: Share
    # Buyers missed if unanswered askers had bought like answered ones; None without evidence.
    missed_buyers: float | None
    unanswered: list[OpenFacts]
    unanswered_left_out: int


class MarketFacts(msgspec.Struct, frozen=True):
    """One market: its summary, and purchases beside its mood."""

    market: str
    summary: dict[str, object]
    orders_per_minute_calm: float | None  # Outside of pages.
    orders_per_minute_paged: float | None  # While a page was on.


class PageFacts(msgspec.Struct, frozen=True):
    """What would have paged: today, by the rule of that day, and by the usual one."""

    rule_today: str
    today: list[Page]
    rule_that_day: str
    that_day: list[Page]
    rule_usual: str
    usual: list[Page]


class QualityFacts(msgspec.Struct, frozen=True):
    """How far the numbers can be trusted."""

    comments: int
    unknown_market: Share
    undetermined_language: Share
    late: Share
    too_late: int
    duplicates: int
    masked: int
    unscored: Share
    scorers: dict[str, int]


class Earlier(msgspec.Struct, frozen=True):
    """An earlier stream of the channel, to be compared with."""

    stream: str
    started_at_ms: int
    comments: int
    commenters: int
    negative_share: float | None
    orders: int
    answered_share: float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a post-mortem shows. A function of the log, the settings and the version."""

    schema: int = SCHEMA
    stream: str
    channel: str
    platform: str
    started_at_ms: int
    ended_at_ms: int
    what_happened: list[Sentence]
    room: dict[str, object]
    markets: list[MarketFacts]
    timeline: Timeline
    moments: list[MomentFacts]
    complaint_topics: dict[str, dict[str, int]]  # Market -> topic -> complaints.
    friction: list[FrictionFacts]
    questions: QuestionFacts
    repeat_viewers: int
    returned_viewers: int | None  # None: without earlier streams at hand.
    scoreboards: list[Scoreboard]  # The four V of the room, then of its markets by size.
    pages: PageFacts
    quality: QualityFacts
    earlier: list[Earlier]
    against: str | None  # The stream that this one was held against.
    differences: list[Difference]
    currency_digits: dict[str, int]
