"""A state comes back from a whole snapshot and the changes after it: the same rows, ever after."""

import random
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.codec import Rejection, decode_log
from resonance.streams.events import LogEvent
from resonance.streams.fold import audience
from resonance.streams.fold.audience import Audience
from resonance.streams.fold.migrations import UnknownSchemaError, migrated
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.saving import STATE_SCHEMA
from resonance.streams.fold.settings import FoldSettings
from support.chat_logs import interleaved, logs_of_kinds
from support.log_events import Build, rows_of, taken

SETTINGS = FoldSettings(burst_size=4)
SCHEMA_1 = Path(__file__).parent / "schema_1"
seeds = st.integers(0, 2**32)


def fold_on(fold: PartitionFold, log: Sequence[LogEvent], end: int) -> None:
    for offset in range(fold.offset, min(end, len(log))):
        fold.apply(offset, log[offset])
    fold.advance()


def refilled(fold: PartitionFold, log: Sequence[LogEvent]) -> PartitionFold:
    for offset in range(fold.state.refill_from, fold.offset):
        fold.refill(offset, log[offset])
    fold.touch_all()
    return fold


def everything(fold: PartitionFold) -> list[object]:
    """The whole state, and the orders that equal dicts do not tell; the fold is left as it is."""
    streams = PartitionFold.load(SETTINGS, deepcopy(fold).save(whole=True)).state.streams
    orders = [[*s.audience.last_comment, *s.audience.market] for s in streams.values()]
    return [streams, orders]


@pytest.mark.parametrize("kind", logs_of_kinds)
@given(seed=seeds)
def test_a_whole_snapshot_and_the_changes_after_it_give_the_same_state_and_rows(kind, seed):
    dice = random.Random(seed)
    log = interleaved(dice, logs_of_kinds[kind](dice, Build()))
    rows, saved = {}, []

    fold = PartitionFold(SETTINGS)
    while fold.offset < len(log):
        fold_on(fold, log, fold.offset + dice.randrange(1, 30))
        rows |= taken(fold)
        if not saved or dice.random() < 0.1:
            saved = [*fold.save(whole=True)]
        else:
            saved += fold.save(whole=False)
        if dice.random() < 0.3:
            fold = refilled(PartitionFold.load(SETTINGS, saved), log)
            rows |= taken(fold)
        else:
            assert everything(PartitionFold.load(SETTINGS, saved)) == everything(fold)
            saved = [*fold.save(whole=True)]  # What `everything` took counts as saved.

    assert rows == rows_of(log, burst_size=4)


def test_what_did_not_change_is_not_saved_again():
    build = Build()
    fold = PartitionFold(SETTINGS)
    viewers = [build.comment(f"c{n}", n / 100, stream=f"s{n % 5}") for n in range(2_000)]
    log: list[LogEvent] = [*viewers, *build.ticks(60)]
    fold_on(fold, log, len(log))
    fold.take_changed()

    whole = sum(map(len, fold.save(whole=True)))
    log += [build.comment("one more", 61, stream="s1"), *build.ticks(70)]
    fold_on(fold, log, len(log))
    fold.take_changed()
    changes = sum(map(len, fold.save(whole=False)))

    assert whole > 100_000
    assert changes < 5_000


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from("AB"), st.booleans()), max_size=60))
def test_viewers_forgotten_for_want_of_room_are_forgotten_in_a_snapshot_too(visits):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audience, "VIEWER_LIMIT", 5)
        live, saved = Audience(), []
        for at_ms, (viewer, market, saving) in enumerate(visits):
            live.visit(viewer, at_ms * 300_000)
            live.learn_market(viewer, market)
            if saving:
                saved.append(live.take_saved(whole=not saved))
        saved.append(live.take_saved(whole=not saved))

        again = Audience()
        for each in saved:
            again.load(each)
        assert list(again.last_comment.items()) == list(live.last_comment.items())
        assert list(again.market.items()) == list(live.market.items())


def recorded_log() -> list[LogEvent]:
    events = [decode_log(line) for line in (SCHEMA_1 / "log.jsonl").read_bytes().splitlines()]
    return [event for event in events if not isinstance(event, Rejection)]


def test_a_state_that_the_first_schema_saved_goes_on_to_the_same_sums():
    log = recorded_log()
    state = (SCHEMA_1 / "state.msgpack").read_bytes()

    fold = refilled(PartitionFold.load(SETTINGS, migrated([state], 1)), log)
    assert 0 < fold.offset < len(log)
    assert fold.state.difference() == 0
    fold_on(fold, log, len(log))
    rows = taken(fold)

    expected = rows_of(log, burst_size=4)
    assert rows.keys() <= expected.keys()
    # What happened on stage was not counted then, and is from here on.
    room, in_all = rows["live|*|total"], expected["live|*|total"]
    assert (room.stage, len(in_all.stage)) == ({"ended": 1}, 6)
    room.stage = in_all.stage
    for key, row in rows.items():
        # Who asked was not followed then.
        row.askers, row.open_questions = expected[key].askers, expected[key].open_questions
        row.answer_seconds = expected[key].answer_seconds
        # Nor who complained, or wrote what friction shows.
        for window, counts in expected[key].authors.items():
            row.authors[window] |= {name: counts[name] for name in ("complaint", "friction")}
        assert row == expected[key], key


@pytest.mark.parametrize("schema", [0, STATE_SCHEMA + 1])
def test_a_schema_that_nothing_leads_from_is_told_with_those_that_can_be_read(schema):
    with pytest.raises(UnknownSchemaError, match=f"schema {schema}, and this version reads 1 to 2"):
        migrated([], schema)


def test_every_schema_but_todays_has_its_migration():
    assert migrated([b"as it is"], STATE_SCHEMA) == [b"as it is"]


def test_what_is_no_state_is_told():
    with pytest.raises(msgspec.MsgspecError):
        PartitionFold.load(SETTINGS, [b"\x93no"])


def test_a_record_that_is_set_aside_has_its_fate():
    fold = PartitionFold(SETTINGS)
    fold.set_aside(0)
    fold.apply(1, Build().comment("a", 1))
    assert (fold.offset, fold.state.unusable, fold.state.difference()) == (2, 1, 0)


def test_a_record_that_was_never_read_is_missed():
    fold = PartitionFold(SETTINGS)
    build = Build()
    fold.apply(0, build.comment("a", 1))
    fold.apply(2, build.comment("b", 1))
    assert fold.state.difference() == 1
