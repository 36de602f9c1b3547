"""A rate from little evidence: pulled to the mean, with an interval that holds the truth."""

import random
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.compass.estimate import (
    Evidence,
    Prior,
    chi_square_quantile,
    estimate,
    overdispersion,
    prior_of,
    total,
)
from resonance.streams.measures import Z_95

# Of any statistical table: degrees of freedom, the 2.5 % and the 97.5 % quantile.
TABLE = [
    (2, 0.0506, 7.378),
    (3, 0.2158, 9.348),
    (4, 0.4844, 11.143),
    (5, 0.8312, 12.833),
    (10, 3.2470, 20.483),
    (30, 16.791, 46.979),
    (100, 74.222, 129.561),
]
PRIOR = st.builds(Prior, st.floats(1e-4, 1), st.floats(1, 1e5), st.floats(1, 20))
EVIDENCE = st.builds(Evidence, st.integers(0, 500), st.integers(1, 5_000))


@pytest.mark.parametrize(("degrees", "low", "high"), TABLE)
def test_the_quantiles_of_chi_square_are_those_of_the_table(degrees, low, high):
    assert chi_square_quantile(-Z_95, degrees) == pytest.approx(low, abs=0.036)
    assert chi_square_quantile(Z_95, degrees) == pytest.approx(high, rel=0.006)


@given(st.floats(0.01, 10_000))
def test_a_quantile_is_never_negative_and_grows_with_z(degrees):
    quantiles = [chi_square_quantile(z, degrees) for z in (-3, -Z_95, 0, Z_95)]
    assert quantiles == sorted(quantiles)
    assert quantiles[0] >= 0


@given(evidence=EVIDENCE, prior=PRIOR)
def test_a_rate_lies_between_its_own_and_the_markets_and_within_its_interval(evidence, prior):
    # Prior weights below one order are none that `prior_of` gives.
    prior = prior._replace(commenter_minutes=max(prior.commenter_minutes, 1 / prior.rate))
    found = estimate(evidence, prior)
    own = evidence.orders / evidence.commenter_minutes
    slack = 1e-9
    assert min(own, prior.rate) - slack <= found.rate <= max(own, prior.rate) + slack
    assert found.low < found.rate < found.high


def test_the_formula_is_as_written():
    found = estimate(Evidence(30, 200), Prior(rate=0.1, commenter_minutes=100))
    assert found.rate == pytest.approx((30 + 100 * 0.1) / (200 + 100))
    assert (found.low, found.high) == pytest.approx((0.0953, 0.1777), abs=1e-3)


def test_more_evidence_pulls_less_and_narrows_the_interval():
    prior = Prior(rate=0.1, commenter_minutes=100)
    few, many = (estimate(Evidence(20 * n, 100 * n), prior) for n in (1, 20))
    assert few.rate < many.rate < 0.2
    assert many.high - many.low < (few.high - few.low) / 2


def test_hours_that_differ_pull_each_other_less_than_hours_that_are_alike():
    alike = prior_of([[Evidence(10, 100)] for _ in range(12)])
    apart = prior_of([[Evidence(2 + 16 * (n % 2), 100)] for n in range(12)])
    assert alike is not None
    assert apart is not None
    assert alike.rate == apart.rate == 0.1
    assert apart.commenter_minutes < alike.commenter_minutes / 10


def test_a_market_of_no_orders_or_no_comments_has_nothing_to_compare():
    assert prior_of([]) is None
    assert prior_of([[Evidence(0, 100)], [Evidence(0, 50)]]) is None
    assert prior_of([[Evidence(3, 0)]]) is None
    assert prior_of([[Evidence(1, 100)]]) is not None


@given(st.lists(st.lists(EVIDENCE, min_size=1, max_size=4), min_size=1, max_size=12))
def test_the_mean_weighs_at_least_one_order_and_at_most_all_there_are(hours):
    whole = total(one for streams in hours for one in streams)
    prior = prior_of(hours)
    if prior is None:
        assert whole.orders == 0
        return
    orders = prior.commenter_minutes * prior.rate
    assert 1 - 1e-9 <= orders <= max(whole.orders, 1) + 1e-6
    assert prior.overdispersion >= 1


def test_streams_of_one_hour_that_differ_by_more_than_chance_weigh_less():
    alike = [[Evidence(10, 100), Evidence(11, 100)]] * 6
    apart = [[Evidence(1, 100), Evidence(20, 100)]] * 6
    assert overdispersion(alike) == 1.0
    assert overdispersion(apart) == pytest.approx(361 / 21)
    assert overdispersion([[Evidence(5, 100)]] * 6) == 1.0, "single streams tell nothing of it"
    assert overdispersion([[Evidence(0, 9), Evidence(0, 9)]]) == 1.0


def test_streams_that_differ_widen_the_interval():
    prior = Prior(rate=0.1, commenter_minutes=100)
    sure = estimate(Evidence(30, 200), prior)
    unsure = estimate(Evidence(30, 200), prior._replace(overdispersion=5.0))
    assert unsure.low < sure.low
    assert unsure.rate < sure.rate, "what is less sure is pulled more"


@pytest.mark.parametrize(
    ("hours", "commenter_minutes", "shape"),
    [(6, 200, 4), (12, 180, 4), (12, 180, 20), (12, 600, 4), (40, 300, 10), (12, 180, None)],
)
def test_the_interval_holds_the_truth_about_95_times_in_100(hours, commenter_minutes, shape):
    dice, rate = random.Random(5), 0.02
    held = seen = 0
    while seen < 3_000:
        truths = [dice.gammavariate(shape, rate / shape) if shape else rate for _ in range(hours)]
        evidence = [
            Evidence(poisson(dice, t * commenter_minutes), commenter_minutes) for t in truths
        ]
        prior = prior_of([[one] for one in evidence])
        if prior is None:
            continue
        found = [estimate(one, prior) for one in evidence]
        held += sum(f.low <= truth <= f.high for f, truth in zip(found, truths, strict=True))
        seen += hours
    assert 0.92 <= held / seen <= 0.985


def test_one_good_stream_makes_no_good_hour():
    """Hours are alike, streams are not: few hours may seem better than the market by chance."""
    dice, above, counted = random.Random(3), {True: 0, False: 0}, 0
    for _ in range(200):
        hours = [
            [Evidence(poisson(dice, 6 * dice.gammavariate(4, 0.25)), 300) for _ in range(3)]
            for _ in range(12)
        ]
        prior = prior_of(hours)
        assert prior is not None
        counted += len(hours)
        for known in above:
            used = prior if known else prior._replace(overdispersion=1.0)
            found = [estimate(total(streams), used) for streams in hours]
            above[known] += sum(one.low > prior.rate for one in found)
    assert above[True] / counted < 0.025
    assert above[False] / counted > 0.025, "else dividing by it would be for nothing"


def poisson(dice: random.Random, mean: float) -> int:
    """Knuth's way, for small means."""
    limit, count, product = exp(-mean), 0, dice.random()
    while product > limit:
        count += 1
        product *= dice.random()
    return count
