"""The scripted stream: what it promises to show, and that it never changes by itself."""

from collections import Counter

import pytest

from resonance.agents.demo import scenario
from resonance.agents.demo.running_order import (
    DURATION_SECONDS,
    GIVEAWAY_SECONDS,
    MARKETS,
    TROUBLE_NAMES,
    Trouble,
)
from resonance.agents.demo.tables import table, texts
from resonance.streams.codec import decode_raw, encode_raw
from resonance.streams.currencies import minor_digits
from resonance.streams.events import Comment, Purchase, Stage
from resonance.streams.markets import MARKET_LANGUAGES

START_MS = 1_700_000_000_000


@pytest.fixture(scope="module")
def events():
    return scenario.events(START_MS)


@pytest.fixture(scope="module")
def comments(events):
    return [event for event in events if isinstance(event, Comment)]


@pytest.fixture(scope="module")
def purchases(events):
    return [event for event in events if isinstance(event, Purchase)]


@pytest.fixture(scope="module")
def stage(events):
    return [event for event in events if isinstance(event, Stage)]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(events):
    def as_bytes(stream):
        return [encode_raw(event) for event in stream]

    assert as_bytes(events) == as_bytes(scenario.events(START_MS))
    assert as_bytes(events) != as_bytes(scenario.events(START_MS, seed=8))


def test_another_start_moves_every_time_and_changes_nothing_else(events):
    moved = scenario.events(START_MS + 5_000)

    assert [e.id for e in moved] == [e.id for e in events]
    assert {b.occurred_at_ms - a.occurred_at_ms for a, b in zip(events, moved, strict=True)} == {
        5_000
    }


def test_every_event_is_valid_on_the_wire(events):
    for event in events:
        assert decode_raw(encode_raw(event)) == event


def test_the_room_is_as_large_and_as_mixed_as_promised(comments):
    viewers = [comment for comment in comments if comment.role == "viewer"]
    texts_seen = {" ".join(comment.text.casefold().split()) for comment in viewers}

    assert len(viewers) >= 1_500
    assert len({comment.viewer_id for comment in viewers}) >= 500
    assert len({comment.market for comment in viewers if comment.market}) == len(MARKETS) >= 6
    assert 0.35 <= len(texts_seen) / len(viewers) <= 0.5  # As chat repeats itself.
    assert any(comment.market is None for comment in viewers)


def test_events_come_in_the_order_of_arrival_within_the_two_minutes(events):
    arrivals = [event.ingested_at_ms for event in events]

    assert arrivals == sorted(arrivals)
    assert isinstance(events[0], Stage)
    assert events[0].action == "started"
    assert isinstance(events[-1], Stage)
    assert events[-1].action == "ended"
    assert events[-1].occurred_at_ms == START_MS + DURATION_SECONDS * 1_000


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_seed_the_stream_starts_first_and_ends_last(seed):
    first, *between, last = scenario.events(START_MS, seed)

    assert isinstance(first, Stage)
    assert isinstance(last, Stage)
    assert (first.action, last.action) == ("started", "ended")
    assert all(START_MS <= e.occurred_at_ms <= e.ingested_at_ms for e in between)


@pytest.mark.parametrize(("seconds", "length"), [(10, 10), (45, 45), (500, DURATION_SECONDS)])
def test_a_shorter_stream_holds_what_has_arrived_by_its_end(events, seconds, length):
    *before, ended = scenario.cut(events, seconds)
    end_ms = START_MS + length * 1_000

    assert ended.action == "ended"
    assert ended.occurred_at_ms == end_ms
    assert [e.id for e in before] == [e.id for e in events[:-1] if e.ingested_at_ms <= end_ms]


def test_some_comments_are_late_and_some_are_sent_twice(comments):
    late = [c for c in comments if c.ingested_at_ms - c.occurred_at_ms > 3_000]
    sent = Counter(comment.id for comment in comments)

    assert 5 <= len(late) <= 40
    assert max(c.ingested_at_ms - c.occurred_at_ms for c in late) <= 9_000
    assert 4 <= sum(1 for times in sent.values() if times == 2) <= 30


def test_the_giveaway_flood_lies_between_its_stage_events(comments, stage):
    at_ms = {event.action: event.occurred_at_ms for event in stage}
    a_second = Counter((c.occurred_at_ms - START_MS) // 1_000 for c in comments)

    assert at_ms["giveaway_started"] == START_MS + GIVEAWAY_SECONDS.start * 1_000
    assert at_ms["giveaway_ended"] == START_MS + GIVEAWAY_SECONDS.stop * 1_000
    assert min(a_second[second] for second in GIVEAWAY_SECONDS) > 20


def test_one_text_is_sent_often_enough_to_be_a_burst(comments):
    assert max(Counter(comment.text for comment in comments).values()) > 50


def test_orders_are_in_the_currency_of_their_market_with_its_minor_digits(purchases):
    prices = {row["market"]: row for row in table("prices")}
    for purchase in purchases:
        row = prices[purchase.market]
        [line] = purchase.lines
        assert purchase.currency == row["currency"]
        assert purchase.amount_minor == line.amount_minor == line.units * int(row[line.product])
    dollars = {"USD": 1, "GBP": 1.25, "EUR": 1.1, "MXN": 0.055, "BRL": 0.18, "IDR": 0.000065}
    dollars |= {"THB": 0.028, "JPY": 0.0066, "SAR": 0.27}
    for row in prices.values():
        lamp = int(row["halo-lamp"]) / 10 ** minor_digits(row["currency"])
        assert 20 < lamp * dollars[row["currency"]] < 30, row["currency"]


def test_what_is_undone_was_paid_before(purchases):
    paid_at_ms = {p.order_id: p.occurred_at_ms for p in purchases if p.state == "paid"}
    undone = [p for p in purchases if p.state != "paid"]

    assert len(paid_at_ms) > 100
    assert {p.state for p in undone} == {"cancelled", "refunded"}
    assert all(p.occurred_at_ms > paid_at_ms[p.order_id] for p in undone)


@pytest.mark.parametrize("trouble", [Trouble(), Trouble("US", "shipping"), Trouble("JP")])
def test_the_trouble_is_where_and_what_it_was_asked_to_be(trouble):
    angry = set().union(
        *(
            texts(row["language"]).get(f"trouble_{trouble.topic}", ())
            for row in table("cast")
            if row["market"] == trouble.market
        )
    )
    seconds = [
        (event.occurred_at_ms - START_MS) // 1_000
        for event in scenario.events(START_MS, trouble=trouble)
        if isinstance(event, Comment) and event.text in angry
    ]

    assert sum(1 for second in seconds if second >= trouble.start_second) > 60
    assert sum(1 for second in seconds if second < trouble.start_second) < 10


def test_every_market_can_have_every_trouble_in_its_own_language():
    for market in MARKETS:
        language = next(row["language"] for row in table("cast") if row["market"] == market)
        assert language in MARKET_LANGUAGES[market]
        for topic in TROUBLE_NAMES:
            assert len(texts(language)[f"trouble_{topic}"]) >= 8, (market, topic)


def test_no_text_is_listed_twice_in_a_language():
    for language in {row["language"] for row in table("cast")}:
        listed = [text for theme in texts(language).values() for text in theme]
        assert len(listed) == len(set(listed)), language
