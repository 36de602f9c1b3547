"""The hops on a real Kafka: what comes out is what the pure functions give, to the byte."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from resonance.agents.settings import Settings
from resonance.streams.codec import decode_log
from resonance.streams.events import Comment, ScoredComment
from support.engine import expected_rows, is_whole, produce, read, story, wait_until, window_rows
from support.worker_processes import workers


def test_comments_become_the_rows_of_a_replay(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster()
    told = story("calm", 2_000)
    expected = expected_rows(told)
    with workers(settings, tmp_path, ["all"]):
        produce(settings, told)
        wait_until(lambda: is_whole(settings, expected), "the stream's rows")
    assert window_rows(settings) == expected


def test_two_scorers_share_a_stream_that_is_keyed_by_viewer(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster(scoring_batch_records=100)
    told = story("giant", 4_000, spread=lambda comment: comment.viewer_id, sources=4)
    expected = expected_rows(told)
    with workers(settings, tmp_path, ["scoring", "scoring", "engagement"]) as running:
        produce(settings, told)
        wait_until(lambda: is_whole(settings, expected), "the stream's rows")
        assert all(" comments:" not in running.log(number) for number in (0, 1))
    assert window_rows(settings) == expected
    source_partitions = {
        event.place.partition
        for event in map(decode_log, (m.value() for m in read(settings, "events")))
        if isinstance(event, ScoredComment)
    }
    assert source_partitions == {0, 1, 2, 3}


def test_rows_are_the_same_after_workers_were_killed_in_the_middle(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster(
        scoring_batch_records=5,  # Slow enough to be killed in the middle.
        engagement_batch_records=50,
        snapshot_interval_seconds=0.3,
        publish_interval_seconds=0.1,
        session_timeout_seconds=6.0,
    )
    told = [*story("first", 2_500), *story("second", 2_500)]
    expected = expected_rows(told)
    with workers(settings, tmp_path) as running:
        produce(settings, told)
        for share in (0.2, 0.6):
            scorer, folder = running.start("scoring"), running.start("engagement")
            goal = share * len(told)
            wait_until(lambda goal=goal: scored(settings) >= goal, "events to be scored")
            scorer.send_signal(signal.SIGKILL)
            folder.send_signal(signal.SIGKILL)
            scorer.wait()
            folder.wait()
        comments = sum(isinstance(one.event, Comment) for one in told)
        assert scored(settings) < comments, "the kills came too late to mean anything"
        running.start("all")
        wait_until(lambda: is_whole(settings, expected), "the streams' rows")
    assert window_rows(settings) == expected


def scored(settings: Settings) -> int:
    """How many different comments the scorers wrote to `events`."""
    records = (msgspec.json.decode(m.value() or b"{}") for m in read(settings, "events"))
    return len({record["id"] for record in records if record["kind"] == "comment"})


def test_sigterm_stops_a_busy_worker_within_five_seconds_and_exit_0(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster(scoring_batch_records=50)
    told = story("long", 4_000)
    expected = expected_rows(told)
    with workers(settings, tmp_path) as running:
        produce(settings, told)
        first = running.start("all")
        wait_until(lambda: scored(settings) > 200, "the worker to be busy")
        asked_at = time.monotonic()
        first.send_signal(signal.SIGUSR2)  # Faust's worker would wait in a debugger.
        first.send_signal(signal.SIGTERM)
        assert first.wait(5) == 0
        assert time.monotonic() - asked_at < 5
        running.start("all")
        wait_until(lambda: is_whole(settings, expected), "the stream's rows")
    assert window_rows(settings) == expected
