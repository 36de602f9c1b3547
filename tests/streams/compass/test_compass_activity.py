"""What a stream's replay counts for the compass: who wrote in which minute, and orders."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.compass.activity import SLOT_MS, Activity
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replaying.log import LogRecord, LogReplay, replay_log
from support.log_events import MOODS, START_MS, Build, rows_of, whole_file

ALICE, BOB = f"{1:016x}", f"{2:016x}"
# The builders begin at 22:13:20 UTC: the next quarter of an hour is 100 s away, on a minute's
# border 40 s after.
SLOT_S = 100
FIRST_SLOT_MS = START_MS // SLOT_MS * SLOT_MS


def activity_of(events, **settings) -> list[Activity]:
    records = (LogRecord(offset, event) for offset, event in enumerate(events))
    return replay_log(records, FoldSettings(**settings)).streams["live"].activity


def told(activity):
    return {(a.market, a.start_ms): (a.commenter_minutes, a.orders, a.comments) for a in activity}


def test_a_viewer_counts_once_a_minute_and_again_in_the_next_one():
    build = Build()
    said = [
        build.comment(f"c{n}", at_s, viewer=viewer)
        for n, (at_s, viewer) in enumerate([(1, ALICE), (2, ALICE), (3, BOB), (45, ALICE)])
    ]
    found = activity_of(whole_file(build, said))
    assert told(found) == {("US", FIRST_SLOT_MS): (3, 0, 4)}


def test_a_viewer_of_two_markets_counts_in_each():
    build = Build()
    said = [
        build.comment("c1", 1, viewer=ALICE, market="US", market_source="declared"),
        build.comment("c2", 2, viewer=ALICE, market="DE", market_source="declared"),
    ]
    found = activity_of(whole_file(build, said))
    assert [(a.market, a.commenter_minutes) for a in found] == [("DE", 1), ("US", 1)]


def test_counts_stand_by_the_quarter_of_an_hour_in_order_of_market_and_time():
    build = Build()
    said = [build.comment(f"c{n}", at_s) for n, at_s in enumerate((0, SLOT_S - 1, SLOT_S))]
    said.append(build.comment("de", SLOT_S + 1, market="DE"))
    found = activity_of(whole_file(build, said))
    assert [(a.market, a.start_ms, a.comments) for a in found] == [
        ("DE", FIRST_SLOT_MS + SLOT_MS, 1),
        ("US", FIRST_SLOT_MS, 2),
        ("US", FIRST_SLOT_MS + SLOT_MS, 1),
    ]


def test_moods_are_counted_and_staff_and_masked_comments_are_not():
    build = Build()
    said = [
        build.comment("good", 1, sentiment=MOODS["positive"]),
        build.comment("bad", 2, sentiment=MOODS["negative"]),
        build.comment("unscored", 3, sentiment=MOODS["negative"], scorer="unscored"),
        build.comment("host", 4, role="host", sentiment=MOODS["positive"]),
        build.stage("giveaway_started", 5),
        build.comment("me!", 6, sentiment=MOODS["positive"]),
        build.stage("giveaway_ended", 7),
    ]
    [found] = activity_of(whole_file(build, said))
    assert (found.comments, found.positive, found.negative) == (3, 1, 1)
    assert found.commenter_minutes == 3


def test_only_paid_purchases_are_orders_and_they_count_in_the_market_that_the_fold_gave_them():
    build = Build()
    events = [
        build.comment("c", 1, viewer=ALICE, market="DE", market_source="declared"),
        build.purchase("p1", 2, viewer=ALICE),  # Names no market: its viewer's is known.
        build.purchase("p2", 3, viewer=BOB),
        build.purchase("p3", 4, market="BR"),
        build.purchase("p4", 5, market="BR", state="cancelled"),
    ]
    log = whole_file(build, events)
    found = {a.market: a.orders for a in activity_of(log)}
    assert found == {"DE": 1, "unknown": 1, "BR": 1}
    rows = rows_of(log)
    for market, orders in found.items():
        assert rows[f"live|{market}|total"].purchases["paid"] == orders


def test_late_orders_count_and_late_comments_do_not():
    build = Build()
    log = [
        build.stage("started", 0),
        build.comment("on-time", 10),
        *build.ticks(100),
        build.comment("late", 20, late_s=90),
        build.purchase("order", 30, late_s=90, market="US"),
        build.stage("ended", 120),
        *build.ticks(1_500),
    ]
    assert told(activity_of(log)) == {("US", FIRST_SLOT_MS): (1, 1, 1)}
    assert rows_of(log)["live|US|total"].comments == 2, "sums know of both"


def test_an_order_of_no_stream_counts_where_it_joins():
    build = Build()
    log = [
        build.stage("started", 0),
        build.comment("c", 10),
        build.purchase("order", 20, stream=None, market="US"),
        build.purchase("too-early", -50, stream=None, market="US"),
        *build.ticks(200),
        build.stage("ended", 300),
        *build.ticks(1_500),
    ]
    assert told(activity_of(log)) == {("US", FIRST_SLOT_MS): (1, 1, 1)}


@given(
    said=st.lists(
        st.tuples(st.integers(0, 2_000), st.integers(0, 5), st.sampled_from(("US", "DE"))),
        max_size=60,
    ),
    seed=st.integers(0, 1_000),
)
def test_the_counts_are_those_of_the_log_whatever_its_order_and_its_batches(said, seed):
    build = Build()
    events = [
        build.comment(f"c{n}", at_s, viewer=f"{viewer:016x}", market=market)
        for n, (at_s, viewer, market) in enumerate(said)
    ]
    whole = whole_file(build, events)
    once = activity_of(whole)

    pairs = {(m, v, (START_MS + s * 1000) // 60_000) for s, v, m in said}
    assert sum(a.commenter_minutes for a in once) == len(pairs)
    assert sum(a.comments for a in once) == len(said)

    shuffled = events[:]
    random.Random(seed).shuffle(shuffled)
    replay = LogReplay(FoldSettings())
    for offset, event in enumerate(whole_file(Build(), shuffled)):
        replay.feed(LogRecord(offset, event))
        if offset % 7 == seed % 7:
            replay.changed()
    assert replay.finish().streams["live"].activity == once


@pytest.mark.parametrize("state", ["cancelled", "refunded"])
def test_a_stream_of_nothing_but_cancelled_orders_has_no_activity(state):
    build = Build()
    assert activity_of(whole_file(build, [build.purchase("p", 1, market="US", state=state)])) == []
