"""A run through Kafka with kills, then a replay from its archive: the same, to the byte."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from resonance.agents.archiving.catalogue import catalogue
from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.settings import Settings, fold_settings
from resonance.streams.events import Stage
from resonance.streams.replaying.log import Replayed, replay_log
from resonance.streams.windows import decode_row
from support.engine import Told, produce, read, story, wait_until, window_rows
from support.worker_processes import workers

COMMENTS = 1_200


def live(stream: str, comments: int) -> list[Told]:
    """The story as it happens: by the clock of now, some of it late, and no counts at its end."""
    now_ms = time.time_ns() // 1_000_000
    told = [one for one in story(stream, comments) if not isinstance(one.event, Stage)]
    began_ms = told[0].event.occurred_at_ms
    for number, one in enumerate(told):
        at_ms = now_ms + (one.event.occurred_at_ms - began_ms) // 40
        late_ms = (0, 0, 500, 2_990, 3_010, 20_000)[number % 6]
        told[number] = one._replace(
            event=replace(one.event, occurred_at_ms=at_ms - late_ms, ingested_at_ms=at_ms)
        )
    return told


def marker(stream: str, action: str) -> Told:
    now_ms = time.time_ns() // 1_000_000
    shop = f"shop-{stream}"
    event = Stage(
        id=f"{stream}-{action}",
        platform="test",
        channel=shop,
        stream=stream,
        action=action,
        occurred_at_ms=now_ms,
        ingested_at_ms=now_ms,
        stream_markets=("US", "DE") if action == "started" else (),
    )
    return Told("stage", event, shop)


def replayed(settings: Settings, streams: list[str]) -> Replayed:
    found = read_streams(Store(settings.archive), streams)
    return replay_log(found.records, fold_settings(settings), found.ticks)


def settled(settings: Settings, streams: list[str]) -> bool:
    """Whether every stream has ended in `windows`, and the archive holds all of it."""
    rows = window_rows(settings)
    totals = [rows.get(f"{stream}|*|total") for stream in streams]
    if not all(total is not None and decode_row(total).ended for total in totals):
        return False
    complete = {entry.stream for entry in catalogue(Store(settings.archive)) if entry.complete}
    return complete.issuperset(streams)


def test_a_run_with_kills_and_the_replay_of_its_archive_are_the_same_to_the_byte(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster(
        scoring_batch_records=50,
        session_timeout_seconds=6.0,
        snapshot_interval_seconds=1.0,
        archive=str(tmp_path / "archive"),
        archive_interval_seconds=0.5,
    )
    streams = ["file", "live"]
    with workers(settings, tmp_path) as running:
        _, folding, archiving = map(running.start, ("scoring", "engagement", "archive"))
        produce(settings, [*story("file", COMMENTS), marker("live", "started")])
        wait_until(lambda: len(read(settings, "events")) > COMMENTS, "the events of the file")
        wait_until(lambda: catalogue(Store(settings.archive)) != [], "a first file")
        told = live("live", COMMENTS)
        produce(settings, told[: COMMENTS // 2])
        for victim in (archiving, folding):
            victim.send_signal(signal.SIGKILL)
            victim.wait()
        produce(settings, told[COMMENTS // 2 :])
        running.start("archive")
        running.start("engagement")
        produce(settings, [marker("live", "ended")])
        wait_until(lambda: settled(settings, streams), "both streams to end and be archived")
        again = replayed(settings, streams)
        wait_until(lambda: window_rows(settings) == again.rows, "the rows of the replay")

    assert replayed(settings, streams).rows == again.rows, "and a second time"
    entries = {entry.stream: entry for entry in catalogue(Store(settings.archive))}
    assert [entries[stream].comments for stream in streams] == [COMMENTS, COMMENTS]
    rooms = [decode_row(again.rows[f"{stream}|*|total"]) for stream in streams]
    assert [room.comments for room in rooms] == [COMMENTS, COMMENTS]
    for stream, room in zip(streams, rooms, strict=True):
        asked = again.streams[stream].questions
        assert len(asked) == room.questions_opened > 0
        assert sum(one.outcome == "open" for one in asked) == room.questions_open
