"""What a story comes to, whatever befalls those who read it.

Two measures, independent of each other: the fold of the story in the order it was told, without a
broker or a crash; and plain counts of the story, without the fold.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from resonance.agents.settings import Settings, fold_settings
from resonance.streams import topics
from resonance.streams.events import Comment, Place, Purchase, Stage, Tick
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.stream import StreamFold
from simulation.plan import Tale
from simulation.story import START_MS, Sent, Teller
from simulation.worker import scoring_hop

BURST_SIZE: Final = 3
FOLD: Final = fold_settings(Settings(duplicate_burst_size=BURST_SIZE))
FAR_MS: Final = START_MS + 10_000_000  # Long after everything, and long before any forgetting.

StreamFacts = tuple[object, ...]
SourcePlace = tuple[str, int, int]  # Topic, partition, offset.


@dataclass(frozen=True)
class Told:
    """A story, and what it comes to."""

    sent: list[Sent]  # By time.
    places: list[SourcePlace]  # Where each of it comes to lie.
    rows: dict[str, bytes]  # Of `windows`, by key.
    streams: dict[str, StreamFacts]  # What is remembered of each stream.
    rooms: dict[str, Counter[str]]  # Totals by stream.


@lru_cache(maxsize=2)
def told(tale: Tale) -> Told:
    """Return the story of the tale: told once for all schedules that are about it."""
    sent = Teller(tale).tell()
    places = _places(sent)
    fold = _folded(sent, places, tale.partitions)
    rows = {key: row for key, row in fold.take_changed() if row is not None}
    streams = {name: stream_facts(stream) for name, stream in fold.state.streams.items()}
    return Told(sent, places, rows, streams, _rooms(sent))


def stream_facts(stream: StreamFold) -> StreamFacts:
    """Return what is remembered of a stream beyond its rows, however far its time has come."""
    return (
        stream.questions.clusters,
        stream.masks.opened,
        (stream.audience.last_comment, stream.audience.market),
        stream.askers.outcomes,
        (stream.first_event_ms, stream.last_event_ms, stream.started_at_ms, stream.ended_at_ms),
        (stream.progress.kind, stream.progress.received, stream.progress.counts),
    )


def _places(sent: list[Sent]) -> list[SourcePlace]:
    ends: Counter[tuple[str, int]] = Counter()
    places = []
    for one in sent:
        source = (one.topic, one.partition)
        places.append((*source, ends[source]))
        ends[source] += 1
    return places


def _folded(sent: list[Sent], places: list[SourcePlace], partitions: int) -> PartitionFold:
    """Return the fold that the story comes to, told once and in order."""
    hop, fold = scoring_hop(), PartitionFold(FOLD)
    offset = 0
    for place, one in zip(places, sent, strict=True):
        if one.event is not None and one.fate != "refused":
            fold.apply(offset, hop.score(one.event, Place(*place)))
            offset += 1
    for tick in _last_ticks(partitions):
        fold.apply(offset, tick)
        offset += 1
    fold.advance()
    return fold


def _last_ticks(partitions: int) -> list[Tick]:
    """Return ticks that complete everything; twice, as the first decide what a stream is."""
    return [
        Tick(
            topic=spec.name,
            partition=partition,
            partitions=partitions,
            offset=0,
            position_ms=FAR_MS,
        )
        for spec in (*topics.SOURCES, *topics.SOURCES)
        for partition in range(partitions)
    ]


def _rooms(sent: list[Sent]) -> dict[str, Counter[str]]:
    """Return the totals of each stream's room: plain counts of what was sent."""
    rooms: dict[str, Counter[str]] = {}
    for one in sent:
        if one.event is None or one.fate == "refused":
            continue
        room = rooms.setdefault(str(one.event.stream), Counter())
        if one.fate != "counted":
            room[one.fate] += 1
        elif isinstance(one.event, Comment):
            room["comments"] += 1
        elif isinstance(one.event, Purchase):
            room[one.event.state] += 1
        elif isinstance(one.event, Stage):
            room[one.event.action] += 1
    return rooms
