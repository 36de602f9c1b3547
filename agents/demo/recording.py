"""The scripted stream as a finite file holds it, for a run that does not wait for the clock."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from resonance.streams.events import Comment, Purchase, RawEvent, Stage
from resonance.streams.topics import COMMENTS, PURCHASES, STAGE, TopicSpec

# Against the embedded broker's memory of some 5 MB a partition: one chunk is far below it.
CHUNK_EVENTS: Final = 250
_RANKS: Final = {"started": 0, "ended": 2}  # Others 1: a stream's first and last moment.


def topic_of(event: RawEvent) -> TopicSpec:
    """Return the topic that producers send the event to."""
    if isinstance(event, Comment):
        return COMMENTS
    return PURCHASES if isinstance(event, Purchase) else STAGE


def as_recording(events: Sequence[RawEvent]) -> list[RawEvent]:
    """Return the events of one stream in event-time order, its markers saying how many there are.

    With the counts in `started` and `ended` the stream is whole when its last record came, not
    when the clock says so. Every topic has the stream on one partition, as it has one channel.
    """
    counts = dict(sorted(Counter(topic_of(event).name for event in events).items()))
    return sorted((_counted(event, counts) for event in events), key=_turn)


def _turn(event: RawEvent) -> tuple[int, int, str]:
    rank = _RANKS.get(event.action, 1) if isinstance(event, Stage) else 1
    return event.occurred_at_ms, rank, event.id


def _counted(event: RawEvent, counts: dict[str, int]) -> RawEvent:
    if isinstance(event, Stage) and event.action == "started":
        return msgspec.structs.replace(event, sources=dict.fromkeys(counts, 1))
    if isinstance(event, Stage) and event.action == "ended":
        return msgspec.structs.replace(event, counts=counts)
    return event


def chunks(recording: Sequence[RawEvent]) -> Iterator[tuple[Sequence[RawEvent], int | None]]:
    """Yield the recording in chunks, each with the event time the fold reaches by it, in ms.

    That is the least of what the topics have come to; None while one of them has yet to speak.
    """
    topics = {topic_of(event).name for event in recording}
    reached_ms: dict[str, int] = {}
    for first in range(0, len(recording), CHUNK_EVENTS):
        chunk = recording[first : first + CHUNK_EVENTS]
        for event in chunk:
            reached_ms[topic_of(event).name] = event.occurred_at_ms
        spoken = reached_ms.keys() == topics
        yield chunk, min(reached_ms.values()) if spoken else None
