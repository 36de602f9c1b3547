"""`windows` -> state: the highest `upto` stays, whatever order the rows arrive in."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.board.state import (
    BUCKET_HORIZON_MS,
    STREAM_LIMIT,
    STREAMS_KEPT,
    BoardState,
    Outcome,
    Place,
    parse_key,
)
from resonance.streams.windows import WindowRow, encode_row, window_key
from support.board_feed import START_MS, key_of, room, row


def put(
    state: BoardState, window: WindowRow, upto: int = 1, *, seen_at: float = 0.0, at_ms: int = 0
) -> Outcome:
    value = encode_row(window)
    return state.apply(key_of(window), value, upto, seen_at=seen_at, written_at_ms=at_ms)


def delete(state: BoardState, window: WindowRow, upto: int) -> Outcome:
    return state.apply(key_of(window), None, upto, seen_at=0.0, written_at_ms=0)


def test_a_row_with_a_lower_upto_changes_nothing():
    state = BoardState()
    assert put(state, row(comments=7), upto=9) is Outcome.APPLIED
    assert put(state, row(comments=3), upto=8) is Outcome.STALE
    assert state.streams["s1"].totals["DE"].row.comments == 7


def test_a_bucket_with_a_lower_upto_changes_nothing():
    state = BoardState()
    put(state, row(comments=7, start_ms=START_MS), upto=9)
    assert put(state, row(comments=3, start_ms=START_MS), upto=8) is Outcome.STALE
    assert state.streams["s1"].buckets["DE"][START_MS].comments == 7


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", b"{}"),
        ("s1|DE", b"{}"),
        ("s1|DE|total|x", b"{}"),
        ("|DE|total", b"{}"),
        ("s1|Germany|total", b"{}"),
        ("s1|DE|soon", b"{}"),
        ("s1|DE|-1", b"{}"),
        ("s1|DE|total", b""),
        ("s1|DE|total", b"not json"),
        ("s1|DE|total", b"\xff\xfe"),
        ("s1|DE|total", b"[]"),
        ("s1|DE|total", b'{"stream":"s1"}'),
        ("s1|DE|total", b'{"stream":"s1","market":"DE","comments":"many"}'),
        ("s1|DE|total", encode_row(row("FR"))),  # The key says otherwise.
        ("s1|DE|total", encode_row(row(start_ms=START_MS))),
        ("s1|DE|total", b"[" * 100_000),
    ],
)
def test_a_record_that_is_no_row_is_told_apart_and_leaves_no_trace(key, value):
    state = BoardState()
    assert state.apply(key, value, 1, seen_at=0.0, written_at_ms=0) is Outcome.INVALID
    assert state.streams == {}


@given(st.text(min_size=1), st.sampled_from(["DE", "unknown", "*"]), st.none() | st.integers(0, 9))
def test_every_key_that_is_written_can_be_read(stream, market, start_ms):
    assert parse_key(window_key(stream, market, start_ms)) == Place(stream, market, start_ms)


ROWS = st.builds(
    lambda market, start, comments, upto: (
        row(market, start_ms=start and START_MS + start * 10_000, comments=comments),
        upto,
    ),
    st.sampled_from(["*", "DE", "US"]),
    st.none() | st.integers(1, 200),
    st.integers(0, 9),
    st.integers(0, 50),
)


@given(st.lists(ROWS, max_size=30, unique_by=lambda pair: (key_of(pair[0]), pair[1])), st.data())
def test_any_interleaving_of_the_same_rows_gives_the_same_state(rows, data):
    in_order, shuffled = BoardState(), BoardState()
    for window, upto in rows:
        put(in_order, window, upto)
    for window, upto in data.draw(st.permutations(rows)):
        put(shuffled, window, upto)
    assert _recent(in_order) == _recent(shuffled)


def _recent(state: BoardState) -> object:
    """Return what is shown: of a market that fell silent, old buckets go when it speaks again."""
    return [
        (
            {market: (group.row, group.upto) for market, group in stream.totals.items()},
            {
                (market, at): bucket
                for market, buckets in stream.buckets.items()
                for at, bucket in buckets.items()
                if at > stream.newest_ms - BUCKET_HORIZON_MS
            },
        )
        for stream in state.streams.values()
    ]


def test_a_deleted_total_is_gone_and_no_older_row_brings_it_back():
    state = BoardState()
    put(state, row(comments=7), upto=5)
    assert delete(state, row(), upto=6) is Outcome.APPLIED
    assert put(state, row(comments=7), upto=5) is Outcome.STALE
    assert state.listed() == []
    assert put(state, row(comments=8), upto=7) is Outcome.APPLIED


def test_a_deletion_older_than_the_row_is_passed_over():
    state = BoardState()
    put(state, row(comments=7), upto=5)
    assert delete(state, row(), upto=4) is Outcome.STALE
    assert state.streams["s1"].totals["DE"].row.comments == 7


def test_a_stream_leaves_with_its_last_total_and_its_sums_are_kept():
    state = BoardState()
    put(state, room(comments=9, languages={"de": 9}))
    put(state, row(comments=9, languages={"de": 9}))
    put(state, row(comments=9, start_ms=START_MS))
    delete(state, room(), upto=2)
    delete(state, row(), upto=2)
    assert state.streams == {}
    assert state.retired["DE"].languages == {"de": 9}


def test_buckets_past_the_horizon_are_not_kept():
    state = BoardState()
    put(state, row(comments=1, start_ms=START_MS))
    put(state, row(comments=2, start_ms=START_MS + BUCKET_HORIZON_MS))
    assert list(state.streams["s1"].buckets["DE"]) == [START_MS + BUCKET_HORIZON_MS]
    assert put(state, row(comments=1, start_ms=START_MS)) is Outcome.STALE


def test_past_the_limit_the_streams_that_are_furthest_back_leave_some_at_once():
    state = BoardState()
    for n in range(STREAM_LIMIT):
        put(state, room(stream=f"s{n}", watermark_ms=START_MS + n) if n else old_room())
    assert "old" in state.streams
    put(state, room(stream="new", watermark_ms=START_MS))
    gone = STREAM_LIMIT - STREAMS_KEPT
    assert [*state.streams] == [*(f"s{n}" for n in range(gone, STREAM_LIMIT)), "new"]
    assert state.evicted == gone
    assert state.retired["*"].too_late == 4


def old_room() -> WindowRow:
    return row("*", stream="old", watermark_ms=START_MS - 1, too_late=4)


def test_live_streams_are_listed_before_ended_ones_and_stray_orders_last():
    state = BoardState()
    for name, started_ms, ended in [("a", 1, False), ("b", 2, False), ("c", 3, True)]:
        put(state, row("*", stream=name, started_at_ms=started_ms, ended=ended))
    put(state, row("*", stream="off_stream:shop", started_at_ms=2))
    assert [stream.name for stream in state.listed()] == ["b", "a", "c", "off_stream:shop"]


def test_when_a_stream_ended_is_told_by_the_first_row_that_says_so():
    state = BoardState()
    put(state, room(), upto=1, at_ms=100)
    put(state, room(ended=True), upto=2, at_ms=200)
    put(state, room(ended=True), upto=3, at_ms=300)
    assert state.streams["s1"].ended_at_ms == 200


def test_a_group_remembers_when_it_and_its_open_labels_were_first_seen():
    state = BoardState()
    put(state, row(amount_minor={"EUR": 5}), upto=1, seen_at=-inf)
    put(state, row(amount_minor={"EUR": 5, "CHF": 5}, languages={"de": 1}), upto=2, seen_at=3.0)
    group = state.streams["s1"].totals["DE"]
    assert group.seen_at == -inf
    assert group.labels_seen_at == {"EUR": -inf, "CHF": 3.0, "de": 3.0}


def test_what_a_scrape_reads_does_not_change_under_it():
    state = BoardState()
    put(state, row(comments=1), upto=1)
    put(state, row(comments=1, start_ms=START_MS), upto=1)
    frozen = state.streams["s1"].frozen()
    put(state, row(comments=2), upto=2)
    put(state, row("US", comments=2), upto=2)
    put(state, row(comments=2, start_ms=START_MS), upto=2)
    assert {market: group.row.comments for market, group in frozen.totals.items()} == {"DE": 1}
    assert frozen.buckets["DE"][START_MS].comments == 1
