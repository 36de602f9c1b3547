"""When negative comments would have paged: surely enough, by enough people, and once."""

import re
from itertools import pairwise

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.settings import Settings
from resonance.streams.spikes import (
    BASELINE_APART_MS,
    BASELINE_MS,
    HISTORY,
    HOLD_MS,
    OURS,
    PRIOR_COMMENTS,
    PRIOR_NEGATIVE,
    USUAL,
    SpikeRule,
    pages,
    rule_of,
)
from resonance.streams.windows import BUCKET_MS, WindowRow
from support.rules import RULES

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


UNITS_MS = {"s": 1_000, "m": 60_000}
NAME = "ResonanceNegativeSentimentSpike"
SHARE = "stream_market:resonance_comments_negative_share"


def span_ms(text: str) -> int:
    return int(text[:-1]) * UNITS_MS[text[-1]]


@pytest.fixture(scope="module")
def run_now():
    """What Prometheus runs: every rule of the sentiment group, by its name."""
    [group] = yaml.safe_load((RULES / "sentiment.yml").read_text("utf-8"))["groups"]
    return {rule.get("record") or rule["alert"]: rule for rule in group["rules"]}


def test_our_windows_are_those_that_prometheus_asks(run_now):
    asked = re.findall(
        r"wilson_low(\w+)\s+> \S+:threshold\s+and \S+:increase\1 >= (\d+)\s+and on \S+ \S+\s+"
        r"max by \(stream, market\) "
        r'\(resonance_window_authors\{class="negative", window="(\w+)"\}\)'
        r" >= (\d+)",
        run_now[f"{SHARE}:spike"]["expr"],
    )
    ours = [(w.span_ms, w.least_negative, w.authors, OURS.least_authors) for w in OURS.windows]
    assert [(span_ms(w), int(n), authors, int(a)) for w, n, authors, a in asked] == ours
    for (name, *_), window in zip(asked, OURS.windows, strict=True):
        low = run_now[f"{SHARE}:wilson_low{name}"]["expr"]
        numbers = [float(number) for number in re.findall(r"[+-] (\d+\.\d+)", low)]
        square = window.z**2
        expected = [square / 2, window.z, square / 4, square]
        assert numbers == pytest.approx(expected, abs=0.001), name


def test_our_baseline_floor_and_patience_are_those_of_prometheus(run_now, settings_floor):
    baseline = run_now[f"{SHARE}:baseline30m"]["expr"]
    assert set(re.findall(r"\[(\w+)\] offset (\w+)\)\)", baseline)) == {("30m", "5m")}
    assert (span_ms("30m"), span_ms("5m")) == (BASELINE_MS, BASELINE_APART_MS)
    priors = re.findall(r"offset 5m\)\) \+ (\d+)\)", baseline)
    assert [int(prior) for prior in priors] == [PRIOR_NEGATIVE, PRIOR_COMMENTS]
    factor = re.match(r"\s*\((\d+) \* \S+:baseline30m", run_now[f"{SHARE}:threshold"]["expr"])
    assert factor is not None
    assert float(factor[1]) == OURS.baseline_factor
    assert settings_floor == OURS.floor_ratio
    assert span_ms(run_now[NAME]["for"]) == (OURS.hold_buckets - 1) * BUCKET_MS
    assert span_ms(run_now[NAME]["keep_firing_for"]) == HOLD_MS
    assert HISTORY[-1] == OURS


@pytest.fixture
def settings_floor() -> float:
    """The floor that the board exports where a market has none of its own."""
    return Settings().alert_floor_ratio


def test_a_short_sharp_spike_pages_by_its_half_minute():
    sharp = evening((200, 1, 40), (4, 20, 40), (30, 1, 40))
    [page] = pages(sharp, OURS)
    slow = msgspec.structs.replace(OURS, windows=OURS.windows[:2])
    [late] = pages(sharp, slow)
    assert late.since_ms - page.since_ms == BUCKET_MS
