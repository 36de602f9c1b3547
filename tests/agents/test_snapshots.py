"""A snapshot is read back whole or not at all, and the one that includes most wins."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.records import Record
from resonance.agents.snapshots import PART_BYTES, SnapshotReader, other_slot, snapshot_records

Pair = tuple[bytes | None, bytes | None]


def written(
    state: bytes, *, slot: str = "a", offset: int = 7, partition: int = 3, topic_id: str = "id"
) -> list[Pair]:
    """The records of one snapshot, as a log holds them."""
    parts, manifest = snapshot_records(
        state,
        slot=slot,
        topic_id=topic_id,
        partition=partition,
        offset=offset,
        refill_from=offset - 2,
        versions={"state": "1"},
    )
    return [pair(record) for record in [*parts, manifest]]


def pair(record: Record) -> Pair:
    return record.key, record.value


def read(*logs: list[Pair]) -> SnapshotReader:
    reader = SnapshotReader(partition=3, topic_id="id")
    for log in logs:
        reader.read(log)
    return reader


def best(*logs: list[Pair]) -> bytes | None:
    found = read(*logs).best
    return None if found is None else found.state


def incompressible(seed: int) -> bytes:
    """More than two parts even when compressed."""
    return random.Random(seed).randbytes(2 * PART_BYTES + 1_000)


@given(st.binary(max_size=5_000), st.integers(min_value=2, max_value=2**60))
def test_any_state_comes_back_with_its_offsets(state: bytes, offset: int) -> None:
    found = read(written(state, offset=offset)).best
    assert found is not None
    assert (found.state, found.slot) == (state, "a")
    assert (found.manifest.offset, found.manifest.refill_from) == (offset, offset - 2)


def test_a_large_state_is_cut_into_parts_that_the_broker_takes() -> None:
    state = incompressible(1)
    records = written(state)
    assert len(records) == 4
    assert all(len(value or b"") <= PART_BYTES for _, value in records)
    assert best(records) == state


def test_the_highest_offset_wins_not_the_last_record() -> None:
    newer, older = written(b"newer", offset=9), written(b"older", slot="b", offset=8)
    assert best(newer, older) == best(older, newer) == b"newer"


@pytest.mark.parametrize("kept", range(4))
def test_a_snapshot_cut_short_leaves_the_one_before(kept: int) -> None:
    before = written(b"before", slot="a", offset=5)
    cut_short = written(incompressible(1), slot="b", offset=9)[:kept]
    assert best(before, cut_short) == b"before"


def test_a_slot_that_is_being_written_anew_does_not_count() -> None:
    old, other = written(incompressible(1), slot="a", offset=5), written(b"b", slot="b", offset=6)
    begun = written(incompressible(2), slot="a", offset=9)[:1]
    compacted = [*old[1:], *other, *begun]  # The key of `begun` replaced that of the first part.
    assert best(compacted) == b"b"


def test_parts_of_two_writers_that_got_mixed_are_no_snapshot() -> None:
    mine, zombies = written(incompressible(1), offset=9), written(incompressible(2), offset=8)
    mixed = [mine[0], zombies[0], mine[1], zombies[1], mine[2], zombies[2], mine[3], zombies[3]]
    # The zombie's parts came last, so they are whole when its manifest comes; mine are not.
    assert best(mixed) == incompressible(2)
    assert best([zombies[0], mine[0], mine[1], zombies[1], mine[2], zombies[2], mine[3]]) is None


@pytest.mark.parametrize("flipped", [0, 1])
def test_a_flipped_byte_is_found(flipped: int) -> None:
    damaged = written(b"state" * 100, offset=9)
    key, value = damaged[flipped]
    assert value is not None
    damaged[flipped] = key, bytes([value[0] ^ 1]) + value[1:]
    assert best(damaged) is None
    assert best(written(b"before", slot="b", offset=5), damaged) == b"before"


def test_a_snapshot_of_another_topic_is_told_apart() -> None:
    reader = read(written(b"state", topic_id="a topic that was deleted"))
    assert (reader.best, reader.foreign, reader.manifests) == (None, 1, 1)


def test_a_snapshot_of_another_partition_is_passed_over() -> None:
    assert best(written(b"state", partition=4)) is None


@given(st.lists(st.tuples(st.none() | st.binary(), st.none() | st.binary()), max_size=20))
def test_foreign_records_are_passed_over(foreign: list[Pair]) -> None:
    assert best(foreign) is None
    assert best(foreign, written(b"state"), foreign) == b"state"


def test_slots_alternate() -> None:
    assert [other_slot("a"), other_slot("b")] == ["b", "a"]
