"""Points: more trouble is never worth more, little evidence is worth none, ends hold the middle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.measures import Share, share
from resonance.streams.scoreboard.measure import (
    LEAST_EVIDENCE,
    Measure,
    Points,
    few,
    many,
    rate_per_hundred,
    soon,
    together,
)

counts = st.integers(0, 10_000)
sizes = st.integers(1, 10_000)


def rare(count: int, n: int = 100) -> Measure:
    return few("refunds", count, n, of="orders", half=10.0)


@given(counts, sizes)
def test_a_rate_lies_within_its_interval(count, n):
    rate = rate_per_hundred(count, n)
    assert 0 <= rate.low <= rate.value <= rate.high


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.03, 5.57), (5, 1.62, 11.67), (10, 4.80, 18.39), (50, 37.11, 65.92)],
)
def test_the_interval_is_close_to_the_exact_one_of_a_poisson_count(count, low, high):
    rate = rate_per_hundred(count, 100)  # The exact one: Garwood 1936.
    assert rate.low == pytest.approx(low, abs=0.03)
    assert rate.high == pytest.approx(high, abs=0.03)


def test_half_the_points_go_at_what_is_called_the_half():
    assert rare(10).points.at == 50.0
    assert rare(0).points.at == 100.0
    assert soon("t", (120.0, 60.0, 240.0), 50, of="answers", half=120.0).points == Points(
        50.0, 33.3, 66.7
    )
    assert many("answered", share(50, 100), of="questions").points.at == 50.0


@given(counts, counts, sizes)
def test_more_trouble_is_never_worth_more_points(one, other, n):
    fewer, more = sorted((one, other))
    n += LEAST_EVIDENCE["orders"]
    assert rare(fewer, n).points.at >= rare(more, n).points.at


@given(counts, sizes, st.floats(1, 3))
def test_points_lie_within_their_ends_and_within_1_and_100(count, n, severity):
    n += LEAST_EVIDENCE["comments"]
    points = few("hard_sell", count, n, of="comments", half=5.0, weight=severity).points
    assert 1 <= points.low <= points.at <= points.high <= 100


@given(counts, st.integers(0, LEAST_EVIDENCE["orders"] - 1))
def test_little_evidence_is_shown_and_worth_nothing(count, n):
    measure = rare(count, n)
    assert measure.points is None
    assert (measure.value is None) == (n == 0)


def test_what_nobody_measured_has_neither_value_nor_points():
    assert soon("t", None, 0, of="answers", half=120.0).value is None
    silent = many("answered", Share(None, 0, 0.0, 1.0), of="questions")
    assert (silent.value, silent.points) == (None, None)
    assert together([silent]) is None
    assert together([]) is None


def test_what_is_lost_in_one_measure_is_not_bought_back_by_another():
    lost = many("answered", share(1, 1_000), of="questions")
    perfect = many("answered", share(1_000, 1_000), of="questions")
    assert together([lost, perfect]).at == 10.0
    assert together([perfect, perfect]).at == 100.0


@given(st.lists(st.tuples(counts, sizes), min_size=1, max_size=6))
def test_a_score_lies_between_its_worst_and_its_best_measure(pairs):
    measures = [rare(count, n + LEAST_EVIDENCE["orders"]) for count, n in pairs]
    score = together(measures)
    points = [measure.points.at for measure in measures]
    assert min(points) - 0.1 <= score.at <= max(points) + 0.1
    assert score.low <= score.at <= score.high


def test_measures_without_points_change_no_score():
    judged, shown = rare(5, 100), rare(5, 3)
    assert together([judged, shown]) == together([judged])
