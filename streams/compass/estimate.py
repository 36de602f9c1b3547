"""A rate per commenter-minute from little evidence: pulled to the market's mean, with an interval.

The orders of an hour are taken as Poisson, the rates of a market's hours as Gamma around its
overall rate r. Then the rate of an hour of k orders in m commenter-minutes is Gamma as well, with
the mean (k + a r) / (m + a): as if the hour had a commenter-minutes more at the market's own rate.
How much that is, a, is told by how far the hours lie apart: empirical Bayes (Robbins 1956; for
rates Clayton & Kaldor 1987), by the method of moments (Marshall 1991). A dozen hours tell that
badly, and where they seem alike by chance, intervals come out too narrow: of how far apart they may
lie, the upper end of an 80 % interval is taken (`python bench/compass_intervals.py` says what for).

Streams in the same hour of the week differ by more than chance: one sells what all want. Evidence
is divided by that overdispersion (quasi-likelihood, Wedderburn 1974), or a single good evening
would make a good hour.
"""

from collections.abc import Iterable, Sequence
from math import sqrt
from typing import Final, NamedTuple

from resonance.streams.measures import Z_95

LEAST_PRIOR_ORDERS: Final = 1.0  # What the mean weighs at least, however far hours lie apart.
Z_SPREAD: Final = 1.2816  # An 80 % interval, two-sided.


class Evidence(NamedTuple):
    """Orders, and the commenter-minutes that they came in."""

    orders: int
    commenter_minutes: int


class Estimate(NamedTuple):
    """Orders per commenter-minute: the mean, and the 95 % interval around it."""

    rate: float
    low: float
    high: float


class Prior(NamedTuple):
    """What is known of every hour of a market, before its own evidence is looked at."""

    rate: float  # Orders per commenter-minute of the whole market; above 0.
    commenter_minutes: float  # The a of the formula: so many at that rate.
    overdispersion: float = 1.0  # Variance between streams of the same hour over Poisson's.


def total(evidence: Iterable[Evidence]) -> Evidence:
    """Return the sum."""
    orders = commenter_minutes = 0
    for one in evidence:
        orders += one.orders
        commenter_minutes += one.commenter_minutes
    return Evidence(orders, commenter_minutes)


def prior_of(hours: Sequence[Sequence[Evidence]], *, z_spread: float = Z_SPREAD) -> Prior | None:
    """Return the prior of a market, from each hour's evidence by stream.

    `z_spread`: how sure it must be that the hours lie no further apart; 0.0 takes the middle.

    None without an order or without a commenter-minute: there is nothing to compare then. The
    mean weighs at least one order, and at most what all hours together have.
    """
    cells = [total(streams) for streams in hours]
    orders, commenter_minutes = total(cells)
    if not orders or not commenter_minutes:
        return None
    rate = orders / commenter_minutes
    dispersion = overdispersion(hours)
    variance = _variance_of_rates(cells, rate, dispersion, z_spread)
    most = commenter_minutes / dispersion
    weight = min(rate / variance, most) if variance > 0 else most
    return Prior(rate, max(weight, LEAST_PRIOR_ORDERS / rate), dispersion)


def overdispersion(hours: Iterable[Sequence[Evidence]]) -> float:
    """Return the variance of orders between streams of one hour over that of Poisson, at least 1.

    Pearson's chi-square over its degrees of freedom, of each stream against its hour's own rate.
    1.0 where no hour has two streams.
    """
    chi_square, degrees = 0.0, 0
    for streams in hours:
        seen = [one for one in streams if one.commenter_minutes]
        orders, commenter_minutes = total(seen)
        if not orders:
            continue
        expected = [orders * one.commenter_minutes / commenter_minutes for one in seen]
        chi_square += sum((one.orders - e) ** 2 / e for one, e in zip(seen, expected, strict=True))
        degrees += len(seen) - 1
    return max(chi_square / degrees, 1.0) if degrees else 1.0


def estimate(evidence: Evidence, prior: Prior) -> Estimate:
    """Return an hour's rate: its own, pulled to the market's by as much as it knows little."""
    orders = evidence.orders / prior.overdispersion + prior.commenter_minutes * prior.rate
    weight = evidence.commenter_minutes / prior.overdispersion + prior.commenter_minutes
    low, high = (chi_square_quantile(z, 2 * orders) / 2 / weight for z in (-Z_95, Z_95))
    return Estimate(orders / weight, low, high)


def chi_square_quantile(z: float, degrees: float) -> float:
    """Return the chi-square quantile that lies where `z` does in the normal distribution.

    By Wilson & Hilferty 1931: at 95 % within 1 % from 10 degrees of freedom on, and within 0.05
    of it from 2 on. Never below 0.

    >>> round(chi_square_quantile(Z_95, 10), 2)
    20.49
    """
    part = 2 / (9 * degrees)
    return float(degrees * max(1 - part + z * sqrt(part), 0.0) ** 3)


def _variance_of_rates(
    cells: Sequence[Evidence], rate: float, dispersion: float, z_spread: float
) -> float:
    """Return how much the hours' rates may vary beyond what chance does; below 0: not at all.

    The weighted spread is taken as chi-square distributed, as that of normal rates is.
    """
    seen = [one for one in cells if one.commenter_minutes]
    degrees = len(seen) - 1
    if not degrees:
        return 0.0
    spread = sum(m * (k / m - rate) ** 2 for k, m in seen)
    spread *= degrees / chi_square_quantile(-z_spread, degrees)
    whole = sum(one.commenter_minutes for one in seen)
    freedom = whole - sum(m * m for _, m in seen) / whole
    return (spread - degrees * dispersion * rate) / freedom
