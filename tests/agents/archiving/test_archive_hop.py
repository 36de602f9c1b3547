"""The archive hop: streams compact themselves once they are over, without those who are erased."""

import logging
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from resonance.agents.archive import COMPACT_AFTER_MS, Archive
from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.broker.kafka_world import AsyncioRuntime
from resonance.agents.broker.topology import assumed_topology
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.privacy.erased import add_erasures
from resonance.agents.settings import Settings, SettingsError
from resonance.streams.codec import encode_log
from resonance.streams.erasure import Erasure
from resonance.streams.events import LogEvent
from support.archives import a_log, appended_ms, archived, files, rows_of_archive
from support.log_events import Build, hash_of

EVENTS = TopicPartition("events", 0)
ANN, BOB = (f"{hash_of(str(number)):016x}" for number in range(2))
AFTER_S = COMPACT_AFTER_MS // 1000


class FromZero:
    """As much of a consumer as the hop asks: where its partitions begin."""

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]):
        return dict.fromkeys(partitions, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        archive=str(tmp_path / "archive"), erased_viewers_file=tmp_path / "erased.jsonl"
    )


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(settings.archive)


def hop_of(settings: Settings) -> Archive:
    topology = assumed_topology(settings)
    world = AsyncioRuntime()
    return Archive(settings, topology, WorkerMetrics(), world, Store(settings.archive))


def polls(log: Iterable[LogEvent]) -> list[ConsumerRecord]:
    """The log as a consumer returns it."""
    records, at_ms = [], 0
    for offset, event in enumerate(log):
        at_ms = appended_ms(event, at_ms)
        value = encode_log(event)
        record = ConsumerRecord("events", 0, offset, at_ms, 0, None, value, None, 0, len(value), ())
        records.append(record)
    return records


def erase(settings: Settings, *viewers: str) -> None:
    assert settings.erased_viewers_file
    erasures = [Erasure(viewer=viewer, epoch="e", erased_at_ms=1) for viewer in viewers]
    add_erasures(settings.erased_viewers_file, erasures)


def viewers(store: Store, stream: str) -> set[str]:
    found = (getattr(r.event, "viewer", None) for r in read_streams(store, [stream]).records)
    return {viewer for viewer in found if viewer}


def an_evening(build: Build) -> tuple[list[LogEvent], list[LogEvent], list[LogEvent]]:
    """Two streams to their end, then ticks: until compaction is due, and three minutes more."""
    log = a_log(seconds=200, build=build)
    due = build.ticks(200 + AFTER_S + 70)
    later = [tick for n in range(3) for tick in build.ticks(200 + AFTER_S + 140 + 60 * n)]
    return log, due, later


async def test_a_stream_that_is_over_becomes_one_file_without_what_the_erased_said(
    settings, store, tmp_path
):
    log, due, later = an_evening(Build())
    whole = Store(str(tmp_path / "as-it-was"))
    archived(whole, [*log, *due, *later])
    hop, records = hop_of(settings), polls([*log, *due, *later])
    await hop.own(FromZero(), frozenset({EVENTS}))
    await hop.process({EVENTS: records[: len(log)]})
    assert ANN in viewers(store, "one"), "a range is written as the log has it"
    erase(settings, ANN)  # While the archive runs.
    await hop.process({EVENTS: records[len(log) :]})

    for stream in ("one", "two"):
        assert len(store.names(f"streams/{stream}")) == 1
        assert ANN not in viewers(store, stream)
        assert BOB in viewers(store, stream)
        before = rows_of_archive(whole, "one", "two", of=stream)
        assert rows_of_archive(store, "one", "two", of=stream) == before


async def test_who_is_erased_after_that_waits_for_the_command(settings, store):
    log, due, later = an_evening(Build())
    hop, records = hop_of(settings), polls([*log, *due, *later])
    await hop.own(FromZero(), frozenset({EVENTS}))
    await hop.process({EVENTS: records[: len(log) + len(due) + 1]})
    kept = files(store)
    erase(settings, ANN)
    await hop.process({EVENTS: records[len(log) + len(due) + 1 :]})
    assert {path: content for path, content in files(store).items() if path in kept} == kept
    assert ANN in viewers(store, "one")


async def test_a_list_that_is_damaged_meanwhile_stops_no_range_and_puts_compaction_off(
    settings, store, caplog
):
    log, due, later = an_evening(Build())
    hop, records = hop_of(settings), polls([*log, *due, *later])
    await hop.own(FromZero(), frozenset({EVENTS}))
    await hop.process({EVENTS: records[: len(log)]})
    settings.erased_viewers_file.write_text("not json\n")
    with caplog.at_level(logging.ERROR):
        await hop.process({EVENTS: records[len(log) : len(log) + len(due) + 1]})
    assert "line 1 of the list of erased viewers is damaged" in caplog.text
    ranges = len(store.names("log"))
    assert len(store.names("streams/one")) > 1

    settings.erased_viewers_file.unlink()
    erase(settings, ANN)
    await hop.process({EVENTS: records[len(log) + len(due) + 1 :]})
    assert len(store.names("log")) > ranges
    assert len(store.names("streams/one")) == 1
    assert ANN not in viewers(store, "one")


def test_no_archive_begins_with_a_list_that_is_damaged(settings):
    settings.erased_viewers_file.write_text("not json\n")
    with pytest.raises(SettingsError, match="line 1"):
        hop_of(settings)


async def test_a_worker_that_takes_over_compacts_what_was_due_without_the_erased(settings, store):
    log, due, later = an_evening(Build())
    records = polls([*log, *due, *later])
    first = hop_of(settings)
    await first.own(FromZero(), frozenset({EVENTS}))
    await first.process({EVENTS: records[: len(log)]})
    assert len(store.names("streams/one")) > 1
    erase(settings, ANN)

    second = hop_of(settings)
    offsets = await second.own(FromZero(), frozenset({EVENTS}))
    await second.process({EVENTS: records[offsets[EVENTS] :]})
    assert len(store.names("streams/one")) == 1
    assert ANN not in viewers(store, "one")
    assert BOB in viewers(store, "one")
