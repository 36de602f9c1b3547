"""A replay to topics of its own, while somebody is erased."""

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from resonance.agents.privacy.erased import add_erasures
from resonance.agents.replaying.publishing import ReplayTopics
from resonance.agents.replaying.run import Source, run
from resonance.agents.settings import Settings, fold_settings
from resonance.streams.codec import decode_log
from resonance.streams.erasure import ERASED, Erasure
from resonance.streams.events import LogEvent, ScoredComment
from resonance.streams.replaying.log import LogRecord, replay_log
from support.engine import read, window_rows
from support.log_events import Build

SPEED = 100_000.0  # Paced, but over at once.
ANN, BOB = "a" * 16, "b" * 16


def told() -> list[LogEvent]:
    build = Build()
    said = [("before", 1, ANN), ("bobs", 2, BOB), ("after", 3, ANN), ("bobs-again", 4, BOB)]
    return [
        build.stage("started", 0),
        *(build.comment(name, at_s, viewer=viewer, text=name) for name, at_s, viewer in said),
        build.stage("ended", 30),
        *build.ticks(900),
    ]


def test_who_is_erased_while_a_replay_runs_is_left_out_from_then_on_and_no_number_changes(
    cluster: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = cluster(erased_viewers_file=tmp_path / "erased.jsonl")

    def log() -> Iterator[LogRecord]:
        for offset, event in enumerate(told()):
            if isinstance(event, ScoredComment) and event.id == "after":
                erasure = Erasure(viewer=ANN, epoch="e", erased_at_ms=1)
                assert add_erasures(tmp_path / "erased.jsonl", [erasure]) == 1
            yield LogRecord(offset, event, 0)

    replay_topics = ReplayTopics(settings, "again", every=1)
    source = Source(log(), events=len(told()))
    rows = run(settings, source, speed=SPEED, topics=replay_topics).past.rows

    replayed = replace(settings, topic_prefix=replay_topics.prefix)
    events = [decode_log(message.value()) for message in read(replayed, "events")]
    comments = {event.id: event for event in events if isinstance(event, ScoredComment)}
    assert (comments["before"].text, comments["before"].viewer) == ("before", ANN)
    assert (comments["after"].text, comments["after"].viewer_epoch) == ("", ERASED)
    assert comments["after"].viewer != ANN
    assert [comments[name].text for name in ("bobs", "bobs-again")] == ["bobs", "bobs-again"]
    whole = [LogRecord(offset, event, 0) for offset, event in enumerate(told())]
    assert window_rows(replayed) == rows == replay_log(whole, fold_settings(settings)).rows
