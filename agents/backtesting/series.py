"""A recorded stream -> what Prometheus would have scraped from the board while it was live.

Scoring, fold and board are the ones of a live stream; only the clock is the recording's. Events
come when they were first had, ticks say how far scoring has come, and each scrape sees what a
board would have known then.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from resonance.agents.board.floors import AlertFloors
from resonance.agents.board.labels import Labels
from resonance.agents.board.metrics import families, scrape_of
from resonance.agents.board.scrapers import Scrapers
from resonance.agents.board.state import BoardState
from resonance.streams.events import LogEvent, Place, RawEvent, Stage, Tick
from resonance.streams.fold.order import SOURCE_TOPICS
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.importers.markers import topic_of
from resonance.streams.scoring import ScoringHop, Unscorable

# From the moment an event reaches us until the board shows it: ticks and windows are written twice
# a second each, and read at once.
ON_THE_WAY_MS: Final = 1_000
TAIL_MS: Final = 120_000  # How long is scraped after the last event: some alerts end later.
BATCH_EVENTS: Final = 2_000
SCRAPER: Final = ("backtest", "prometheus")

Name = tuple[str, tuple[tuple[str, str], ...]]  # Metric, and labels by name.


class Scraped(NamedTuple):
    """Series of one stream: a sample a scrape, the first one at `start_ms`; None where none is."""

    start_ms: int
    step_ms: int
    scrapes: int
    series: dict[Name, list[float | None]]

    @property
    def end_ms(self) -> int:
        """When the last scrape was."""
        return self.start_ms + (self.scrapes - 1) * self.step_ms


def scraped(
    events: Sequence[RawEvent],
    hop: ScoringHop,
    settings: FoldSettings,
    floors: AlertFloors,
    *,
    step_ms: int,
    wanted: Callable[[str], bool] = lambda _: True,
) -> Scraped:
    """Return the series of one stream. `wanted` tells of a metric's name whether it is needed."""
    arriving = sorted(map(_as_live, events), key=lambda event: event.ingested_at_ms)
    logged = _logged(arriving, hop)
    first_ms = arriving[0].ingested_at_ms // 1000 * 1000
    scrapes = (arriving[-1].ingested_at_ms + TAIL_MS - first_ms) // step_ms + 1
    live = _Live(settings, floors)
    found: dict[Name, list[float | None]] = {}
    fed = 0
    for place in range(scrapes):
        now_ms = first_ms + place * step_ms
        while fed < len(arriving) and arriving[fed].ingested_at_ms < now_ms - ON_THE_WAY_MS:
            live.feed(logged[fed])
            fed += 1
        live.tick(now_ms - ON_THE_WAY_MS)
        for name, value in live.scrape(now_ms, wanted):
            samples = found.setdefault(name, [])
            samples += [None] * (place - len(samples))
            samples.append(value)
    for samples in found.values():
        samples.extend([None] * (scrapes - len(samples)))
    return Scraped(first_ms, step_ms, scrapes, dict(sorted(found.items())))


def _as_live(event: RawEvent) -> RawEvent:
    """Return the event as it came, without what only an import of a whole file can say."""
    if isinstance(event, Stage) and (event.sources or event.counts):
        return replace(event, sources=None, counts=None)
    return event


def _logged(events: Sequence[RawEvent], hop: ScoringHop) -> list[LogEvent]:
    found: list[LogEvent] = []
    for first in range(0, len(events), BATCH_EVENTS):
        placed = [
            (event, Place(topic_of(event), 0, first + number))
            for number, event in enumerate(events[first : first + BATCH_EVENTS])
        ]
        for (event, place), made in zip(placed, hop.score_all(placed), strict=True):
            # As in a replay: without one event the numbers would silently be others.
            found.append(hop.score(event, place) if isinstance(made, Unscorable) else made)
    return found


class _Live:
    """One engagement worker and one board, at the recording's time."""

    def __init__(self, settings: FoldSettings, floors: AlertFloors) -> None:
        self._fold = PartitionFold(settings)
        self._board = BoardState()
        self._labels = Labels()
        self._scrapers = Scrapers()
        self._floors = floors
        self._offset = 0

    def feed(self, event: LogEvent) -> None:
        self._fold.apply(self._offset, event)
        self._offset += 1

    def tick(self, position_ms: int) -> None:
        """Note that everything ingested before has been fed, and let the board read the rows."""
        for topic in SOURCE_TOPICS:
            self.feed(
                Tick(
                    topic=topic,
                    partition=0,
                    partitions=1,
                    offset=self._offset,
                    position_ms=position_ms,
                )
            )
        self._fold.advance()
        self._fold.take_dead()  # Counted in the room's total; nobody reads dead letters here.
        for key, value in self._fold.take_changed():
            self._board.apply(
                key,
                value,
                self._offset,
                seen_at=position_ms / 1000,
                written_at_ms=position_ms,
            )

    def scrape(self, now_ms: int, wanted: Callable[[str], bool]) -> Iterable[tuple[Name, float]]:
        now = now_ms / 1000
        scrape = scrape_of(
            self._board,
            now=now,
            now_ms=now_ms,
            rows={},
            live_clients=0,
            floors=self._floors,
        )
        seen = scrape._replace(zeros_since=self._scrapers.zeros_since(SCRAPER, now))
        for family in families(seen, self._labels):
            for sample in family.samples:
                if wanted(sample.name):
                    yield (sample.name, tuple(sample.labels.items())), float(sample.value)
