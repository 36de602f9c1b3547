"""One number behind a score: its value, the n it rests on, and the points it is worth.

Points go from 1 to 100. They are *ours*: a judgement of how much is too much, written down in
docs/measures.md, and no finding. Their order holds whatever the scale.
"""

from math import sqrt
from typing import Final, NamedTuple

import msgspec

from resonance.streams.measures import Z_95, Share

LEAST_POINTS: Final = 1.0  # Not 0: one that is lost would hide all others in a product.
MOST_POINTS: Final = 100.0
# With fewer of them a measure is shown and not judged.
LEAST_EVIDENCE: Final = {
    "comments": 30,
    "commenters": 30,
    "orders": 30,
    "questions": 10,
    "answers": 10,
}


class Points(msgspec.Struct, frozen=True):
    """What a measure is worth, at its value and at the ends of its 95 % interval."""

    at: float
    low: float
    high: float


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one market."""

    name: str
    value: float | None  # In `unit`; None without any evidence.
    unit: str
    n: int
    of: str  # What n counts: comments, commenters, orders, questions, answers, streams.
    points: Points | None = None  # None: too little evidence, or shown for information alone.


class Rate(NamedTuple):
    """How many per hundred, with the 95 % interval; counts may exceed n."""

    value: float
    low: float
    high: float


def rate_per_hundred(count: int, n: int, weight: float = 1.0) -> Rate:
    """Return `count * weight` per hundred of n, n > 0, taking the count as Poisson.

    The interval is Byar's approximation of the exact one (Breslow and Day 1987, II, 2.3).

    >>> [round(x, 2) for x in rate_per_hundred(9, 100)]
    [9.0, 4.11, 17.09]
    """
    low = count * (1 - 1 / (9 * count) - Z_95 / (3 * sqrt(count))) ** 3 if count else 0.0
    next_count = count + 1
    high = next_count * (1 - 1 / (9 * next_count) + Z_95 / (3 * sqrt(next_count))) ** 3
    scale = 100 * weight / n
    return Rate(count * scale, max(low, 0.0) * scale, high * scale)


def few(name: str, count: int, n: int, *, of: str, half: float, weight: float = 1.0) -> Measure:
    """Return a measure of what ought to be rare: `half` of them per hundred are worth 50 points.

    `weight`: what one of the count weighs, as a mean severity.
    """
    unit = f"per 100 {of}"
    if n <= 0:
        return Measure(name=name, value=None, unit=unit, n=0, of=of)
    rate = rate_per_hundred(count, n, weight)
    points = None
    if n >= LEAST_EVIDENCE[of]:
        points = Points(_rare(rate.value, half), _rare(rate.high, half), _rare(rate.low, half))
    return Measure(name=name, value=round(rate.value, 2), unit=unit, n=n, of=of, points=points)


def shown(name: str, count: int, n: int, *, of: str) -> Measure:
    """Return a measure per hundred that explains another one, and has no points itself."""
    value = round(100 * count / n, 2) if n > 0 else None
    return Measure(name=name, value=value, unit=f"per 100 {of}", n=n, of=of)


def soon(
    name: str, seconds: tuple[float, float, float] | None, n: int, *, of: str, half: float
) -> Measure:
    """Return a measure of a delay and the ends of its interval: `half` is worth 50 points."""
    if seconds is None:
        return Measure(name=name, value=None, unit="seconds", n=n, of=of)
    value, low, high = seconds
    points = Points(_rare(value, half), _rare(high, half), _rare(low, half))
    enough = n >= LEAST_EVIDENCE[of]
    return Measure(
        name=name, value=value, unit="seconds", n=n, of=of, points=points if enough else None
    )


def many(name: str, found: Share, *, of: str) -> Measure:
    """Return a measure of what ought to be usual: a share, and as many points as per cent."""
    points = None
    if found.value is not None and found.n >= LEAST_EVIDENCE[of]:
        points = Points(*(within(100 * x) for x in (found.value, found.low, found.high)))
    return Measure(name=name, value=found.value, unit="share", n=found.n, of=of, points=points)


def within(points: float) -> float:
    """Return points within their bounds, to one decimal."""
    if points <= LEAST_POINTS:
        return LEAST_POINTS
    return MOST_POINTS if points >= MOST_POINTS else round(points, 1)


def _rare(value: float, half: float) -> float:
    return within(MOST_POINTS * half / (half + value))


def together(measures: list[Measure]) -> Points | None:
    """Return the geometric mean of the points, as the Human Development Index has it since 2010.

    What is lost in one cannot be bought back by another, as it could in a plain mean. None where
    no measure has points. The ends are those of all measures at once: wider than 95 %.

    >>> worth = [many("a", Share(v, 100, v, v), of="questions") for v in (0.25, 1.0)]
    >>> together(worth).at
    50.0
    """
    judged = [measure.points for measure in measures if measure.points is not None]
    if not judged:
        return None
    power = 1 / len(judged)
    at = low = high = 1.0
    for points in judged:
        at, low, high = at * points.at, low * points.low, high * points.high
    return Points(within(at**power), within(low**power), within(high**power))
