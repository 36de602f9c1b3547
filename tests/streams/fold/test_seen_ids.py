"""Ids are known as long as the log says, whatever the batches; and a flood of them is bounded."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from resonance.streams.events import LogEvent, Tick
from resonance.streams.fold.duplicates import SeenIds
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from support.chat_logs import interleaved, logs_of_kinds
from support.log_events import Build, renumbered, run_fold

MINUTE_MS = 60_000
seeds = st.integers(0, 2**32)


def seen(limit: int = 100) -> tuple[SeenIds, list[int]]:
    evicted: list[int] = []
    return SeenIds(limit, {}, evicted.append), evicted


def test_an_id_is_new_once_in_its_stream() -> None:
    ids, _ = seen()
    assert ids.add("live", "a", 0, 0)
    assert not ids.add("live", "a", 5, 1)
    assert ids.add("other", "a", 5, 2)


def test_an_id_that_came_again_later_is_known_until_then() -> None:
    ids, _ = seen()
    ids.add("live", "a", 0, 0)
    ids.add("live", "a", 5 * MINUTE_MS, 1)
    ids.forget_before("live", 3 * MINUTE_MS)
    assert not ids.add("live", "a", 5 * MINUTE_MS, 2)
    ids.forget_before("live", 6 * MINUTE_MS)
    assert ids.add("live", "a", 7 * MINUTE_MS, 3)


def test_the_stream_with_the_most_ids_pays_for_a_flood_with_its_oldest_minute() -> None:
    ids, evicted = seen(limit=80)
    assert all(ids.add("quiet", f"q{n}", 0, n) for n in range(10))
    assert all(ids.add("flood", f"f{n}", n // 30 * MINUTE_MS, n) for n in range(71))
    assert evicted == [30]
    assert len(ids) == 51
    assert ids.add("flood", "f0", 0, 99)
    assert len(ids) == 51, "of a minute that was given up nothing is kept again"
    assert not ids.add("flood", "f30", MINUTE_MS, 99)
    assert not ids.add("quiet", "q0", 0, 99)


def test_a_flood_within_one_minute_is_bounded_too() -> None:
    ids, evicted = seen(limit=100)
    for number in range(10_000):
        ids.add("flood", f"f{number}", 0, number)
        assert len(ids) <= 100
    assert evicted == [101]


def test_a_dropped_stream_makes_room() -> None:
    ids, evicted = seen(limit=10)
    for number in range(10):
        ids.add("gone", f"g{number}", 0, number)
    ids.drop("gone")
    assert (len(ids), ids.first_offset()) == (0, None)
    assert all(ids.add("live", f"l{number}", 0, number) for number in range(10))
    assert not evicted


def known(fold: PartitionFold) -> object:
    streams = fold.seen._streams  # noqa: SLF001 # What a re-sent event would find.
    return {name: dict(ids.minute_of) for name, ids in streams.items() if ids.minute_of}


@pytest.mark.parametrize("kind", logs_of_kinds)
@pytest.mark.parametrize("limit", [7, 20, 1_000])
@given(seed=seeds)
def test_after_a_restart_anywhere_the_same_ids_are_known(kind, limit, seed):
    dice = random.Random(seed)
    log = twice_told(dice, interleaved(dice, logs_of_kinds[kind](dice, Build())))
    settings = FoldSettings(id_limit=limit)
    fold = PartitionFold(settings)
    for offset, event in enumerate(log):
        fold.apply(offset, event)
        if dice.random() < 0.1:
            fold.advance()
            again = PartitionFold.load(settings, [*fold.save(whole=True)])
            for earlier in range(again.state.refill_from, again.offset):
                again.refill(earlier, log[earlier])
            assert known(again) == known(fold)
            if dice.random() < 0.3:
                fold = again
    fold.advance()
    assert fold.state.difference() == 0


@pytest.mark.parametrize("kind", logs_of_kinds)
@given(seed=seeds)
def test_no_batch_decides_which_ids_are_known(kind, seed):
    dice = random.Random(seed)
    log = twice_told(dice, interleaved(dice, logs_of_kinds[kind](dice, Build())))
    one_by_one = run_fold(log, batch=1, id_limit=15)
    at_once = run_fold(log, batch=len(log), id_limit=15)
    assert known(one_by_one) == known(at_once)
    assert one_by_one.state.ids_evicted == at_once.state.ids_evicted
    assert one_by_one.state.duplicates == at_once.state.duplicates


def twice_told(dice: random.Random, log: list[LogEvent]) -> list[LogEvent]:
    """Some events sent again by the platform, as new records, and at another time."""
    told: list[LogEvent] = []
    for event in log:
        told.append(event)
        if not isinstance(event, Tick) and dice.random() < 0.3:
            moved_ms = dice.choice((0, 0, 90_000, -90_000))
            told.append(replace(event, occurred_at_ms=event.occurred_at_ms + moved_ms))
    return renumbered(told)
