"""The numbers derived from window rows: shares with their n, sums that add, people that do not."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.vocabulary import FRICTION_CATEGORIES
from resonance.streams import measures
from resonance.streams.windows import FrictionSum, WindowRow


def row(market: str = "DE", **fields: object) -> WindowRow:
    return msgspec.convert({"stream": "s", "market": market, **fields}, WindowRow)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 0, 0.0, 1.0),  # Nothing is known.
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 50, 0.0435, 0.2136),  # Newcombe 1998, method 3.
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I.
        (1, 29, 0.0061, 0.1718),  # Newcombe 1998, table I.
    ],
)
def test_wilson_agrees_with_the_published_tables(k, n, low, high):
    assert [round(bound, 4) for bound in measures.wilson_interval(k, n)] == [low, high]


@given(st.integers(0, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_lies_within_0_and_1_and_holds_the_share(k_of_n):
    k, n = k_of_n
    low, high = measures.wilson_interval(k, n)
    assert 0.0 <= low <= high <= 1.0
    assert n == 0 or low <= k / n <= high


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_more_evidence_for_the_same_share_narrows_the_interval(k_of_n):
    k, n = k_of_n
    few, many = measures.wilson_interval(k, n), measures.wilson_interval(4 * k, 4 * n)
    assert many[1] - many[0] <= few[1] - few[0]


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3), (0, -1)])
def test_what_is_no_share_is_refused(k, n):
    with pytest.raises(ValueError, match="is no share"):
        measures.wilson_interval(k, n)


def test_unscored_comments_are_in_n_and_masked_ones_are_not():
    crowd = row(
        comments=30,
        masked={"giveaway": 10},
        sentiment={"negative": 5, "neutral": 5, "positive": 6, "unscored": 4},
    )
    negative = measures.negative_share(crowd)
    assert (negative.value, negative.n) == (0.25, 20)
    assert negative.low < 0.25 < negative.high
    assert measures.net_sentiment(crowd) == 5.0


def test_a_silent_market_has_no_share_instead_of_zero():
    silent = row()
    assert measures.negative_share(silent) == measures.Share(None, 0, 0.0, 1.0)
    assert measures.net_sentiment(silent) is None
    assert measures.conversion(silent) is None
    assert measures.chat_rate(silent, 0) is None
    assert measures.friction_rate(silent, "hard_sell") is None


def test_rates_are_per_minute_and_per_comment():
    busy = row(
        comments=90,
        sentiment={"neutral": 60},
        signals={"question": 15},
        friction={"hard_sell": {"count": 4, "severity": 6}},
    )
    assert measures.chat_rate(busy, 45_000) == 120.0
    assert measures.signal_rate(busy, "question").value == 0.25
    assert measures.signal_rate(busy, "praise").value == 0.0
    assert measures.friction_rate(busy, "hard_sell") == pytest.approx(0.1)


def test_friction_lift_compares_a_market_with_the_rest_of_the_room():
    def crowd(market, n, severity):
        friction = {"customs_regulation": {"count": severity, "severity": severity}}
        return row(market, sentiment={"neutral": n}, friction=friction)

    here, room = crowd("DE", 100, 19), crowd("*", 300, 21)  # 19 % here, 1 % elsewhere.
    assert measures.friction_lift(here, room) == {"customs_regulation": 10.0}
    assert measures.friction_lift(room, room) == {}  # There is no rest to compare with.
    assert measures.friction_lift(row(), room) == {}


def test_cancelled_and_refunded_money_is_subtracted_in_its_own_currency():
    sales = row(amount_minor={"EUR": 5_000, "USD": 900}, refund_minor={"EUR": 1_500, "GBP": 200})
    assert measures.gmv_minor(sales) == {"EUR": 3_500, "GBP": -200, "USD": 900}


COUNTS = st.dictionaries(st.sampled_from(["negative", "neutral", "positive"]), st.integers(1, 99))
FRICTION = st.dictionaries(
    st.sampled_from(FRICTION_CATEGORIES),
    st.builds(FrictionSum, st.integers(1, 9), st.integers(1, 27)),
)
ROWS = st.lists(
    st.builds(
        WindowRow,
        stream=st.just("s"),
        market=st.just("DE"),
        comments=st.integers(0, 99),
        commenters=st.integers(0, 99),
        sentiment=COUNTS,
        friction=FRICTION,
    ),
    min_size=1,
    max_size=6,
)


@given(ROWS)
def test_sums_of_rows_are_exact_and_do_not_depend_on_their_order(rows):
    merged = measures.merge_rows(rows)
    assert merged.comments == sum(one.comments for one in rows)
    assert measures.unmasked_comments(merged) == sum(map(measures.unmasked_comments, rows))
    assert merged == measures.merge_rows(rows[::-1])


@given(ROWS)
def test_people_are_never_added_and_rows_never_changed(rows):
    before = [msgspec.json.encode(one) for one in rows]
    assert measures.merge_rows(rows).commenters == 0
    assert [msgspec.json.encode(one) for one in rows] == before


def test_no_rows_have_no_sum():
    with pytest.raises(ValueError, match="no rows"):
        measures.merge_rows([])


def test_every_field_of_a_row_is_summed_or_left_out_on_purpose():
    left_out = {
        *("v", "stream", "market", "start_ms"),
        *("commenters", "buyers", "authors", "askers"),  # People.
        *("questions_open", "question_oldest_ms", "open_questions"),  # A moment.
        *("product", "viewers", "ended"),
        *("stream_markets", "started_at_ms", "watermark_ms"),
    }
    summed = {*measures.SUMMED_NUMBERS, *measures.SUMMED_COUNTS, "friction"}
    assert summed | left_out == {field.name for field in msgspec.structs.fields(WindowRow)}
    assert not summed & left_out


@pytest.mark.parametrize(
    ("answers", "median_seconds", "p90_seconds"),
    [
        ({}, None, None),
        ({"15": 0}, None, None),  # A count of none is no answer either.
        ({"30": 4}, 22.5, 28.5),  # Spread evenly from 15 to 30 s.
        ({"15": 9, "300": 1}, 8.3, 15.0),
        ({"more": 2}, 1_200.0, 1_200.0),  # Only known to be longer.
    ],
)
def test_the_time_to_answer_is_read_between_the_bounds(answers, median_seconds, p90_seconds):
    window = row(answer_seconds=answers)
    assert measures.answer_time_seconds(window, 0.5) == median_seconds
    assert measures.answer_time_seconds(window, 0.9) == p90_seconds


def test_askers_who_buy_are_told_apart_by_whether_they_were_answered():
    askers = {"asked": 10, "answered": 4, "bought": 3, "answered_bought": 2}
    shares = measures.asker_conversion(row(askers=askers))
    assert (shares["answered"].value, shares["answered"].n) == (0.5, 4)
    assert (shares["unanswered"].value, shares["unanswered"].n) == (0.1667, 6)
    assert measures.asker_conversion(row())["answered"].value is None


def test_a_summary_is_plain_json_with_the_n_beside_each_share():
    room = row("*", started_at_ms=0, watermark_ms=120_000, sentiment={"neutral": 20})
    market = row(
        comments=12,
        commenters=4,
        buyers=1,
        sentiment={"negative": 3, "neutral": 7},
        signals={"question": 2},
        purchases={"paid": 2},
        amount_minor={"EUR": 2_000},
        questions_open=1,
        question_oldest_ms=90_000,
        friction={"hard_sell": {"count": 1, "severity": 2}},
    )
    told = json.loads(json.dumps(measures.summary(market, room)))
    assert told["comments_per_minute"] == 6.0
    assert told["negative_share"] == {"value": 0.3, "n": 10, "low": 0.1078, "high": 0.6032}
    assert (told["orders"], told["gmv_minor"], told["conversion"]) == (2, {"EUR": 2000}, 0.25)
    assert told["questions"]["oldest_age_seconds"] == 30.0
    assert told["friction"]["hard_sell"] == {"count": 1, "severity": 2, "rate": 0.2, "lift": 21.0}
