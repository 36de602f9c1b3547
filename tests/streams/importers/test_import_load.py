"""Whole files: order, markers, faults; the same whether sorted in memory or on disk."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.codec import encode_raw
from resonance.streams.events import Comment, Purchase, Stage
from resonance.streams.importers.load import events_of_file, events_of_files
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError
from resonance.streams.importers.sorting import MERGED_RUNS, EventSorter, order_key

PREMIERE = "chat/youtube_chatdownloader2020_premiere_en.json"
T0 = 1_700_000_000_000


def envelope(event_id, at_s, **changes):
    at_ms = T0 + at_s * 1_000
    fields = {"id": event_id, "platform": "test", "channel": "shop", "stream": "live"}
    return fields | {"occurred_at_ms": at_ms, "ingested_at_ms": at_ms} | changes


def comment(event_id, at_s, **changes):
    return Comment(**({"viewer_id": "u", "text": "hi"} | envelope(event_id, at_s, **changes)))


def purchase(event_id, at_s, **changes):
    order = {"order_id": "o", "state": "paid", "amount_minor": 1, "currency": "USD"}
    return Purchase(**(order | envelope(event_id, at_s, stream=None) | changes))


def stage(action, at_s, **changes):
    return Stage(action=action, **envelope(f"{action}@{at_s}", at_s, **changes))


@pytest.fixture
def load(tmp_path):
    """Write events to a file as they stand, and read them back as an import does."""

    def write_and_load(*events, **settings):
        path = tmp_path / "recording.jsonl"
        path.write_bytes(b"".join(encode_raw(event) + b"\n" for event in events))
        with events_of_files([path], **settings) as imported:
            found = list(imported)
            assert len(found) == imported.event_count
            return found

    return write_and_load


def test_a_stream_without_markers_gets_a_start_and_an_end(load):
    started, *middle, ended = load(comment("b", 20, stream_markets=("US",)), comment("a", 10))
    assert [event.id for event in middle] == ["a", "b"]
    assert (started.action, started.occurred_at_ms) == ("started", T0 + 10_000)
    assert (ended.action, ended.occurred_at_ms) == ("ended", T0 + 20_000)
    assert started.sources == {"comments": 1}
    assert ended.counts == {"comments": 2, "stage": 2}
    assert started.stream_markets == ended.stream_markets == ("US",)
    assert started.counts is ended.sources is None


def test_markers_of_its_own_are_completed_and_not_doubled(load):
    events = load(stage("ended", 30), comment("a", 20), stage("started", 20))
    assert [getattr(event, "action", "comment") for event in events] == [
        "started",
        "comment",
        "ended",
    ]
    assert events[0].sources == {"comments": 1}
    assert events[-1].counts == {"comments": 1, "stage": 2}


def test_a_start_after_the_first_comment_is_kept_and_the_file_opened_before_it(load):
    events = load(comment("early", 1), stage("started", 5), comment("late", 9), stage("ended", 8))
    assert [getattr(event, "action", event.id) for event in events] == [
        "started",
        "early",
        "started",
        "ended",
        "late",
    ]
    assert [event.sources for event in events if isinstance(event, Stage)] == [
        {"comments": 1, "stage": 1},
        None,
        None,
    ]
    assert events[3].counts == {"comments": 2, "stage": 3}


def test_an_import_of_an_import_is_the_same(load):
    once = load(comment("a", 1), purchase("p", 2), comment("b", 3), stage("caption", 1))
    assert load(*once) == once
    assert load(*reversed(once)) == once


def test_a_purchase_joins_the_stream_of_its_channel_that_was_live(load):
    events = load(
        comment("a", 0, stream="first"),
        comment("b", 100, stream="first"),
        comment("c", 50, stream="second"),
        comment("d", 150, stream="second"),
        comment("e", 0, stream="third", channel="other"),
        comment("f", 900, stream="third", channel="other"),
        purchase("p-first", 10),
        purchase("p-latest", 60),
        purchase("p-none", 500),
        purchase("p-own", 60, stream="first"),
    )
    joined = {event.id: event.stream for event in events if isinstance(event, Purchase)}
    assert joined == {
        "p-first": "first",
        "p-latest": "second",
        "p-none": None,
        "p-own": "first",
    }
    counts = {event.stream: event.counts for event in events if getattr(event, "counts", None)}
    assert counts["first"] == {"comments": 2, "purchases": 2, "stage": 2}
    assert counts["second"] == {"comments": 2, "purchases": 1, "stage": 2}


def test_comments_spread_over_partitions_are_counted_as_so_many_sources(load):
    viewers = [comment(str(n), n, viewer_id=f"u{n % 3}") for n in range(9)]
    events = load(*viewers, comment_partition=lambda c: int(c.viewer_id[1:]) % 2)
    assert events[0].sources == {"comments": 2}


@pytest.mark.parametrize(
    "beside",
    [
        [stage("caption", 3)],
        [stage("started", 1), stage("started", 3)],  # A follower that restarted.
        [stage("ended", 3)],  # Comments come after it: they must not be seen before it.
    ],
)
def test_the_stage_is_waited_for_only_where_it_has_more_than_two_markers_around_all(load, beside):
    alone = load(comment("a", 2), comment("b", 4))
    assert alone[0].sources == {"comments": 1}
    assert load(*beside, comment("a", 2), comment("b", 4))[0].sources == {"comments": 1, "stage": 1}
    assert load(stage("caption", 3))[0].sources == {"stage": 1}


def test_a_wrong_clock_does_not_undo_the_order_that_scoring_gives(load):
    events = load(comment("a", 9_000, ingested_at_ms=T0), comment("b", 7, ingested_at_ms=T0 + 7))
    assert [event.id for event in events[1:-1]] == ["a", "b"]  # Scoring clamps "a" to T0 + 5 s.


TIMES = st.lists(st.tuples(st.integers(0, 50), st.sampled_from("xyz")), min_size=1, max_size=40)


@given(TIMES, st.integers(2, 7))
def test_events_come_in_event_time_order_however_they_stand_and_are_sorted(times, limit):
    events = [comment(f"{n}", at, stream=stream) for n, (at, stream) in enumerate(times)]
    in_memory, on_disk = EventSorter(), EventSorter(limit)
    for event in events:
        in_memory.add(event)
        on_disk.add(event)
    found = list(on_disk.in_order())
    assert found == list(in_memory.in_order()) == sorted(events, key=order_key)
    on_disk.close()


def test_many_runs_are_merged_and_nothing_is_lost():
    sorter = EventSorter(limit=2)
    total = MERGED_RUNS * 2 * 2 + 5
    for n in range(total):
        sorter.add(comment(f"{n}", (n * 7_919) % total))
    assert [event.occurred_at_ms for event in sorter.in_order()] == [
        T0 + at * 1_000 for at in range(total)
    ]
    sorter.close()


def test_files_are_read_as_one(tmp_path):
    chat, orders = tmp_path / "chat.csv", tmp_path / "orders.csv"
    chat.write_text("time,user,text\n1700000000,u1,hi\n1700000090,u2,ho\n")
    orders.write_text("time,order_id,amount,currency\n1700000050,o1,9.50,USD\n")
    with events_of_files([chat, orders], Options(channel="shop")) as imported:
        _, first, order, last, ended = imported
    assert isinstance(order, Purchase)
    assert first.stream == order.stream == last.stream == "chat"
    assert ended.counts == {"comments": 2, "purchases": 1, "stage": 2}
    assert imported.summary.formats == ["csv", "csv"]


def test_skipped_rows_are_counted_by_reason_with_the_first_place_of_each(tmp_path):
    path = tmp_path / "chat.csv"
    path.write_text("time,user,text\n1700000000,u1,hi\n1,2\nsoon,u1,hi\n1\n")
    with events_of_file(path) as imported:
        summary = imported.summary
    assert (summary.rows, summary.converted) == (4, 1)
    assert summary.skipped == {"wrong_width": 2, "invalid_field": 1}
    assert summary.examples["wrong_width"] == f"{path}, line 3: 2 cells, not 3"


COMPLETE = b'{"author": "a", "message": "x", "timestamp": 1598724011094885}'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" + COMPLETE + b",\n" + COMPLETE[:30], ", line 2: the JSON array ends before"),
        (b"[" + COMPLETE + b"\n", ", line 2: the JSON array ends before"),
        (b"time,user\n1,2\n", ", line 1: no column for the comment's `text`"),
        (b"time,user,text\n1,2,3\n1,2,\xff\n", ", line 3: it is not UTF-8 text. Save it as UTF-8"),
        (b"time,user,text\nx,2,3\n", ": not one row can be used. The first: invalid_field"),
        (b"time,user,text\n", ": there are no rows in it"),
        (b"", ": there is nothing in it"),
        (b"what is this\n", ", line 1: it is none of the known formats"),
        (None, ": it cannot be read (No such file or directory)"),
    ],
)
def test_a_broken_file_is_named_with_line_and_remedy(tmp_path, content, words):
    path = tmp_path / "broken"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BrokenFileError) as caught:
        events_of_file(path)
    assert str(caught.value).startswith(f"{path}{words}")


def test_the_real_premiere_has_all_its_comments_and_commenters(data_dir):
    with events_of_file(data_dir / PREMIERE) as imported:
        started, *comments, ended = imported
    assert imported.summary.skipped == {}
    assert len(comments) == 7_453
    assert len({comment.viewer_id for comment in comments}) == 6_008
    assert started.sources == {"comments": 1}
    assert ended.counts == {"comments": 7_453, "stage": 2}
    with events_of_files([data_dir / PREMIERE], in_memory_events=1_000) as again:
        assert list(again) == [started, *comments, ended]


def test_a_stream_for_each_row_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "rows.jsonl"
    line = {"kind": "comment", "text": "", "viewer_id": "u", "occurred_at_ms": 1}
    path.write_text("".join(json.dumps(line | {"stream": str(n)}) + "\n" for n in range(10_001)))
    with pytest.raises(BrokenFileError, match="more than 10000 streams"):
        events_of_file(path)
    with events_of_file(path, Options(stream="one")) as imported:
        assert imported.event_count == 10_003
