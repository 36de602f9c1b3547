"""The comments behind a number: those asked for and no others, by nobody's name."""

import msgspec
import pytest

from resonance.agents.board.answers import answer_now
from resonance.agents.board.comments import KEPT_MS, Deleted
from resonance.agents.board.evidence import SHOWN, Evidence, Wanted
from resonance.agents.board.evidence_web import BadQueryError, wanted_of
from resonance.agents.board.state import BoardState
from resonance.sentiment.scores import Sentiment
from resonance.streams.events import LoggedStage, Place
from support.board_feed import START_MS, comment, friction, key_of, room, row

NEGATIVE = Sentiment(0.9, 0.1, 0.0)


def stage(action: str, at_ms: int, **fields: object) -> LoggedStage:
    return LoggedStage(
        id=f"{action}-{at_ms}",
        platform="youtube",
        channel="shop",
        occurred_at_ms=at_ms,
        ingested_at_ms=at_ms,
        stream="s1",
        action=action,
        place=Place("stage", 0, 0),
        **fields,
    )


def evidence(*events: object, deleted: Deleted | None = None) -> Evidence:
    held = Evidence(deleted or Deleted())
    for event in events:
        held.take(event, event.occurred_at_ms)
    return held


def wanted(**fields: object) -> Wanted:
    span = {"from_ms": START_MS, "to_ms": START_MS + 60_000}
    return Wanted(**{"stream": "s1", "market": "DE", **span, **fields})


def texts(held: Evidence, **fields: object) -> list[str]:
    return [quote.text for quote in held.find(wanted(**fields)).comments]


HELD = (
    comment("late parcel", sentiment=NEGATIVE, signals=("complaint",), topics=("shipping",)),
    comment("how much", signals=("question",), topics=("price",), occurred_at_ms=START_MS + 1),
    comment("customs!", friction=(friction("customs_regulation"),), occurred_at_ms=START_MS + 2),
    comment("hello", market="US", occurred_at_ms=START_MS + 3),
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["customs!", "how much", "late parcel"]),
        ({"market": "*"}, ["hello", "customs!", "how much", "late parcel"]),
        ({"sentiment": "negative"}, ["late parcel"]),
        ({"signal": "question"}, ["how much"]),
        ({"topic": "shipping"}, ["late parcel"]),
        ({"topic": "shipping", "signal": "question"}, []),
        ({"friction": "customs_regulation"}, ["customs!"]),
        ({"from_ms": START_MS + 1, "to_ms": START_MS + 2}, ["how much"]),
        ({"stream": "s2"}, []),
    ],
)
def test_what_is_asked_for_is_found_newest_first_and_nothing_else(asked, found):
    assert texts(evidence(*HELD), **asked) == found


def test_who_is_forgotten_is_no_evidence_and_no_moment_and_others_are():
    ann, bob = {"viewer": "a1"}, {"viewer": "b2"}
    held = evidence(
        stage("product_shown", START_MS, product="serum"),
        comment("from Ann", **ann),
        comment("from Bob", **bob),
        comment("Ann moderates", role="moderator", **ann),
        comment("Bob moderates", role="moderator", **bob),
    )
    held.forget({"a1"})
    found = held.find(wanted())
    assert [quote.text for quote in found.comments] == ["from Bob"]
    assert [moment.text for moment in found.moments] == [None, "Bob moderates"]
    assert (found.authors, found.product) == (1, "serum")
    assert set(held.texts("s1", ["c-from Ann", "c-from Bob"])) == {"c-from Bob"}


def test_a_loud_voice_is_told_from_many_and_nobody_is_named():
    held = evidence(*(comment(f"n{n}", viewer=f"{n % 2:016x}") for n in range(6)))
    found = held.find(wanted())
    assert (found.matching, found.authors) == (6, 2)
    assert {quote.author for quote in found.comments} == {1, 2}
    assert b"0000000000000" not in msgspec.json.encode(found)


def test_deleted_and_repeated_comments_are_not_shown_twice_or_at_all():
    deleted = Deleted()
    held = evidence(comment("a"), comment("b"), comment("b"), deleted=deleted)
    deleted.add("c-a")
    assert texts(held) == ["b"]


def test_many_are_counted_and_only_the_newest_are_quoted():
    many = (comment(f"n{n}", occurred_at_ms=START_MS + n) for n in range(SHOWN + 5))
    found = evidence(*many).find(wanted())
    assert (found.matching, len(found.comments)) == (SHOWN + 5, SHOWN)
    assert found.comments[0].text == f"n{SHOWN + 4}"


def test_what_is_older_than_fifteen_minutes_leaves_but_the_product_on_screen_stays_known():
    later = comment("later", occurred_at_ms=START_MS + KEPT_MS + 1)
    held = evidence(stage("product_shown", START_MS, product="lamp"), comment("old"), later)
    found = held.find(wanted(to_ms=START_MS + KEPT_MS + 2))
    assert [quote.text for quote in found.comments] == ["later"]
    assert (found.product, found.moments) == ("lamp", [])
    assert found.held_since_ms == START_MS + 1


def test_the_product_is_the_one_on_screen_at_the_end_of_the_time_asked_for():
    held = evidence(
        stage("product_shown", START_MS, product="lamp"),
        stage("product_removed", START_MS + 10),
        stage("product_shown", START_MS + 20, product="serum"),
    )
    at = {until: held.find(wanted(to_ms=START_MS + until)).product for until in (5, 15, 25)}
    assert at == {5: "lamp", 15: None, 25: "serum"}


def test_moments_reach_a_minute_back_and_say_what_staff_did_and_said():
    held = evidence(
        stage("product_shown", START_MS - 60_001, product="old"),
        stage("price", START_MS - 60_000, product="lamp", text="half price"),
        stage("viewers", START_MS, viewers=9),
        comment("shipping is free", role="host"),
        stage("giveaway_started", START_MS + 60_000),
    )
    assert [(m.action, m.role, m.text) for m in held.find(wanted()).moments] == [
        ("price", "host", "half price"),
        ("said", "host", "shipping is free"),
    ]


def board_with(*rows: object) -> BoardState:
    state = BoardState()
    for window in rows:
        state.apply(key_of(window), msgspec.json.encode(window), 1, seen_at=0, written_at_ms=0)
    return state


def question(topic: str, askers: int, first_s: int, **fields: object) -> dict[str, object]:
    first_ms = START_MS + first_s * 1_000
    times = {"first_asked_ms": first_ms, "last_asked_ms": first_ms}
    return {"topic": topic, "asks": askers, "askers": askers, "asked_by": [], **times, **fields}


def test_questions_to_answer_now_are_ranked_by_askers_wishes_to_buy_and_wait_over_all_markets():
    state = board_with(
        room(),
        row("DE", open_questions=[question("price", 3, 60), question("stock", 1, 0)]),
        row("US", open_questions=[question("usage", 1, 60, intents=3, asked_by=["c-how"])]),
    )
    held = evidence(comment("how", market="US"))

    def lines(ids):
        return held.texts("s1", ids)

    ranked = answer_now(state.streams["s1"], lines, count=2)
    assert [(one.market, one.topic, one.rank) for one in ranked] == [
        ("US", "usage", 240.0),
        ("DE", "price", 180.0),
    ]
    assert [line.text for line in ranked[0].texts] == ["how"]
    only = answer_now(state.streams["s1"], lines, market="DE", count=9)
    assert [one.topic for one in only] == ["price", "stock"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"signal": "negative"}, "`signal` is one of question, complaint"),
        ({"from_ms": "now"}, "`from_ms` is a time in UTC milliseconds"),
        ({"from_ms": "²"}, "`from_ms` is a time"),
        ({"from_ms": "2", "to_ms": "2"}, "`from_ms` must lie before `to_ms`"),
        ({"viewer": "x"}, "unknown parameter `viewer`"),
    ],
)
def test_an_address_that_makes_no_sense_is_told_what_there_is(query, told):
    stream = board_with(room()).streams["s1"]
    with pytest.raises(BadQueryError, match=told.replace("²", ".")):
        wanted_of(query, stream)


def test_without_times_the_last_three_minutes_of_the_stream_are_meant():
    stream = board_with(room()).streams["s1"]
    found = wanted_of({"stream": "s1", "market": "", "signal": ""}, stream)
    assert (found.from_ms, found.to_ms) == (START_MS - 59_999, START_MS + 120_001)
    assert (found.market, found.signal) == ("*", None)
