"""The resonance score: three parts held against the market's past, and nothing made up."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.scoreboard.resonance import PastMarket, quantile, resonance, warmth_of
from resonance.streams.windows import WindowRow


def row(commenters: int = 100, **moods: int) -> WindowRow:
    return msgspec.convert(
        {"stream": "s", "market": "DE", "commenters": commenters, "sentiment": moods}, WindowRow
    )


PAST = [PastMarket(200, 40), PastMarket(200, 40), PastMarket(200, 40)]


def test_the_score_is_40_breadth_30_warmth_30_return():
    found = resonance(row(100, positive=60, neutral=40), 10, PAST)
    assert (found.breadth, found.warmth, found.returning) == (0.5, 0.8, 0.5)
    assert found.score == 40 * 0.5 + 30 * 0.8 + 30 * 0.5
    assert found.past_streams == 3


def test_a_record_night_is_full_breadth_and_no_more():
    found = resonance(row(1_000, positive=100), 900, PAST)
    assert (found.breadth, found.returning, found.score) == (1.0, 1.0, 100.0)


@pytest.mark.parametrize(
    ("returned", "past"),
    [
        (10, []),  # Nothing to hold it against.
        (10, PAST[:1]),  # One evening is no past.
        (None, PAST),  # Nobody can be recognised: the viewer key is another.
        (10, [PastMarket(200, None)] * 3),  # Nor could they be then.
        (10, [PastMarket(20, 10)] * 3),  # Rates of twenty people say nothing.
        (0, [PastMarket(200, 0)] * 3),  # None of none.
    ],
)
def test_without_a_past_there_are_parts_and_no_score(returned, past):
    found = resonance(row(100, positive=60, neutral=40), returned, past)
    assert found.score is None
    assert found.warmth == 0.8


def test_few_comments_have_no_warmth():
    assert warmth_of(row(30, positive=29)) is None
    assert warmth_of(row(30, positive=30)) == 1.0
    assert warmth_of(row(30, negative=30)) == 0.0
    assert resonance(row(100, positive=29), 10, PAST).score is None


def test_few_commenters_have_no_return():
    assert resonance(row(29, positive=50), 10, PAST).returning is None
    assert resonance(row(30, positive=50), 3, PAST).returning == 0.5


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_lies_among_its_values_and_grows_with_the_share(values, at):
    found = quantile(values, at)
    slack = 1e-9 * max(values)
    assert min(values) - slack <= found <= max(values) + slack
    assert quantile(values, at / 2) <= found + slack


def test_the_95th_of_100_is_read_between_the_two_beside_it():
    assert quantile(list(range(1, 101)), 0.95) == pytest.approx(95.05)
    assert quantile([7], 0.95) == 7


past_markets = st.lists(
    st.builds(PastMarket, st.integers(1, 10_000), st.none() | st.integers(0, 100)), max_size=8
)


@given(
    st.integers(0, 20_000),
    st.tuples(*[st.integers(0, 5_000)] * 3),
    st.none() | st.integers(0, 20_000),
    past_markets,
)
def test_every_part_lies_within_0_and_1_and_the_score_within_0_and_100(
    commenters, moods, returned, past
):
    crowd = row(commenters, **dict(zip(("negative", "neutral", "positive"), moods, strict=True)))
    found = resonance(crowd, returned, past)
    parts = (found.breadth, found.warmth, found.returning)
    assert all(part is None or 0 <= part <= 1 for part in parts)
    assert (found.score is None) == (None in parts)
    assert found.score is None or 0 <= found.score <= 100
