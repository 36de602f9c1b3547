"""A snapshot is read back whole or not at all, and the one that includes most wins."""

import random
import zlib
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.broker.records import Record
from resonance.agents.state.snapshot_reader import SnapshotReader, read_manifest
from resonance.agents.state.snapshots import (
    MOST_LAYERS,
    PART_BYTES,
    Made,
    Snapshot,
    SnapshotWriter,
    compressed,
    decompressed,
)
from resonance.streams.events import LogEvent
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from support.log_events import Build

Pair = tuple[bytes | None, bytes | None]
SETTINGS = FoldSettings()


def chat(viewers: int, *, first: int = 0) -> list[LogEvent]:
    """Comments of so many viewers; each in the snapshot with its 64 bits, that compress badly."""
    build = Build({("comments", 0): first - 1})
    return [build.comment(f"c{n}", n / 1_000) for n in range(first, first + viewers)]


class Partition:
    """A partition's fold, and the log of its state as Kafka holds it: uncompacted."""

    def __init__(self, writer: str = "w1", predecessors: Sequence[bytes] = ()) -> None:
        self.fold = PartitionFold(SETTINGS)
        self.writer = SnapshotWriter(
            3, topic_id="id", writer=writer, predecessors=predecessors, versions={"code": "1"}
        )
        self.log: list[Pair] = []

    def go_on(self, viewers: int) -> None:
        for event in chat(viewers, first=self.fold.offset):
            self.fold.apply(self.fold.offset, event)
        for tick in Build().ticks(self.fold.offset / 1_000 + 3):  # Less the allowed lateness.
            self.fold.apply(self.fold.offset, tick)
        self.fold.advance()
        self.fold.take_changed()

    def save(self) -> Made:
        made = self.writer.make(self.fold)
        self.log += map(pair, (*made.parts, made.manifest, *made.obsolete))
        return made


def partition(*viewers: int, writer: str = "w1") -> Partition:
    """A partition with a snapshot after each of so many more viewers."""
    made = Partition(writer)
    for count in viewers:
        made.go_on(count)
        made.save()
    return made


def pair(record: Record) -> Pair:
    return record.key, record.value


def read(*logs: Sequence[Pair]) -> SnapshotReader:
    reader = SnapshotReader(partition=3, topic_id="id")
    for log in logs:
        reader.read(log)
    return reader


def best(*logs: Sequence[Pair]) -> Snapshot | None:
    return next(iter(read(*logs).of_this_topic()), None)


def best_offset(*logs: Sequence[Pair]) -> int | None:
    found = best(*logs)
    return None if found is None else found.offset


def flipped(log: Sequence[Pair], index: int) -> list[Pair]:
    key, value = log[index]
    assert value
    return [*log[:index], (key, bytes([value[0] ^ 1]) + value[1:]), *log[index + 1 :]]


def test_a_state_comes_back_with_its_offsets_and_what_explains_its_numbers() -> None:
    saved = partition(50, 7)
    found = best(saved.log)
    assert found is not None
    again = PartitionFold.load(SETTINGS, found.entries())
    assert (found.offset, again.offset) == (saved.fold.offset, saved.fold.offset)
    assert found.refill_from == again.state.refill_from == saved.fold.refill_from
    manifest = found.manifest
    assert manifest.versions == {
        "code": "1",
        "scored_code": "1",
        "scored_model": "rules",
        "scored_packs": "0",
    }
    assert manifest.settings == SETTINGS.as_dict()
    assert manifest.records == {
        "begun_at": 0,
        "offset": 63,
        "counted": 57,
        "too_late": 0,
        "duplicates": 0,
        "control": 6,
        "unusable": 0,
    }
    # The source's offsets go on from those of the log here; 50 to 52 are ticks there.
    assert manifest.sources == {"comments-id:0": (0, 59, 57)}


def test_a_snapshot_holds_what_changed_until_that_is_as_much_as_the_whole() -> None:
    saved = partition(30_000)
    sizes = []
    for _ in range(3):
        saved.go_on(10)
        made = saved.save()
        assert made.kind == "changes"
        sizes.append(made.size_bytes)
    assert max(sizes) < 20_000  # Two sets of registers are 10 KB of it.
    whole_bytes = sum(len(value or b"") for _, value in saved.log) - sum(sizes)
    assert whole_bytes > 200_000
    kinds = []
    for _ in range(4):
        saved.go_on(20_000)
        kinds.append(saved.save().kind)
    assert "whole" in kinds


def test_layers_do_not_pile_up_without_end() -> None:
    saved = Partition()
    kinds = []
    for _ in range(MOST_LAYERS + 1):
        saved.go_on(1)
        kinds.append(saved.save().kind)
    assert [number for number, kind in enumerate(kinds) if kind == "whole"] == [0, MOST_LAYERS]


def test_a_large_state_is_cut_into_parts_that_the_broker_takes() -> None:
    made = partition(40_000).log
    parts = [value for _, value in made if value and read_manifest(value) is None]
    assert len(parts) > 1
    assert all(len(value) <= PART_BYTES for value in parts)
    assert best_offset(made) == 40_003


def test_the_highest_offset_wins_not_the_last_record() -> None:
    newer, older = partition(5, 5, writer="new"), partition(5, writer="old")
    assert best_offset(newer.log, older.log) == best_offset(older.log, newer.log) == 16


@pytest.mark.parametrize("kept", range(3))
def test_a_snapshot_cut_short_leaves_the_one_before(kept: int) -> None:
    saved = partition(5)
    before = list(saved.log)
    saved.go_on(5)
    made = saved.save()
    cut_short = [pair(record) for record in (*made.parts, made.manifest)][:kept]
    assert best_offset(before, cut_short) == (16 if kept == 2 else 8)


def test_a_flipped_byte_costs_the_layers_from_there_on() -> None:
    saved = partition(5, 5, 5)  # Each snapshot here is one part and its manifest.
    assert best_offset(saved.log) == 24
    assert best_offset(flipped(saved.log, 4)) == 16
    assert best_offset(flipped(saved.log, 2)) == 8
    assert best_offset(flipped(saved.log, 0)) is None
    assert read(flipped(saved.log, 0)).has_manifests


def test_a_flipped_byte_in_a_manifest_leaves_the_other_slots() -> None:
    saved = partition(5, 5)
    key, value = saved.log[3]
    assert value is not None
    assert best_offset([*saved.log[:3], (key, b"\x00" + value[1:])]) == 8


def test_what_no_manifest_takes_is_deleted_and_the_rest_still_comes_back() -> None:
    saved = partition(300)
    for _ in range(2 * MOST_LAYERS + 5):
        saved.go_on(1)
        saved.save()
    reader = read(saved.log)
    assert len(reader.keys()) <= MOST_LAYERS + 2 + 2 + 5
    compacted = list({key: (key, value) for key, value in saved.log if value is not None}.values())
    alive = [(key, value) for key, value in compacted if key in set(reader.keys())]
    assert best_offset(alive) == best_offset(saved.log) == saved.fold.offset


def test_a_successor_deletes_what_was_before_it_once_it_has_two_snapshots_of_its_own() -> None:
    first = partition(5, 5)
    second = Partition("w2", predecessors=read(first.log).keys())
    second.go_on(20)
    second.save()
    assert len(read(first.log, second.log).of_this_topic()) == 3
    second.go_on(1)
    second.save()
    assert {s.manifest.writer for s in read(first.log, second.log).of_this_topic()} == {"w2"}


def test_a_zombie_overwrites_and_deletes_nothing_of_its_successor() -> None:
    zombie = partition(5, 5)
    successor = Partition("w2", predecessors=read(zombie.log).keys())
    successor.go_on(20)
    successor.save()
    before = list(zombie.log)
    del zombie.log[:]
    for _ in range(MOST_LAYERS + 5):
        zombie.go_on(0)
        zombie.save()
    found = {s.manifest.writer: s for s in read(before, successor.log, zombie.log).found()}
    assert found["w2"].offset == successor.fold.offset
    assert PartitionFold.load(SETTINGS, found["w2"].entries()).offset == successor.fold.offset


def test_a_snapshot_of_another_topic_is_told_apart() -> None:
    reader = SnapshotReader(partition=3, topic_id="the topic that took its name")
    reader.read(partition(5).log)
    assert (len(reader.found()), reader.of_this_topic()) == (1, [])


def test_a_snapshot_of_another_partition_is_passed_over() -> None:
    reader = SnapshotReader(partition=4, topic_id="id")
    reader.read(partition(5).log)
    assert reader.found() == []


def test_a_snapshot_as_the_first_version_wrote_it_is_found() -> None:
    state = zlib.compress(b"state")
    manifest = {
        "schema": 1,
        "topic_id": "id",
        "partition": 3,
        "offset": 9,
        "refill_from": 4,
        "parts": 1,
        "crcs": [zlib.crc32(state)],
        "versions": {"code": "0.1.0"},
    }
    found = best([(b"3|a|0", state), (b"3|a", msgspec.json.encode(manifest))])
    assert found is not None
    assert (found.offset, found.refill_from, found.manifest.state_schema) == (9, 4, 1)
    assert list(found.entries()) == [b"state"]


@given(st.lists(st.tuples(st.none() | st.binary(), st.none() | st.binary()), max_size=20))
def test_foreign_records_are_passed_over(foreign: list[Pair]) -> None:
    assert best_offset(foreign) is None
    assert best_offset(foreign, partition(5).log, foreign) == 8


@given(st.lists(st.binary(max_size=3_000), max_size=20), st.integers(0, 2**32))
def test_entries_of_any_bytes_come_back(entries: list[bytes], seed: int) -> None:
    entries.append(random.Random(seed).randbytes(PART_BYTES + 100))
    assert list(decompressed(compressed(entries))) == entries


def test_a_layer_that_ends_too_early_is_told() -> None:
    (part,) = compressed([b"entry" * 100])
    with pytest.raises(ValueError, match="in the middle of an entry"):
        list(decompressed([part[:-8]]))
