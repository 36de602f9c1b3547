"""The resonance score: does this market's crowd come, does it like it, does it come back?

40 · breadth + 30 · warmth + 30 · return, after Stream Chat Summary's 40/40/20. Breadth and return
are held against the market's own past streams, so a score says nothing where there are none.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from resonance.streams.measures import net_sentiment, unmasked_comments
from resonance.streams.scoreboard.measure import LEAST_EVIDENCE
from resonance.streams.windows import WindowRow

BREADTH_POINTS: Final = 40
WARMTH_POINTS: Final = 30
RETURN_POINTS: Final = 30
PAST_QUANTILE: Final = 0.95
LEAST_PAST_STREAMS: Final = 2


class PastMarket(msgspec.Struct, frozen=True):
    """A market in an earlier stream of the channel."""

    commenters: int
    returned: int | None  # Of them, who had been there before; None: nobody could be found again.
    points: dict[str, float] = {}  # Of each V that had evidence, without any past of its own.


class Resonance(msgspec.Struct, frozen=True, kw_only=True):
    """The score and its parts, each of them from 0 to 1; None where it is not known."""

    score: float | None
    breadth: float | None
    warmth: float | None
    returning: float | None
    past_streams: int  # That breadth is held against.


def resonance(row: WindowRow, returned: int | None, past: Sequence[PastMarket]) -> Resonance:
    """Return a market's score from its total, its returned viewers and its earlier streams."""
    breadth = _breadth(row, past)
    warmth = warmth_of(row)
    returning = _returning(row, returned, past)
    score = None
    if breadth is not None and warmth is not None and returning is not None:
        score = round(
            BREADTH_POINTS * breadth + WARMTH_POINTS * warmth + RETURN_POINTS * returning, 1
        )
    return Resonance(
        score=score, breadth=breadth, warmth=warmth, returning=returning, past_streams=len(past)
    )


def warmth_of(row: WindowRow) -> float | None:
    """Return (net sentiment + 100) / 200, or None under 30 comments."""
    net = net_sentiment(row)
    if net is None or unmasked_comments(row) < LEAST_EVIDENCE["comments"]:
        return None
    return round((net + 100) / 200, 4)


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile of some values, read between them (Hyndman and Fan's type 7).

    >>> quantile([1, 2, 3, 4, 5], 0.95)
    4.8
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _breadth(row: WindowRow, past: Sequence[PastMarket]) -> float | None:
    if len(past) < LEAST_PAST_STREAMS:
        return None
    usual = quantile([one.commenters for one in past], PAST_QUANTILE)
    return round(min(row.commenters / usual, 1.0), 4) if usual > 0 else None


def _returning(row: WindowRow, returned: int | None, past: Sequence[PastMarket]) -> float | None:
    rates = [
        one.returned / one.commenters
        for one in past
        if one.returned is not None and one.commenters >= LEAST_EVIDENCE["commenters"]
    ]
    if (
        returned is None
        or row.commenters < LEAST_EVIDENCE["commenters"]
        or len(rates) < LEAST_PAST_STREAMS
    ):
        return None
    usual = quantile(rates, PAST_QUANTILE)
    return round(min(returned / row.commenters / usual, 1.0), 4) if usual > 0 else None
