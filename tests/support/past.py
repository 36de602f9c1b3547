"""A past to write reports of: the scripted stream, scored and folded without a broker."""

from collections.abc import Container
from functools import cache

from resonance.agents.demo import scenario
from resonance.agents.demo.recording import as_recording, topic_of
from resonance.sentiment.score import Scorer
from resonance.streams.events import LogEvent, Place, Versions
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replaying.log import LogRecord, LogReplay, Replayed
from resonance.streams.scoring import ScoringHop
from resonance.streams.viewers import SeenViewer

START_MS = 1_764_000_000_000
STREAM = scenario.STREAM


@cache
def scripted_log() -> tuple[LogEvent, ...]:
    """Return the demo's stream as the topic `events` would hold it, without ticks."""
    hop = ScoringHop(Scorer(), bytes(32), Versions(code="1", model="m", packs="p"))
    recording = as_recording(scenario.events(START_MS))
    places = [Place(topic_of(event).name, 0, i) for i, event in enumerate(recording)]
    return tuple(hop.score_all(list(zip(recording, places, strict=True))))


def replayed(
    *logs: tuple[LogEvent, ...], seen_before: Container[SeenViewer] | None = None
) -> Replayed:
    """Return everything that the logs come to, one after the other."""
    events = [event for log in logs or (scripted_log(),) for event in log]
    replay = LogReplay(FoldSettings(), seen_before=seen_before)
    for offset, event in enumerate(events):
        replay.feed(LogRecord(offset, event))
    return replay.finish()
