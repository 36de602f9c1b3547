"""Streams beyond the limit go, the silent first, and no batch or restart decides which."""

import random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resonance.streams.events import LogEvent, Tick
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.windows import decode_row
from support.log_events import Build, run_fold

TOPICS = ("comments", "purchases", "stage")
LIMIT = 4


def crowded_log(seed: int, *, copies: bool = True) -> list[LogEvent]:
    """Ten names over more than two days of which some end, some come again, some are told twice."""
    dice, build = random.Random(seed), Build()
    log: list[LogEvent] = []
    second = 0
    for number in range(150):
        second += dice.choice((0, 1, 5, 70, 900, 90_000 if dice.random() < 0.03 else 0))
        name = f"s{dice.randrange(10)}"
        late_s = dice.choice((0, 0, 2, 60, 700))
        at_s = max(0, second - late_s)
        told = dice.choice((str(number), "again")) if copies else str(number)
        if dice.random() < 0.1:
            log.append(build.stage("ended", at_s, stream=name))
        elif dice.random() < 0.1:
            stream = dice.choice((name, None))
            log.append(build.purchase(told, at_s, late_s=second - at_s, stream=stream))
        else:
            log.append(build.comment(told, at_s, late_s=second - at_s, stream=name))
        if dice.random() < 0.5:
            log += [build.tick(topic, 0, second) for topic in TOPICS]
    return [*log, *build.ticks(second + 1_000), *build.ticks(second + 30_000)]


def held(event: LogEvent) -> bool:
    """Purchases without a stream: which one they join is told anew after a restart."""
    return not isinstance(event, Tick) and event.stream is None


def rows_in_batches(log: list[LogEvent], dice: random.Random, mean: int) -> Any:
    fold = PartitionFold(FoldSettings(stream_limit=LIMIT))
    rows: dict[str, bytes | None] = {}
    most = 0
    for offset, event in enumerate(log):
        fold.apply(offset, event)
        most = max(most, len(fold.state.streams))
        if dice.randrange(mean) == 0:
            fold.advance()
            rows |= dict(fold.take_changed())
    fold.advance()
    assert most <= LIMIT
    return rows | dict(fold.take_changed()), fold.state.streams_evicted, [*fold.state.streams]


@given(seed=st.integers(0, 2**32))
def test_no_cut_into_batches_changes_a_row_where_streams_are_evicted(seed):
    log = crowded_log(seed)
    one_by_one = rows_in_batches(log, random.Random(1), 1)

    assert one_by_one[1] > 0
    assert rows_in_batches(log, random.Random(seed), 20) == one_by_one
    assert rows_in_batches(log, random.Random(1), 10**9) == one_by_one


@given(seed=st.integers(0, 2**32), kept=st.booleans())
@example(seed=1555, kept=False)  # A stream closed two days ago was forgotten with what waited.
def test_a_restart_anywhere_gives_the_same_rows_where_streams_are_evicted(seed, kept):
    dice, settings = random.Random(seed), FoldSettings(stream_limit=LIMIT)
    log = [e for e in crowded_log(seed, copies=False) if not held(e)]
    fold, rows = PartitionFold(settings), {}
    saved: list[bytes] = []
    for offset, event in enumerate(log):
        fold.apply(offset, event)
        if dice.random() < 0.1:
            fold.advance()
            rows |= dict(fold.take_changed())
            saved = (
                [*saved, *fold.save(whole=False)] if saved and kept else [*fold.save(whole=True)]
            )
            if dice.random() < 0.5:
                fold = PartitionFold.load(settings, saved)
                for earlier in range(fold.state.refill_from, fold.offset):
                    fold.refill(earlier, log[earlier])
                fold.touch_all()
    fold.advance()
    rows |= dict(fold.take_changed())

    assert (rows, fold.state.streams_evicted) == rows_in_batches(log, dice, 1)[:2]
    assert fold.state.difference() == 0


def test_what_was_counted_of_an_evicted_stream_is_in_its_windows_and_its_totals_are_deleted(build):
    log = [build.comment(f"c{n}", n, stream=f"lone-{n}") for n in range(50)]

    fold = run_fold([*log, *build.ticks(100)], stream_limit=8)

    rows = dict(fold.take_changed())
    windows = {k: decode_row(v) for k, v in rows.items() if v and not k.endswith("|total")}
    assert sum(row.comments for key, row in windows.items() if "|*|" in key) == 50
    totals = {key.split("|")[0] for key, value in rows.items() if "|*|total" in key and value}
    assert totals == set(fold.state.streams)
    assert fold.state.streams_evicted == 50 - len(totals)


@pytest.mark.parametrize(("silent_s", "stays"), [(0, True), (400, True), (1_300, False)])
def test_a_stream_heard_within_ten_minutes_outlives_a_flood_of_names(build, silent_s, stays):
    ticks = build.ticks(0)
    said = [build.comment(f"c{n}", n, stream="real") for n in range(5)]
    flood = [build.comment(f"f{n}", 5 + silent_s, stream=f"lone-{n}") for n in range(200)]

    fold = run_fold([*ticks, *said, *build.ticks(5 + silent_s), *flood], stream_limit=10)

    assert ("real" in fold.state.streams) is stays


def test_without_too_many_streams_none_is_evicted(build):
    fold = run_fold([build.comment(f"c{n}", n, stream=f"s{n}") for n in range(8)], stream_limit=8)
    assert (len(fold.state.streams), fold.state.streams_evicted) == (8, 0)


def test_a_stream_that_comes_again_begins_anew(build):
    log = [build.comment(f"c{n}", n, stream="first" if n == 0 else f"s{n}") for n in range(20)]

    again = build.comment("back", 30, stream="first")
    fold = run_fold([*log, *build.ticks(25), again, *build.ticks(90)], stream_limit=4)

    row = dict(fold.take_changed())["first|*|total"]
    assert row is not None
    assert decode_row(row).comments == 1
