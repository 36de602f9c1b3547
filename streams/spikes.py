"""When negative comments would have paged, from the window rows of a stream: pure, in event time.

The rule is the one of `deploy/prometheus`, asked every 10 s of the past instead of every few
seconds of the present: the low end of Wilson's interval of the negative share, in one minute, in
three or in half of one, above a floor and above twice the stream's own baseline. Rules have a
history, so that a post-mortem can hold the rule of that day against today's.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

import msgspec

from resonance.streams.measures import wilson_interval
from resonance.streams.windows import BUCKET_MS, ROOM, WindowRow

MINUTE_MS: Final = 60_000
HOLD_MS: Final = 180_000  # A page that stops and starts again within 3 min is one page.


class Window(msgspec.Struct, frozen=True):
    """How sure a window must be before it speaks."""

    authors: str  # The window of `WindowRow.authors` whose people are counted.
    span_ms: int
    z: float  # 0: the share itself instead of its lower bound.
    least_negative: int
    least_comments: int = 0


class SpikeRule(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the rule, and the day from which on it was in force."""

    name: str
    since: str  # ISO 8601 date, UTC.
    windows: tuple[Window, ...]  # One that speaks is enough.
    floor_ratio: float
    baseline_factor: float  # 0: no baseline.
    hold_buckets: int  # Buckets in a row before it pages.
    least_authors: int


# Held together with `deploy/prometheus/rules/sentiment.yml` by tests, the order of windows too, and
# that formula and rule page at the same moments when they are asked at the same ones.
OURS: Final = SpikeRule(
    name="wilson-1m-3m-30s",
    since="2026-11-29",
    windows=(
        Window("1m", MINUTE_MS, z=3.09, least_negative=5),
        Window("3m", 3 * MINUTE_MS, z=2.326, least_negative=8),
        # Nobody counts authors of half a minute: those of the minute around it.
        Window("1m", MINUTE_MS // 2, z=3.72, least_negative=6),
    ),
    floor_ratio=0.15,
    baseline_factor=2.0,
    hold_buckets=2,  # `for: 10s`: true, and still true ten seconds later.
    least_authors=3,
)
USUAL: Final = SpikeRule(
    name="usual-25-percent",
    since="1970-01-01",
    windows=(Window("", 2 * MINUTE_MS, z=0.0, least_negative=0, least_comments=30),),
    floor_ratio=0.25,
    baseline_factor=0.0,
    hold_buckets=4,  # `for: 30s`, as above.
    least_authors=0,
)
HISTORY: Final = (OURS,)  # Newest last. A rule that changes leaves its old form here.

BASELINE_MS: Final = 30 * MINUTE_MS
BASELINE_APART_MS: Final = 5 * MINUTE_MS  # So that a spike is not held against itself.
PRIOR_NEGATIVE: Final = 10  # Of `PRIOR_COMMENTS`: what a stream without a past is held against.
PRIOR_COMMENTS: Final = 100


class Page(msgspec.Struct, frozen=True):
    """One page of one market, and what it would have said."""

    market: str
    since_ms: int  # When it would have been sent.
    until_ms: int  # When the condition was last true.
    peak_share: float  # Highest negative share of the speaking window meanwhile.
    negative: int  # At that moment.
    comments: int  # Scored ones.


def rule_of(day: str, history: Sequence[SpikeRule] = HISTORY) -> SpikeRule:
    """Return the rule that was in force on an ISO 8601 day: before the first one, the first."""
    in_force = [rule for rule in history if rule.since <= day]
    return in_force[-1] if in_force else history[0]


def pages(
    rows: Iterable[WindowRow], rule: SpikeRule, floors: Mapping[str, float] | None = None
) -> list[Page]:
    """Return the pages that the rule would have sent for a stream's markets, in time order.

    `rows`: the stream's rows, in any order; those of the room and totals are passed over.
    `floors`: the floor of markets that have one of their own.
    """
    by_market: dict[str, dict[int, WindowRow]] = {}
    for row in rows:
        if row.start_ms is not None and row.market != ROOM:
            by_market.setdefault(row.market, {})[row.start_ms] = row
    found = [
        page
        for market, buckets in by_market.items()
        for page in _market_pages(market, buckets, rule, (floors or {}).get(market))
    ]
    return sorted(found, key=lambda page: (page.since_ms, page.market))


class _Series:
    """Scored comments and negatives of one market on a grid without holes, for sums over spans."""

    def __init__(self, buckets: Mapping[int, WindowRow]) -> None:
        self.start_ms = min(buckets)
        self.length = (max(buckets) - self.start_ms) // BUCKET_MS + 1
        self.rows = [buckets.get(self.start_ms + i * BUCKET_MS) for i in range(self.length)]
        # Like the rules: what nobody scored is neither negative nor not.
        comments = (_scored(row.sentiment) if row else 0 for row in self.rows)
        negative = (row.sentiment.get("negative", 0) if row else 0 for row in self.rows)
        self._comments = [0, *accumulate(comments)]
        self._negative = [0, *accumulate(negative)]

    def sums(self, first: int, end: int) -> tuple[int, int]:
        """Return negatives and comments of the buckets in [first, end)."""
        first, end = max(first, 0), max(end, 0)
        return (
            self._negative[end] - self._negative[first],
            self._comments[end] - self._comments[first],
        )


def _scored(sentiment: Mapping[str, int]) -> int:
    return sum(sentiment.values()) - sentiment.get("unscored", 0)


def _market_pages(
    market: str, buckets: Mapping[int, WindowRow], rule: SpikeRule, floor: float | None
) -> list[Page]:
    series = _Series(buckets)
    found: list[Page] = []
    in_a_row = 0
    for place in range(series.length):
        spoken = _speaks(series, place, rule, rule.floor_ratio if floor is None else floor)
        in_a_row = in_a_row + 1 if spoken else 0
        # A bucket is known when it has ended.
        now_ms = series.start_ms + (place + 1) * BUCKET_MS
        # As `keep_firing_for` does it: the hold begins a bucket after the last that spoke, and what
        # is still held goes on at once.
        is_held = bool(found) and now_ms - found[-1].until_ms <= HOLD_MS + BUCKET_MS
        if spoken is None or (in_a_row < rule.hold_buckets and not is_held):
            continue
        negative, comments = spoken
        share = round(negative / comments, 4)
        if is_held:
            page = found.pop()
            peak = max((page.peak_share, page.negative, page.comments), (share, negative, comments))
            found.append(Page(market, page.since_ms, now_ms, *peak))
        else:
            found.append(Page(market, now_ms, now_ms, share, negative, comments))
    return found


def _speaks(
    series: _Series, place: int, rule: SpikeRule, floor_ratio: float
) -> tuple[int, int] | None:
    """Return negatives and comments of the first window that speaks at the end of a bucket."""
    least = max(floor_ratio, rule.baseline_factor * _baseline(series, place + 1))
    row = series.rows[place]
    for window in rule.windows:
        negative, comments = series.sums(place + 1 - window.span_ms // BUCKET_MS, place + 1)
        if not comments or negative < window.least_negative or comments < window.least_comments:
            continue
        low = wilson_interval(negative, comments, window.z)[0] if window.z else negative / comments
        if low <= least:
            continue
        authors = row.authors.get(window.authors, {}).get("negative", 0) if row else 0
        if authors >= rule.least_authors:
            return negative, comments
    return None


def _baseline(series: _Series, end: int) -> float:
    last = end - BASELINE_APART_MS // BUCKET_MS
    negative, comments = series.sums(last - BASELINE_MS // BUCKET_MS, last)
    return (negative + PRIOR_NEGATIVE) / (comments + PRIOR_COMMENTS)
