"""A log into an archive as the hop writes it, and the archives that tests write to."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import fsspec

from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.archiving.writing import Written, go_on, write_range
from resonance.streams.archive.ranges import Gathering
from resonance.streams.codec import encode_log
from resonance.streams.events import LogEvent
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replaying.log import replay_log
from support.log_events import SOURCE_TOPICS, Build, hash_of

TOPIC_ID = "t0pic-id"
INTERVAL_MS = 60_000


def store_of(kind: str, folder: Path) -> Store:
    """An empty archive: a folder, or fsspec's object store in memory."""
    if kind == "memory":
        fsspec.filesystem("memory").store.clear()
        return Store("memory://archive")
    return Store(str(folder / "archive"))


def appended_ms(event: LogEvent, before_ms: int) -> int:
    """When a broker would have got it: as it came in, and never before the record before it."""
    came_ms = getattr(event, "ingested_at_ms", None) or getattr(event, "position_ms", 0)
    return max(before_ms, came_ms)


def archived(
    store: Store,
    log: Sequence[LogEvent],
    *,
    partition: int = 0,
    topic_id: str = TOPIC_ID,
    interval_ms: int = INTERVAL_MS,
) -> list[Written]:
    """Write a log from where the archive ends, as far as its ranges are full; and the rest."""
    position, state = go_on(store, topic_id, partition, 0)
    written = []
    gathering, at_ms = Gathering(position, interval_ms), 0
    for offset, event in enumerate(log):
        at_ms = appended_ms(event, at_ms)
        if offset < position:
            continue
        if not gathering.takes(at_ms):
            written.append(write_range(store, topic_id, partition, gathering, state))
            state, gathering = written[-1].after, Gathering(gathering.end, interval_ms)
        gathering.add(offset, at_ms, encode_log(event))
    if gathering.records:
        written.append(write_range(store, topic_id, partition, gathering, state))
    return written


def files(store: Store) -> dict[str, bytes]:
    """Every file of an archive, by its path."""
    found = {}
    for path in store.names(""):
        with store.reading(path) as file:
            found[path] = file.read()
    return found


def encoded(events: Iterable[LogEvent]) -> list[bytes]:
    return [encode_log(event) for event in events]


def a_log(seed: int = 1, streams=("one", "two"), seconds: int = 600, build=None) -> list[LogEvent]:
    """Two live streams of a channel at once, orders of no stream, some late, and ticks."""
    dice, build = random.Random(seed), build or Build()
    log: list[LogEvent] = [build.stage("started", n, stream=s) for n, s in enumerate(streams)]
    for second in range(5, seconds, 2):
        for stream in streams:
            late_s = dice.choice((0, 0, 1, 30))
            log.append(
                build.comment(
                    f"{stream}-{second}",
                    max(second - late_s, 0),
                    late_s=min(late_s, second),
                    stream=stream,
                    viewer=f"{hash_of(str(dice.randrange(30))):016x}",
                    signals=dice.choice(((), ("question",), ("complaint",))),
                    market=dice.choice(("US", "DE")),
                )
            )
        if second % 9 == 0:
            log.append(build.purchase(f"order-{second}", second, stream=None, market="US"))
        log += [build.tick(topic, 0, second) for topic in SOURCE_TOPICS]
    log += [build.stage("ended", seconds + n, stream=s) for n, s in enumerate(streams)]
    return [*log, *build.ticks(seconds + 60)]


def rows_of_archive(store, *streams, of):
    """What a replay of archived streams comes to; of these, one stream's rows."""
    found = read_streams(store, streams)
    return only(replay_log(found.records, FoldSettings(), found.ticks).rows, of)


def only(rows, stream):
    """The rows of one stream."""
    return {key: value for key, value in rows.items() if key.startswith(f"{stream}|")}
