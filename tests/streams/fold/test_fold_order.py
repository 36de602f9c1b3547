"""No interleaving, no batch shape, no restart and no second delivery may change a row."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.events import LogEvent, LoggedStage, ScoredComment
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.windows import WindowRow, decode_row
from support.chat_logs import chat, file_logs, interleaved, live_logs, source_of
from support.log_events import (
    Build,
    renumbered,
    reopened,
    rows_of,
    run_fold,
    taken,
)

seeds = st.integers(0, 2**32)


@pytest.mark.parametrize("logs_of", [file_logs, live_logs])
@given(seed=seeds)
def test_any_interleaving_of_the_source_partitions_gives_the_same_rows(logs_of, seed):
    dice = random.Random(seed)
    logs = logs_of(dice, Build())

    first = rows_of(interleaved(dice, logs), burst_size=4)
    second = rows_of(interleaved(dice, logs), burst_size=4)

    assert first["live|*|total"].ended
    assert first == second


@given(seed=seeds)
def test_a_file_and_the_live_stream_it_recorded_give_the_same_sums(seed):
    live = rows_of(interleaved(random.Random(1), live_logs(random.Random(seed), Build())))
    file = rows_of(interleaved(random.Random(2), file_logs(random.Random(seed), Build())))

    assert live == file


@pytest.mark.parametrize("logs_of", [file_logs, live_logs])
@given(seed=seeds)
def test_a_restart_from_any_snapshot_gives_the_same_rows(logs_of, seed):
    dice = random.Random(seed)
    log = interleaved(dice, logs_of(dice, Build()))
    settings = FoldSettings(burst_size=4)
    rows: dict[str, WindowRow] = {}

    fold = PartitionFold(settings)
    while fold.offset < len(log):
        for offset in range(fold.offset, min(fold.offset + dice.randrange(1, 30), len(log))):
            fold.apply(offset, log[offset])
        fold.advance()
        rows |= taken(fold)
        if dice.random() < 0.5:
            fold = reopened(fold, settings, log)
            rows |= taken(fold)

    assert rows == rows_of(log, burst_size=4)


@pytest.mark.parametrize("logs_of", [file_logs, live_logs])
@given(seed=seeds)
def test_records_delivered_again_are_dropped_by_the_fence(logs_of, seed):
    dice = random.Random(seed)
    log = interleaved(dice, logs_of(dice, Build()))
    repeated: list[LogEvent] = []
    for end in range(1, len(log) + 1):
        repeated.append(log[end - 1])
        if dice.random() < 0.1:
            # A scorer that restarts sends again what it had sent since it last committed.
            repeated += log[max(0, end - dice.randrange(20)) : end]

    assert without_duplicates(rows_of(repeated)) == without_duplicates(rows_of(log))


@given(seed=seeds)
def test_events_that_the_platform_sends_again_are_counted_once(seed):
    dice = random.Random(seed)
    build = Build()
    events = sorted(chat(dice, build), key=lambda e: (e.occurred_at_ms, e.id))
    twice = [e for event in events for e in [event] * dice.choice((1, 1, 2, 3))]

    def rows(chosen: Sequence[LogEvent]) -> dict[str, WindowRow]:
        counts: dict[str, int] = {"stage": 2}
        for event in chosen:
            counts[source_of(event)[0]] = counts.get(source_of(event)[0], 0) + 1
        started = build.stage("started", 0, sources=dict.fromkeys(counts, 1))
        ended = build.stage("ended", 1_600, counts=counts)
        return without_duplicates(rows_of(renumbered([started, *chosen, ended])))

    assert rows(twice) == rows(events)


def without_duplicates(rows: dict[str, WindowRow]) -> dict[str, WindowRow]:
    for row in rows.values():
        row.duplicates = 0
    return rows


def test_a_stream_that_nobody_announced_is_taken_for_live_once_all_partitions_have_spoken():
    build = Build()
    comment = build.comment("a", 1)
    early = [build.tick("comments", 0, 2), build.tick("purchases", 0, 9)]

    waiting = run_fold([comment, *early], batch=1)
    assert waiting.state.streams["live"].progress.kind == "undecided"

    decided = run_fold([comment, *early, *build.ticks(20)], batch=1)
    assert decided.state.streams["live"].progress.kind == "live"
    assert decided.state.streams["live"].room.total().comments == 0
    assert decided.state.streams["live"].markets["US"].total().comments == 1


def test_a_live_stream_waits_for_its_slowest_source_partition():
    build = Build()
    events: list[LogEvent] = [build.stage("started", 0), build.comment("a", 1)]

    behind = run_fold([*events, *build.ticks(60)[:2]])
    assert "US" not in behind.state.streams["live"].markets

    complete = run_fold([*events, *build.ticks(60)])
    assert complete.state.streams["live"].markets["US"].total().comments == 1


def test_a_file_that_is_sent_a_second_time_changes_nothing_but_the_duplicates():
    build = Build()
    once: list[LogEvent] = [
        build.stage("started", 0, sources={"comments": 1, "stage": 1}),
        build.comment("a", 1),
        build.stage("ended", 1, counts={"comments": 1, "stage": 2}),
    ]
    again = renumbered([*once, *once])

    rows = rows_of(again)

    assert rows["live|*|total"].comments == 1
    assert rows["live|*|total"].duplicates == 3


def test_a_file_of_comments_and_two_markers_need_not_wait_for_its_end():
    build = Build()
    comments = [build.comment(str(second), second) for second in range(0, 1_200, 10)]
    for sources, complete in (({"comments": 1}, 119), ({"comments": 1, "stage": 1}, 0)):
        fold = PartitionFold(FoldSettings())
        for offset, event in enumerate(
            renumbered([build.stage("started", 0, sources=sources), *comments])
        ):
            fold.apply(offset, event)
        fold.advance()
        assert sum(row.comments for row in taken(fold).values() if row.market == "US") == (
            2 * complete  # In a window and in the total.
        )


def test_an_ended_streams_totals_are_deleted_two_days_later_and_not_before():
    build = Build()
    events: list[LogEvent] = [
        build.stage("started", 0),
        build.comment("a", 1),
        build.stage("ended", 2),
        *build.ticks(60),
    ]

    kept = run_fold([*events, *build.ticks(60 + 48 * 3_600)])
    assert all(value is not None for _, value in kept.take_changed())

    gone = run_fold([*events, *build.ticks(61 + 48 * 3_600)])
    assert {key for key, value in gone.take_changed() if value is None} == {
        "live|US|total",
        "live|unknown|total",
        "live|*|total",
    }


def test_a_name_that_is_heard_again_keeps_its_totals_for_two_days_from_then():
    build, again_s = Build(), 47 * 3_600
    log: list[LogEvent] = [
        build.comment("a", 1),
        build.stage("ended", 2),
        *build.ticks(60),
        *build.ticks(again_s),
        build.comment("b", again_s),
        *build.ticks(50 * 3_600),
    ]

    kept = {key: value for key, value in run_fold(log).take_changed() if value is not None}
    assert decode_row(kept["live|*|total"]).comments == 2

    later = run_fold([*log, *build.ticks(again_s + 48 * 3_600 + 61)])
    assert ("live|*|total", None) in later.take_changed()


@pytest.mark.parametrize("restarted", [False, True])
def test_what_waits_when_a_stream_is_forgotten_is_in_its_windows(restarted):
    """A scorer was two days behind: the ticks stood still, and what came meanwhile waits."""
    build, late_s = Build(), 49 * 3_600
    log: list[LogEvent] = [
        build.comment("a", 1),
        build.stage("ended", 2),
        *build.ticks(60),
        build.comment("b", late_s),
        *build.ticks(120 + 48 * 3_600),
        *build.ticks(late_s + 3_600),
    ]

    fold, rows = PartitionFold(FoldSettings()), {}
    for offset, event in enumerate(log):
        fold.apply(offset, event)
        fold.advance()
        rows |= dict(fold.take_changed())
        if restarted:
            fold = reopened(fold, FoldSettings(), log)

    windows = [decode_row(v) for key, v in rows.items() if v and "|*|" in key]
    assert sum(row.comments for row in windows) == 2
    assert rows["live|*|total"] is None


def test_every_record_is_counted_once_as_counted_late_duplicate_or_control():
    build = Build()
    dice = random.Random(5)
    log = interleaved(dice, live_logs(dice, build))

    state = run_fold(log).state

    assert state.counted + state.too_late + state.duplicates + state.control == len(log)
    assert any(isinstance(e, ScoredComment) for e in log)
    assert any(isinstance(e, LoggedStage) for e in log)
