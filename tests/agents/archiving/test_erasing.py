"""Who is to be forgotten leaves the archive when files are written anew; no number changes."""

from collections.abc import Iterator

import pytest

from resonance.agents.archiving.compacting import compact
from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.rewriting import rewrite
from resonance.agents.archiving.store import Store
from resonance.streams.archive.erased_rows import ErasedRows
from resonance.streams.archive.events import events_of
from resonance.streams.archive.files import StreamFile
from resonance.streams.archive.parquet import read_batches
from resonance.streams.erasure import ERASED, ErasedViewers, Erasure
from resonance.streams.events import LogEvent, ScoredComment
from support.archives import a_log, archived, files, rows_of_archive, store_of
from support.log_events import Build, hash_of

ANN, BOB, CAT = (f"{hash_of(str(number)):016x}" for number in range(3))


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path) -> Store:
    return store_of(request.param, tmp_path)


def list_of(*viewers: str) -> ErasedRows:
    erasures = [Erasure(viewer=viewer, epoch="e", erased_at_ms=1) for viewer in viewers]
    return ErasedRows(ErasedViewers(erasures, b"salt"))


def lying(store: Store, folder: str) -> Iterator[LogEvent]:
    """Yield the events as they lie in the files, whoever they are of."""
    for path in store.names(folder):
        with store.reading(path) as file:
            for batch in read_batches(file):
                yield from (record.event for record in events_of(batch))


def viewers(store: Store, folder: str) -> set[str]:
    return {viewer for event in lying(store, folder) if (viewer := getattr(event, "viewer", None))}


def test_compaction_drops_what_the_erased_said_and_leaves_the_others_and_every_row(store):
    archived(store, a_log())
    before = rows_of_archive(store, "one", "two", of="one")
    said = [event for event in lying(store, "streams/one") if isinstance(event, ScoredComment)]
    erased = list_of(ANN)

    compact(store, "one", erased)

    kept = [event for event in lying(store, "streams/one") if isinstance(event, ScoredComment)]
    assert [event.id for event in kept] == [event.id for event in said]
    hers = [one for one, was in zip(kept, said, strict=True) if was.viewer == ANN]
    assert {(one.text, one.viewer_epoch) for one in hers} == {("", ERASED)}
    assert len({one.viewer for one in hers} - {ANN}) == 1
    assert erased.redacted == len(hers) > 0
    others = [(one, was) for one, was in zip(kept, said, strict=True) if was.viewer != ANN]
    assert all(one == was for one, was in others)
    assert rows_of_archive(store, "one", "two", of="one") == before
    assert ANN in viewers(store, "streams/two"), "each stream is compacted by itself"


def test_with_nobody_to_forget_two_compactions_are_the_same_bytes(tmp_path):
    made = []
    for name in ("a", "b"):
        store = Store(str(tmp_path / name))
        archived(store, a_log())
        compact(store, "one", list_of())
        compact(store, "two", list_of("f" * 16))  # Somebody who never wrote.
        made.append(files(store))
    assert made[0] == made[1]


def test_a_stream_that_is_one_file_already_is_rid_of_them_as_well(store):
    archived(store, a_log(seconds=30))
    assert len(store.names("streams/one")) == 1
    assert compact(store, "one", list_of(ANN)) == 0
    assert ANN not in viewers(store, "streams/one")


def test_who_is_listed_after_a_compaction_was_cut_short_is_dropped_by_the_next(store):
    archived(store, a_log())
    many = files(store)
    compact(store, "one", list_of(ANN))
    for path, content in many.items():
        store.put(path, content)  # None of the many is deleted.
    assert BOB in viewers(store, "streams/one")

    assert compact(store, "one", list_of(ANN, BOB)) > 5
    assert len(store.names("streams/one")) == 1
    assert not {ANN, BOB} & viewers(store, "streams/one")
    assert CAT in viewers(store, "streams/one")


def test_orders_of_no_stream_name_no_erased_buyer_where_the_stream_went_on(store):
    build = Build()
    log = [
        *a_log(streams=("one",), build=build),
        build.purchase("during", 300, stream=None, market="US", viewer=ANN),
        build.stage("ended", 700, stream="one"),
        *build.ticks(5_000),
        build.purchase("long-after", 5_001, stream=None, market="US", viewer=ANN),
        build.purchase("anothers", 5_002, stream=None, market="US", viewer=BOB),
        *build.ticks(6_000),
    ]
    archived(store, log)
    before = rows_of_archive(store, "one", of="one")
    compact(store, "one", list_of(ANN))

    buyers = {e.id: e.viewer for e in lying(store, "log") if getattr(e, "viewer", None)}
    assert buyers["during"] not in {ANN, None}
    assert buyers["long-after"] == ANN, "beyond the stream: `streams compact` looks at all"
    assert rows_of_archive(store, "one", of="one") == before

    erased = list_of(ANN)
    compact(store, "one", erased, whole_log=True)
    assert erased.redacted == 1
    assert ANN not in viewers(store, "log")
    assert BOB in viewers(store, "log")
    assert archived(store, log) == [], "the archive still knows where it ends"


def test_a_rewrite_changes_what_it_must_and_leaves_every_other_file_as_it_is(store):
    archived(store, a_log())
    before = files(store)
    erased = list_of(ANN)
    paths = store.names("streams/one")

    changed = [path for path in paths if rewrite(store, path, StreamFile, erased)]
    assert changed
    assert not any(rewrite(store, path, StreamFile, erased) for path in paths), "nothing is left"
    after = files(store)
    assert after.keys() == before.keys()
    assert all(after[path] == before[path] for path in before if path not in changed)
    found = {getattr(r.event, "viewer", "") for r in read_streams(store, ["one"]).records}
    assert ANN not in found
    assert BOB in found
