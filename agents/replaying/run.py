"""One replay of a log: paced, scored anew if asked for, published if asked for."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from resonance.agents.board.floors import alert_floors
from resonance.agents.replaying.publishing import ReplayTopics
from resonance.agents.scorers import make_scorer
from resonance.agents.settings import Settings, fold_settings
from resonance.streams.events import Tick, Versions
from resonance.streams.fold.order import Ticks
from resonance.streams.replaying.changes import (
    PageChange,
    WindowChange,
    changed_pages,
    changed_windows,
)
from resonance.streams.replaying.log import LogRecord, LogReplay, Replayed
from resonance.streams.replaying.rescoring import ScoreChanges, rescored


@dataclass(slots=True)
class Source:
    """A log to replay: its records, what ticks had said before, how many records it has."""

    records: Iterable[LogRecord]
    events: int
    ticks: Mapping[int, Ticks] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """What a replay came to; with `rescored`, beside what the log itself says."""

    past: Replayed
    before: Replayed | None = None
    scores: ScoreChanges = field(default_factory=ScoreChanges)
    floors: Mapping[str, float] = field(default_factory=dict)  # Of markets with their own.

    def changed_windows(self) -> list[WindowChange]:
        """Return the windows that scoring anew has changed."""
        return [] if self.before is None else changed_windows(self.before.rows, self.past.rows)

    def changed_pages(self) -> list[PageChange]:
        """Return the pages that scoring anew would have sent, withheld, or sent at another time."""
        if self.before is None:
            return []
        return changed_pages(self.before.rows, self.past.rows, self.floors)


def run(
    settings: Settings,
    source: Source,
    *,
    speed: float | None = None,
    rescore: bool = False,
    topics: ReplayTopics | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Run:
    """Replay a log; `speed` None is as fast as possible. Live topics are only ever read."""
    folding = LogReplay(fold_settings(settings), source.ticks)
    records = source.records if speed is None else paced(source.records, speed)
    if not rescore:
        for record in records:
            folding.feed(record)
            if topics is not None:
                topics.send(record, folding)
            advance(1)
        return Run(_finished(folding, topics))
    scorer = make_scorer(settings)
    before = LogReplay(fold_settings(settings), source.ticks)
    changes = ScoreChanges()
    for pair in rescored(records, scorer, Versions(*scorer.versions)):
        before.feed(pair[0])
        folding.feed(pair[1])
        changes.see(pair)
        if topics is not None:
            topics.send(pair[1], folding)
        advance(1)
    return Run(
        _finished(folding, topics), before.finish(), changes, alert_floors(settings).by_market
    )


def _finished(folding: LogReplay, topics: ReplayTopics | None) -> Replayed:
    past = folding.finish()
    if topics is not None:
        topics.finish(past.rows)
    return past


def paced(records: Iterable[LogRecord], speed: float) -> Iterator[LogRecord]:
    """Yield the records at `speed` times the pace that they came in at."""
    began_seconds = time.monotonic()
    first_ms: int | None = None
    for record in records:
        event = record.event
        came_ms = event.position_ms if isinstance(event, Tick) else event.ingested_at_ms
        first_ms = came_ms if first_ms is None else first_ms
        due_seconds = began_seconds + (came_ms - first_ms) / 1000 / speed
        time.sleep(max(0.0, due_seconds - time.monotonic()))
        yield record
