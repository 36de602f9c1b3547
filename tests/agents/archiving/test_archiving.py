"""A log through an archive: nothing lost, nothing twice, and its replay gives its rows."""

import pytest

from resonance.agents.archiving.catalogue import catalogue
from resonance.agents.archiving.compacting import compact, unfinished
from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.errors import UsageError
from resonance.streams.archive.erased_rows import ErasedRows
from resonance.streams.codec import encode_log
from resonance.streams.erasure import ErasedViewers
from resonance.streams.events import Tick
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replaying.log import LogRecord, replay_log
from support.archives import TOPIC_ID, a_log, archived, files, only, rows_of_archive, store_of
from support.log_events import SOURCE_TOPICS, Build

NOBODY = ErasedRows(ErasedViewers())


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path) -> Store:
    return store_of(request.param, tmp_path)


def rows_of_log(log, stream):
    records = (LogRecord(offset, event) for offset, event in enumerate(log))
    return only(replay_log(records, FoldSettings()).rows, stream)


def test_the_replay_of_an_archive_gives_the_rows_of_its_log_to_the_byte(store):
    log = a_log()
    archived(store, log)
    for stream in ("one", "two"):
        assert rows_of_archive(store, "one", "two", of=stream) == rows_of_log(log, stream)


def test_a_replay_from_the_middle_of_a_log_knows_what_the_ticks_had_said(store):
    build = Build()
    early = a_log(streams=("early",), build=build)
    late = a_log(2, streams=("late",), build=build)
    late = [event for event in late if not isinstance(event, Tick)]
    lagging = [
        build.tick(topic, 0, 610) for topic in SOURCE_TOPICS
    ]  # All of `late` comes behind them.
    log = [*early, *lagging, *late, *build.ticks(2_000)]
    archived(store, log)
    assert rows_of_archive(store, "late", of="late") == rows_of_log(log, "late")


def test_a_log_archived_in_two_goes_is_the_same_files_as_in_one(store):
    log = a_log()
    archived(store, log)
    whole = files(store)

    for path in sorted(path for path in whole if path.startswith("log/"))[4:]:
        store.remove(path)  # As after a crash: streams are written, the range is not.
    assert any(archived(store, log))
    assert files(store) == whole


def test_what_a_scorer_wrote_a_second_time_is_left_out_and_accounted_for(store):
    log = a_log()
    again = [*log[:200], *log[150:]]
    written = archived(store, again)

    repeated = sum(not isinstance(event, Tick) for event in log[150:200])
    assert sum(one.repeated for one in written) == repeated
    assert sum(one.archived for one in written) + repeated == len(again)
    assert rows_of_archive(store, "one", "two", of="one") == rows_of_log(log, "one")


def test_compaction_leaves_one_file_with_all_of_the_stream_and_changes_no_row(store):
    log = a_log()
    archived(store, log)
    before = rows_of_archive(store, "one", "two", of="one")
    assert unfinished(store, TOPIC_ID) == {0: ["one", "two"]}

    assert compact(store, "one", NOBODY) > 5
    assert [len(entry.files) for entry in by_name(store)] == [1, 11]
    assert rows_of_archive(store, "one", "two", of="one") == before
    assert compact(store, "one", NOBODY) == 0
    assert unfinished(store, TOPIC_ID) == {0: ["two"]}


def test_a_compaction_cut_short_shows_nothing_twice_and_is_finished_by_the_next(store):
    archived(store, a_log())
    before = files(store)
    compact(store, "one", NOBODY)
    for path, content in before.items():
        store.put(path, content)  # None of the many is deleted.
    [one, _] = by_name(store)
    assert (one.records, len(one.files)) == (300, 1)
    compact(store, "one", NOBODY)
    assert len(store.names("streams/one")) == 1


def by_name(store):
    return sorted(catalogue(store), key=lambda entry: entry.stream)


def test_the_catalogue_tells_what_there_is_and_whether_it_is_whole(store):
    archived(store, a_log())
    [one, two] = by_name(store)

    assert (one.stream, one.channel, one.platform) == ("one", "shop", "test")
    assert (one.comments, one.records, sum(one.markets.values())) == (298, 300, 298)
    assert one.complete
    assert two.complete

    store.remove(store.names("log")[2])
    assert [entry.complete for entry in by_name(store)] == [False, False]
    assert by_name(store)[0].missing_offsets > 0


def test_a_stream_without_its_end_is_not_complete(store):
    archived(store, a_log()[:-4])
    assert [entry.complete for entry in by_name(store)] == [True, False]


def test_a_list_of_the_erased_is_asked_of_every_event_read(store):
    archived(store, a_log())
    seen = []

    def redact(event):
        seen.append(event)
        return event

    records = list(read_streams(store, ["one"], redact).records)
    assert [encode_log(record.event) for record in records] == [encode_log(e) for e in seen]


def test_a_stream_that_is_not_there_and_a_file_of_others_are_told_by_name(store):
    with pytest.raises(UsageError, match="no stream 'nobody'"):
        read_streams(store, ["nobody"])
    archived(store, a_log())
    store.put(f"streams/one/{TOPIC_ID}.0.{9000:020}-{9001:020}.parquet", b"something else")
    with pytest.raises(UsageError, match="Move it out of the archive"):
        catalogue(store)


def test_no_place_and_an_unknown_kind_of_place_are_refused_with_the_remedy():
    with pytest.raises(UsageError, match="RESONANCE_ARCHIVE"):
        Store("")
    with pytest.raises(UsageError, match="no URL that fsspec knows"):
        Store("nowhere://x")
