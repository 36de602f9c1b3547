"""Purchases that name no stream: where they join, and that each is counted once."""

from resonance.streams.events import LogEvent
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.windows import WindowRow
from support.log_events import Build, renumbered, reopened, rows_of, taken


def test_a_purchase_without_a_stream_joins_the_one_live_at_its_time_else_none():
    build = Build()
    events: list[LogEvent] = [
        build.purchase("during", 10, stream=None, market="US"),
        build.stage("started", 5),
        build.stage("ended", 100),
        build.purchase("after", 200, stream=None, market="US"),
        *build.ticks(600),
    ]

    rows = rows_of(events)

    assert rows["live|US|total"].purchases == {"paid": 1}
    assert rows["off_stream:shop|US|total"].purchases == {"paid": 1}


def test_a_purchase_that_joins_is_seen_in_its_turn_and_tells_where_its_viewer_shops():
    build = Build()
    viewer = {"viewer": "00000000000000aa"}
    unknown = {"market": "unknown", "market_source": "unknown"}
    events: list[LogEvent] = [
        build.stage("started", 0),
        build.comment("before", 5, **viewer, **unknown),
        build.purchase("sale", 10, stream=None, market="DE", **viewer),
        build.comment("after", 15, **viewer, **unknown),
        *build.ticks(12),
        *build.ticks(600),
    ]

    rows = rows_of(events, batch=len(events))

    assert rows["live|DE|total"].market_sources == {"order": 1}
    assert rows["live|unknown|total"].market_sources == {"unknown": 1}
    assert rows == rows_of(events, batch=1)


def test_a_purchase_without_a_stream_that_is_sent_again_after_a_restart_is_counted_once():
    build = Build()
    sale = build.purchase("sale", 10, stream=None, market="US")
    log = renumbered([build.stage("started", 5), sale, *build.ticks(60), sale, *build.ticks(120)])
    settings = FoldSettings()
    fold = PartitionFold(settings)
    rows: dict[str, WindowRow] = {}
    for offset, event in enumerate(log):
        fold.apply(offset, event)
        fold.advance()
        rows |= taken(fold)
        fold = reopened(fold, settings, log)
        rows |= taken(fold)

    assert rows["live|US|total"].purchases == {"paid": 1}
    assert rows == rows_of(log)


def test_a_purchase_without_a_stream_written_again_after_a_crash_is_no_copy_after_a_restart():
    build = Build()
    sale = build.purchase("sale", 10, stream=None, market="US")
    started = build.stage("started", 5)
    log = [started, sale, started, sale, *build.ticks(60), build.comment("c", 61)]
    fold = PartitionFold(FoldSettings())
    for offset, event in enumerate(log):
        fold.apply(offset, event)
        fold = reopened(fold, FoldSettings(), log)

    assert fold.state.difference() == 0
    rows = taken(fold)
    assert rows["live|*|total"].duplicates == 0
    assert rows == rows_of(log)
