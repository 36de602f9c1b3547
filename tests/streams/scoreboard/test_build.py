"""The four V of a market: each asks its own question, and trouble is found where it is."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.replaying.questions import QuestionOutcome
from resonance.streams.scoreboard.build import Scoreboard, scoreboard
from resonance.streams.scoreboard.measure import Measure
from resonance.streams.scoreboard.resonance import PastMarket
from resonance.streams.windows import ROOM, WindowRow

CALM = {
    "commenters": 100,
    "comments": 400,
    "sentiment": {"negative": 20, "neutral": 280, "positive": 100},
    "scorers": {"model": 400},
    "questions_opened": 40,
    "questions_answered": 36,
    "answer_seconds": {"15": 18, "30": 18},
    "purchases": {"paid": 50},
}
TROUBLE = {
    "variation": [
        {"friction": {"hard_sell": {"count": 40, "severity": 90}}},
        {"signals": {"product_request": 90}},
        {"purchases": {"paid": 50, "refunded": 25}},
        {"masked": {"duplicate": 250}},
    ],
    "versatility": [
        {"questions_answered": 4, "answer_seconds": {"15": 4}},
        {"answer_seconds": {"1200": 36}},
    ],
    "value": [
        {"complaint_topics": {"customs_tax": 60}},
        {"complaint_topics": {"shipping": 30, "quality": 30}},
        {"purchases": {"paid": 50, "cancelled": 20}},
    ],
    "vibration": [
        {"sentiment": {"negative": 300, "neutral": 80, "positive": 20}},
        {"friction": {"taboo_etiquette": {"count": 40, "severity": 100}}},
        {"friction": {"language_barrier": {"count": 60, "severity": 60}}},
    ],
}


def row(market: str = "DE", **fields: object) -> WindowRow:
    return msgspec.convert({"stream": "s", "market": market, **CALM, **fields}, WindowRow)


def board(market_row: WindowRow, **known) -> Scoreboard:
    room = row(ROOM, sentiment={"negative": 200, "neutral": 2_800, "positive": 1_000})
    return scoreboard(market_row, room, known.pop("questions", ()), **known)


def scores(found: Scoreboard) -> dict[str, float | None]:
    return {v.name: v.score.at if v.score else None for v in found.four}


def measure(found: Scoreboard, name: str) -> Measure:
    [one] = [m for v in found.four for m in v.measures if m.name == name]
    return one


def test_a_calm_market_does_well_in_all_four():
    assert min(scores(board(row())).values()) > 55
    assert scores(board(row()))["value"] == 100.0


@pytest.mark.parametrize(
    ("v", "fields"), [(v, fields) for v, cases in TROUBLE.items() for fields in cases]
)
def test_trouble_lowers_the_v_that_asks_for_it_and_no_other(v, fields):
    calm, troubled = scores(board(row())), scores(board(row(**fields)))
    assert troubled[v] < calm[v] - 10
    assert {name for name in calm if troubled[name] != calm[name]} == {v}


def test_complaints_about_the_host_or_the_price_are_not_of_value():
    assert scores(board(row(complaint_topics={"host_stream": 60, "price": 60})))["value"] == 100.0


def test_a_silent_market_has_no_scores_instead_of_zeros():
    silent = WindowRow(stream="s", market="DE")
    found = scoreboard(silent, row(ROOM), ())
    assert set(scores(found).values()) == {None}
    assert all(m.points is None for v in found.four for m in v.measures)


def test_a_market_without_orders_is_judged_by_what_it_says():
    found = board(row(purchases={}))
    assert measure(found, "refunds").value is None
    assert scores(found)["variation"] is not None


def outcome(topic: str, market: str, ended: str) -> QuestionOutcome:
    return QuestionOutcome(
        market=market,
        topic=topic,
        product="",
        text="",
        asks=1,
        first_asked_ms=0,
        last_asked_ms=0,
        asked_by=("1",),
        outcome=ended,
    )


def test_questions_on_how_it_works_are_those_of_the_market_and_of_its_topics():
    asked = [
        *[outcome("usage", "DE", "answered")] * 6,
        *[outcome("stock", "DE", "stale")] * 6,
        *[outcome("price", "DE", "answered")] * 50,
        *[outcome("usage", "US", "answered")] * 50,
    ]
    mine = measure(board(row(), questions=asked), "how_to_answered")
    assert (mine.value, mine.n) == (0.5, 12)
    whole = scoreboard(row(ROOM), row(ROOM), asked)
    assert measure(whole, "how_to_answered").n == 62


def test_the_topics_of_complaints_are_shown_and_count_once():
    found = board(row(complaint_topics={"customs_tax": 20, "shipping": 10}))
    assert measure(found, "complaints").value == 30.0
    assert measure(found, "customs_tax_complaints").value == 20.0
    assert measure(found, "customs_tax_complaints").points is None


def test_with_a_past_the_mood_is_the_resonance_score():
    past = [PastMarket(100, 20)] * 3
    found = board(row(), returned=20, past=past)
    assert found.resonance.score == measure(found, "resonance").value == 88.0
    assert measure(found, "returned_viewers").value == 0.2
    assert not [m for v in found.four for m in v.measures if m.name == "warmth"]


def test_without_a_past_the_mood_is_its_warmth():
    found = board(row())
    assert measure(found, "warmth").value == 0.6
    points = measure(found, "warmth").points
    assert points.low < points.at < points.high
    assert measure(found, "returned_viewers").value is None


def test_what_is_usual_is_the_median_of_the_last_streams_that_had_evidence():
    past = [PastMarket(9, None, {"value": points}) for points in (10.0, 60.0, 80.0)]
    usual = {v.name: v.usual for v in board(row(), past=past).four}
    assert (usual["value"].points, usual["value"].streams) == (60.0, 3)
    assert usual["variation"] is None
    assert board(row(), past=past[:1]).four[2].usual is None, "one evening is no custom"


def test_a_vibration_by_the_resonance_score_is_not_held_against_those_by_warmth():
    past = [PastMarket(100, 20, {"vibration": 50.0})] * 3
    assert board(row(), past=past).four[3].usual.points == 50.0
    known = board(row(), returned=20, past=past)
    assert known.resonance.score is not None
    assert known.four[3].usual is None


def test_a_lift_is_of_markets_and_never_of_the_room():
    rubbing = {"friction": {"taboo_etiquette": {"count": 10, "severity": 10}}}
    assert measure(board(row(**rubbing)), "taboo_etiquette_lift").value > 1
    whole = row(ROOM, **rubbing)
    names = {m.name for v in scoreboard(whole, whole, ()).four for m in v.measures}
    assert "taboo_etiquette_lift" not in names


counts = st.integers(0, 10_000)


def some(*names: str):
    return st.dictionaries(st.sampled_from(names), counts)


@given(
    st.fixed_dictionaries(
        {
            "commenters": counts,
            "sentiment": some("negative", "neutral", "positive", "unscored"),
            "signals": some("product_request", "question"),
            "complaint_topics": some("customs_tax", "shipping", "price"),
            "purchases": some("paid", "cancelled", "refunded"),
            "masked": some("duplicate", "giveaway"),
            "scorers": some("model", "rules"),
            "questions_opened": counts,
            "questions_answered": counts,
            "answer_seconds": some("15", "600", "more"),
            "friction": st.dictionaries(
                st.sampled_from(["hard_sell", "taboo_etiquette"]),
                st.fixed_dictionaries({"count": counts, "severity": counts}),
            ),
        }
    ),
    st.none() | counts,
)
def test_whatever_a_row_says_a_score_lies_within_1_and_100_and_within_its_ends(fields, returned):
    crowd = msgspec.convert({"stream": "s", "market": "DE", **fields}, WindowRow)
    for room in (crowd, row(ROOM)):
        for v in scoreboard(crowd, room, (), returned=returned).four:
            if v.score is not None:
                assert 1 <= v.score.low <= v.score.at <= v.score.high <= 100
