"""A market's totals -> its four V: Variation, Versatility, Value, Vibration.

After the paper that Resonance grew from (4V marketing theory in cross-border live commerce).
What is scored, what 50 points are and what is shown alone stands in docs/measures.md.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import median
from typing import Final, Literal

import msgspec

from resonance.streams.measures import (
    Z_95,
    answer_time_seconds,
    friction_lift,
    share,
    unmasked_comments,
)
from resonance.streams.replaying.questions import QuestionOutcome
from resonance.streams.scoreboard.measure import (
    Measure,
    Points,
    few,
    many,
    shown,
    soon,
    together,
    within,
)
from resonance.streams.scoreboard.resonance import (
    LEAST_PAST_STREAMS,
    PastMarket,
    Resonance,
    resonance,
)
from resonance.streams.windows import ROOM, FrictionSum, WindowRow

VName = Literal["variation", "versatility", "value", "vibration"]

# How much is worth 50 points: per hundred of what the measure says, or seconds.
HALF_PRODUCT_REQUESTS: Final = 20.0
HALF_HARD_SELL: Final = 5.0
HALF_REFUNDS: Final = 10.0
HALF_COPIES: Final = 20.0
HALF_ANSWER_SECONDS: Final = 120.0
HALF_COMPLAINTS: Final = 10.0
HALF_CANCELLATIONS: Final = 10.0
HALF_COLLISIONS: Final = 5.0

SURROUNDING_TOPICS: Final = ("shipping", "customs_tax", "payment", "returns", "quality")
HOW_TO_TOPICS: Final = frozenset({"usage", "size_units", "stock"})
COLLIDING: Final = ("language_barrier", "taboo_etiquette", "trust_counterfeit")
_NO_FRICTION: Final = FrictionSum(0, 0)


class Usual(msgspec.Struct, frozen=True):
    """What a V has been in the channel's last streams: the median of those that had evidence."""

    points: float
    streams: int


class V(msgspec.Struct, frozen=True, kw_only=True):
    """One of the four: a score of 1 to 100 and all that it rests on."""

    name: VName
    score: Points | None  # None: too little evidence.
    usual: Usual | None  # None: no past of at least two streams that compares.
    measures: list[Measure]


class Scoreboard(msgspec.Struct, frozen=True, kw_only=True):
    """The four V of one market, or of the room."""

    market: str
    four: list[V]
    resonance: Resonance
    returned_viewers: int | None  # Seen on an earlier stream of the channel; None: not known.


def scoreboard(
    row: WindowRow,
    room: WindowRow,
    questions: Sequence[QuestionOutcome] | None = None,
    *,
    returned: int | None = None,
    past: Sequence[PastMarket] = (),
) -> Scoreboard:
    """Return the four V of a market's total `row`; give the room's twice for the room itself.

    `questions`: what became of all the stream's questions, where that is known. `returned`: the
    market's viewers who had been on an earlier stream. `past`: the market in the channel's earlier
    streams.
    """
    felt = resonance(row, returned, past)
    parts: dict[VName, list[Measure]] = {
        "variation": _variation(row),
        "versatility": _versatility(row, questions),
        "value": _value(row),
        "vibration": _vibration(row, room, felt, returned),
    }
    four = [
        V(name=name, score=together(found), usual=_usual(name, felt, past), measures=found)
        for name, found in parts.items()
    ]
    return Scoreboard(market=row.market, four=four, resonance=felt, returned_viewers=returned)


def points_of(found: Scoreboard) -> dict[str, float]:
    """Return the points of each V that has evidence."""
    return {v.name: v.score.at for v in found.four if v.score is not None}


def _usual(name: VName, felt: Resonance, past: Sequence[PastMarket]) -> Usual | None:
    if name == "vibration" and felt.score is not None:
        return None  # Theirs rest on warmth, as they know no past: another scale.
    points = [one.points[name] for one in past if name in one.points]
    if len(points) < LEAST_PAST_STREAMS:
        return None
    return Usual(round(median(points), 1), len(points))


def _variation(row: WindowRow) -> list[Measure]:
    """Are we offering what this market wants, or a copied script?"""
    orders = row.purchases.get("paid", 0)
    viewers = sum(row.scorers.values())
    hard_sell = row.friction.get("hard_sell", _NO_FRICTION)
    return [
        few(
            "product_requests",
            row.signals.get("product_request", 0),
            row.commenters,
            of="commenters",
            half=HALF_PRODUCT_REQUESTS,
        ),
        _friction("hard_sell", hard_sell, row, HALF_HARD_SELL),
        few("refunds", row.purchases.get("refunded", 0), orders, of="orders", half=HALF_REFUNDS),
        few(
            "copied_comments",
            row.masked.get("duplicate", 0),
            viewers,
            of="comments",
            half=HALF_COPIES,
        ),
    ]


def _versatility(row: WindowRow, questions: Sequence[QuestionOutcome] | None) -> list[Measure]:
    """Do viewers learn how it works, and whether it is for them?"""
    answers = sum(row.answer_seconds.values())
    # Rows of other versions must not stop a reader: whatever was answered had been asked.
    opened = max(row.questions_opened, row.questions_answered)
    found = [
        many("answered", share(row.questions_answered, opened), of="questions"),
        soon(
            "time_to_answer",
            _median_seconds(row, answers),
            answers,
            of="answers",
            half=HALF_ANSWER_SECONDS,
        ),
    ]
    return found if questions is None else [*found, _how_to(row.market, questions)]


def _how_to(market: str, questions: Sequence[QuestionOutcome]) -> Measure:
    """Return how many questions on usage, size and stock were answered."""
    asked = [
        one for one in questions if one.topic in HOW_TO_TOPICS and market in {one.market, ROOM}
    ]
    answered = sum(one.outcome == "answered" for one in asked)
    return many("how_to_answered", share(answered, len(asked)), of="questions")


def _value(row: WindowRow) -> list[Measure]:
    """Does what surrounds the product hold up?"""
    complaints = {topic: row.complaint_topics.get(topic, 0) for topic in SURROUNDING_TOPICS}
    orders = row.purchases.get("paid", 0)
    by_topic = [
        shown(f"{topic}_complaints", count, row.commenters, of="commenters")
        for topic, count in complaints.items()
        if count
    ]
    return [
        few(
            "complaints",
            sum(complaints.values()),
            row.commenters,
            of="commenters",
            half=HALF_COMPLAINTS,
        ),
        *by_topic,
        few(
            "cancellations",
            row.purchases.get("cancelled", 0),
            orders,
            of="orders",
            half=HALF_CANCELLATIONS,
        ),
    ]


def _vibration(
    row: WindowRow, room: WindowRow, felt: Resonance, returned: int | None
) -> list[Measure]:
    """Does the room come along, and do cultures not collide?"""
    n = unmasked_comments(row)
    colliding = [row.friction.get(category, _NO_FRICTION) for category in COLLIDING]
    collisions = FrictionSum(sum(f.count for f in colliding), sum(f.severity for f in colliding))
    lifts = friction_lift(row, room) if row.market != ROOM else {}
    if returned is None or returned > row.commenters:  # Nothing is known of them.
        back = share(0, 0)
    else:
        back = share(returned, row.commenters)
    return [
        _mood(row, felt),
        _friction("collisions", collisions, row, HALF_COLLISIONS),
        *(
            Measure(
                name=f"{category}_lift", value=lifts[category], unit="times", n=n, of="comments"
            )
            for category in COLLIDING
            if category in lifts
        ),
        Measure(
            name="returned_viewers",
            value=back.value,
            unit="share",
            n=back.n,
            of="commenters",
        ),
    ]


def _mood(row: WindowRow, felt: Resonance) -> Measure:
    """Return the resonance score where it is known, and else its warmth, which needs no past."""
    if felt.score is not None:
        points = Points(within(felt.score), within(felt.score), within(felt.score))
        return Measure(
            name="resonance",
            value=felt.score,
            unit="points",
            n=felt.past_streams,
            of="streams",
            points=points,
        )
    n = unmasked_comments(row)
    if felt.warmth is None:
        return Measure(name="warmth", value=None, unit="share", n=n, of="comments")
    positive, negative = (row.sentiment.get(mood, 0) / n for mood in ("positive", "negative"))
    # Of a mean of +1, 0 and -1; halved, as warmth goes from 0 to 1.
    spread = Z_95 * sqrt(max(positive + negative - (positive - negative) ** 2, 0) / n) / 2
    ends = (felt.warmth, felt.warmth - spread, felt.warmth + spread)
    points = Points(*(within(100 * end) for end in ends))
    return Measure(
        name="warmth", value=felt.warmth, unit="share", n=n, of="comments", points=points
    )


def _friction(name: str, found: FrictionSum, row: WindowRow, half: float) -> Measure:
    """Return a measure of severities per hundred comments."""
    severity = found.severity / found.count if found.count else 1.0
    n = unmasked_comments(row)
    measure = few(name, found.count, n, of="comments", half=half, weight=severity)
    return msgspec.structs.replace(measure, unit=f"severity {measure.unit}")


def _median_seconds(row: WindowRow, answers: int) -> tuple[float, float, float] | None:
    """Return the median time to answer, and the ends of its interval by order statistics."""
    median = answer_time_seconds(row, 0.5)
    if median is None:
        return None
    reach = Z_95 / 2 / sqrt(answers)
    low = answer_time_seconds(row, max(0.5 - reach, 0.0))
    high = answer_time_seconds(row, min(0.5 + reach, 1.0))
    return median, median if low is None else low, median if high is None else high
