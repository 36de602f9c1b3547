"""Derived numbers: every share, rate and sum that is shown, from the counts in window rows.

Names and formulas are those of docs/measures.md. A number without evidence is None, never 0.
"""

from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Final

import msgspec

from resonance.sentiment.vocabulary import FRICTION_CATEGORIES
from resonance.streams.windows import ANSWER_BOUNDS_SECONDS, FrictionSum, WindowRow

Z_95: Final = 1.96
FRICTION_SMOOTHING: Final = 0.01  # One plain question in 100 comments, on both sides of a lift.
MINUTE_MS: Final = 60_000
FAINT_BELOW: Final = 30  # What rests on fewer comments is drawn faint, wherever it is shown.

# People are not added: someone who wrote in two buckets is one commenter, not two.
SUMMED_NUMBERS: Final = (
    "comments",
    "staff_comments",
    "deleted_comments",
    "late_comments",
    "first_comments",
    "repeat_viewers",  # Counted once, in the bucket of the return.
    "questions_opened",
    "questions_answered",
    "questions_stale",
    "units",
    "too_late",
    "duplicates",
)
SUMMED_COUNTS: Final = (
    "masked",
    "sentiment",
    "signals",
    "topics",
    "complaint_topics",
    "languages",
    "market_sources",
    "scorers",
    "purchases",
    "amount_minor",
    "refund_minor",
    "answer_seconds",
    "stage",
)


class Share(msgspec.Struct, frozen=True):
    """A share with the evidence behind it: `value` in [low, high], of `n` comments."""

    value: float | None  # None when n is 0.
    n: int
    low: float
    high: float


def wilson_interval(k: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's interval for k of n, within [0, 1] and around k/n; (0.0, 1.0) when n is 0.

    Raises ValueError unless 0 <= k <= n.

    >>> [round(bound, 3) for bound in wilson_interval(5, 50)]
    [0.043, 0.214]
    """
    if not 0 <= k <= n:
        message = f"{k} of {n} is no share"
        raise ValueError(message)
    if n == 0:
        return 0.0, 1.0
    share = k / n
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    middle = share + z * z / (2 * n)
    # At k = 0 and k = n the bound is k/n itself; rounding would put it a hair beside it.
    low = min(max((middle - spread) / scale, 0.0), share)
    high = max(min((middle + spread) / scale, 1.0), share)
    return low, high


def share(k: int, n: int) -> Share:
    """Return k of n as a share with its 95 % interval, rounded to 4 decimals."""
    low, high = wilson_interval(k, n)
    return Share(round(k / n, 4) if n else None, n, round(low, 4), round(high, 4))


def unmasked_comments(row: WindowRow) -> int:
    """Return how many comments of viewers count in shares: the n of everything below."""
    return sum(row.sentiment.values())


def negative_share(row: WindowRow) -> Share:
    """Return the negative ones among the unmasked comments of viewers."""
    return share(row.sentiment.get("negative", 0), unmasked_comments(row))


def net_sentiment(row: WindowRow) -> float | None:
    """Return the positive less the negative per cent, from -100.0 to 100.0, or None without n."""
    n = unmasked_comments(row)
    if n == 0:
        return None
    difference = row.sentiment.get("positive", 0) - row.sentiment.get("negative", 0)
    return round(100 * difference / n, 2)


def chat_rate(row: WindowRow, span_ms: int) -> float | None:
    """Return comments per minute over `span_ms`, or None when no time has passed."""
    return round(row.comments * MINUTE_MS / span_ms, 2) if span_ms > 0 else None


def signal_rate(row: WindowRow, signal: str) -> Share:
    """Return the share of unmasked comments that carry `signal`."""
    return share(row.signals.get(signal, 0), unmasked_comments(row))


def friction_rate(row: WindowRow, category: str) -> float | None:
    """Return the sum of severities per unmasked comment, from 0.0 to 3.0, or None without n."""
    n = unmasked_comments(row)
    return row.friction.get(category, FrictionSum(0, 0)).severity / n if n else None


def friction_lift(row: WindowRow, room: WindowRow) -> dict[str, float]:
    """Return, per category found in the market, its rate against the rest of the room's.

    1.0 is like everywhere else. Empty when the market or the rest of the room is silent.
    """
    n = unmasked_comments(row)
    others = unmasked_comments(room) - n
    if n == 0 or others <= 0:
        return {}
    lifts = {}
    for category, here in row.friction.items():
        # Rows of market and room can be one publication apart; then a rest may come out below 0.
        elsewhere = max(room.friction.get(category, here).severity - here.severity, 0)
        smoothed = here.severity / n + FRICTION_SMOOTHING
        lifts[category] = round(smoothed / (elsewhere / others + FRICTION_SMOOTHING), 2)
    return lifts


def gmv_minor(row: WindowRow) -> dict[str, int]:
    """Return what was sold less what was cancelled and refunded, minor units by currency."""
    currencies = sorted(row.amount_minor.keys() | row.refund_minor.keys())
    return {c: row.amount_minor.get(c, 0) - row.refund_minor.get(c, 0) for c in currencies}


def conversion(row: WindowRow) -> float | None:
    """Return buyers per commenter, or None without commenters. Buyers may be silent: above 1."""
    return round(row.buyers / row.commenters, 4) if row.commenters else None


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for count in counts:
        for name, number in count.items():
            sums[name] = sums.get(name, 0) + number
    return sums


def merge_rows(rows: Iterable[WindowRow]) -> WindowRow:
    """Return the sums of rows as a row of the first one's stream, market and start.

    Distinct counts (commenters, buyers, authors) and what is true only at a moment
    (open questions, product on screen) stay empty: they cannot be added. Raises ValueError on no
    rows at all.
    """
    merged = list(rows)
    if not merged:
        message = "no rows to merge"
        raise ValueError(message)
    first = merged[0]
    sums = WindowRow(stream=first.stream, market=first.market, start_ms=first.start_ms)
    for name in SUMMED_NUMBERS:
        setattr(sums, name, sum(getattr(row, name) for row in merged))
    for name in SUMMED_COUNTS:
        setattr(sums, name, _added(getattr(row, name) for row in merged))
    counts = _added({c: f.count for c, f in row.friction.items()} for row in merged)
    severities = _added({c: f.severity for c, f in row.friction.items()} for row in merged)
    sums.friction = {
        c: FrictionSum(counts[c], severities[c]) for c in FRICTION_CATEGORIES if c in counts
    }
    return sums


def duration_ms(room: WindowRow) -> int:
    """Return how long the stream has run in event time, from the room's total; 0 if unknown."""
    if room.started_at_ms is None or room.watermark_ms is None:
        return 0
    return max(room.watermark_ms - room.started_at_ms, 0)


def _friction_summary(row: WindowRow, room: WindowRow) -> dict[str, dict[str, float | int | None]]:
    lifts = friction_lift(row, room)
    summary: dict[str, dict[str, float | int | None]] = {}
    for category, found in row.friction.items():
        rate = friction_rate(row, category)
        summary[category] = {
            "count": found.count,
            "severity": found.severity,
            "rate": None if rate is None else round(rate, 4),
            "lift": lifts.get(category),
        }
    return summary


def answer_time_seconds(row: WindowRow, quantile: float) -> float | None:
    """Return the time to answer at a quantile (0.5: the median), or None without an answer.

    Interpolated within the bounds of `answer_seconds`; beyond the last bound it is that bound.
    """
    answers = sum(row.answer_seconds.values())
    if not answers:
        return None
    wanted = answers * quantile
    below = 0
    low = 0
    for bound in ANSWER_BOUNDS_SECONDS:
        here = row.answer_seconds.get(str(bound), 0)
        if here and below + here >= wanted:
            return round(low + (bound - low) * (wanted - below) / here, 1)
        below, low = below + here, bound
    return float(low)


def asker_conversion(row: WindowRow) -> dict[str, Share]:
    """Return the shares of askers who bought after asking: of the answered, and of the others."""
    asked, answered, bought, answered_bought = (
        row.askers.get(name, 0) for name in ("asked", "answered", "bought", "answered_bought")
    )
    return {
        "answered": share(answered_bought, answered),
        "unanswered": share(bought - answered_bought, asked - answered),
    }


def _questions_summary(row: WindowRow, room: WindowRow) -> dict[str, object]:
    age_seconds = None
    if row.question_oldest_ms is not None and room.watermark_ms is not None:
        age_seconds = max(room.watermark_ms - row.question_oldest_ms, 0) / 1000
    return {
        "asked": row.signals.get("question", 0),
        "opened": row.questions_opened,
        "answered": row.questions_answered,
        "stale": row.questions_stale,
        "open": row.questions_open,
        "oldest_age_seconds": age_seconds,
        "answered_rate": msgspec.to_builtins(share(row.questions_answered, row.questions_opened)),
        "answer_median_seconds": answer_time_seconds(row, 0.5),
        "answer_p90_seconds": answer_time_seconds(row, 0.9),
        "asker_conversion": msgspec.to_builtins(asker_conversion(row)),
    }


def summary(row: WindowRow, room: WindowRow) -> dict[str, object]:
    """Return one market's total as plain JSON values, for every output that shows a summary.

    `room` is the total of market `*` of the same stream: it holds the time that has passed, and
    friction is compared with it. Give it twice to sum up the room itself.
    """
    return {
        "comments": row.comments,
        "commenters": row.commenters,
        "comments_per_minute": chat_rate(row, duration_ms(room)),
        "negative_share": msgspec.to_builtins(negative_share(row)),
        "net_sentiment": net_sentiment(row),
        "sentiment": row.sentiment,
        "signals": row.signals,
        "topics": row.topics,
        "complaint_topics": row.complaint_topics,
        "friction": _friction_summary(row, room),
        "questions": _questions_summary(row, room),
        "orders": row.purchases.get("paid", 0),
        "purchases": row.purchases,
        "units": row.units,
        "buyers": row.buyers,
        "conversion": conversion(row),
        "gmv_minor": gmv_minor(row),
        "repeat_viewers": row.repeat_viewers,
        "staff_comments": row.staff_comments,
        "deleted_comments": row.deleted_comments,
        "late_comments": row.late_comments,
        "masked": row.masked,
        "languages": row.languages,
        "market_sources": row.market_sources,
        "scorers": row.scorers,
    }
