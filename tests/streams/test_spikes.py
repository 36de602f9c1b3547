"""When negative comments would have paged: surely enough, by enough people, and once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.spikes import OURS, USUAL, SpikeRule, pages, rule_of
from resonance.streams.windows import WindowRow

STEP_MS = 10_000


def bucket(place: int, negative: int, n: int, market: str = "DE", authors: int = 9) -> WindowRow:
    seen = {window: {"all": n, "negative": authors} for window in ("1m", "3m")}
    return WindowRow(
        stream="live",
        market=market,
        start_ms=place * STEP_MS,
        sentiment={"negative": negative, "neutral": n - negative},
        authors=seen,
    )


def evening(*spans: tuple[int, int, int], authors: int = 9) -> list[WindowRow]:
    """Return buckets for spans of (how many, negative in each, comments in each)."""
    rows = []
    for length, negative, n in spans:
        rows += [bucket(len(rows) + i, negative, n, authors=authors) for i in range(length)]
    return rows


CALM = (60, 1, 12)
SPIKE = (12, 7, 14)


def test_a_spike_pages_once_and_says_when_and_how_much():
    [page] = pages(evening(CALM, SPIKE, CALM), OURS)
    assert page.market == "DE"
    assert 600_000 < page.since_ms <= 660_000
    assert page.until_ms < 1_000_000
    assert page.peak_share == 0.5


def test_a_calm_evening_pages_nobody():
    assert pages(evening(CALM, CALM), OURS) == []


def test_one_loud_voice_is_no_spike():
    assert pages(evening(CALM, SPIKE, CALM, authors=2), OURS) == []


def test_a_market_that_always_grumbles_is_held_against_itself():
    grumbling = (240, 4, 14)
    late = [p for p in pages(evening(grumbling), OURS) if p.since_ms > 1_200_000]
    assert late == []
    assert pages(evening(grumbling, (12, 13, 14)), OURS)[-1].since_ms > 2_400_000


def test_three_of_four_comments_are_no_evidence():
    quiet = (30, 0, 1)
    assert pages(evening(quiet, (1, 3, 4), quiet), OURS) == []


def test_two_spikes_within_three_minutes_are_one_page_and_later_ones_are_not():
    assert len(pages(evening(CALM, SPIKE, (6, 0, 12), SPIKE, CALM), OURS)) == 1
    assert len(pages(evening(CALM, SPIKE, (60, 0, 12), SPIKE, CALM), OURS)) == 2


def test_a_market_may_have_a_floor_of_its_own():
    rows = evening(CALM, SPIKE, CALM)
    assert pages(rows, OURS, {"DE": 0.6}) == []
    assert len(pages(rows, OURS, {"US": 0.6})) == 1


def test_the_usual_rule_wants_thirty_comments_and_nothing_else():
    assert pages(evening((30, 1, 2)), USUAL) == []  # 24 comments in two minutes.
    assert len(pages(evening((30, 1, 3)), USUAL)) == 1
    assert pages(evening((30, 1, 4)), USUAL) == []  # Not above 25 %.


def test_the_room_and_totals_page_nobody():
    rows = [bucket(i, 7, 14, market="*") for i in range(60)]
    total = WindowRow(stream="live", market="DE", sentiment={"negative": 99})
    assert pages([*rows, total], OURS) == []


def named(name: str, since: str) -> SpikeRule:
    return SpikeRule(
        name=name,
        since=since,
        windows=(),
        floor_ratio=0.1,
        baseline_factor=0.0,
        hold_buckets=1,
        least_authors=0,
    )


@pytest.mark.parametrize(
    ("day", "in_force"),
    [("2025-12-31", "old"), ("2026-01-01", "old"), ("2026-06-30", "old"), ("2026-07-01", "new")],
)
def test_the_rule_of_a_day_is_the_last_that_was_in_force_by_then(day, in_force):
    history = (named("old", "2026-01-01"), named("new", "2026-07-01"))
    assert rule_of(day, history).name == in_force


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 5)).map(
            lambda drawn: (min(drawn[0], drawn[1]), drawn[1], drawn[2])
        ),
        min_size=1,
        max_size=60,
    )
)
def test_pages_do_not_depend_on_the_order_of_rows_and_never_overlap(drawn):
    rows = [bucket(i * (1 + gap), neg, n) for i, (neg, n, gap) in enumerate(drawn)]
    unique = list({row.start_ms: row for row in rows}.values())
    found = pages(unique, OURS)
    assert found == pages(unique[::-1], OURS)
    for one, two in pairwise(found):
        assert one.until_ms < two.since_ms
