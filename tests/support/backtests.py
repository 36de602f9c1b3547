"""Small recordings to run rules over, and what the formulas of a post-mortem make of them."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from resonance.agents.backfill.series import series_of
from resonance.agents.backtesting.recordings import events_by_stream
from resonance.agents.backtesting.rule_files import read_rules
from resonance.agents.backtesting.run import Rules, pages_under
from resonance.agents.backtesting.series import Scraped
from resonance.agents.backtesting.writing import generate
from resonance.agents.board.floors import AlertFloors
from resonance.sentiment.score import Scorer
from resonance.streams.backtest.pages import Page
from resonance.streams.events import RawEvent, Versions
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.importers.options import Options
from resonance.streams.replay import replay
from resonance.streams.scoring import ScoringHop
from resonance.streams.windows import BUCKET_MS, WindowRow, decode_row

VERSIONS = Versions(code="1", model="m", packs="p")
FIRST_SECONDS = 300  # Until then a generated stream is still warming up.


@cache
def scorer() -> Scorer:
    return Scorer(tier="rules")


@cache
def recordings(streams: int, seconds: int, seed: int) -> Path:
    """Return a folder of generated recordings, made once a session."""
    folder = Path(mkdtemp(prefix="recordings-")) / "made"
    generate(folder, scorer(), streams=streams, seconds=seconds, seed=seed)
    return folder


def rows_of(events: list[RawEvent]) -> dict[str, bytes]:
    """Return the window rows of a recording."""
    return replay(events, ScoringHop(scorer(), bytes(32), VERSIONS), FoldSettings())


def events_of(path: Path) -> list[RawEvent]:
    """Return the events of a recording that holds one stream."""
    [events] = events_by_stream(path, Options()).values()
    return events


def buckets_of(rows: dict[str, bytes]) -> list[WindowRow]:
    return [decode_row(value) for value in rows.values()]


def every_ten_seconds(rows: dict[str, bytes]) -> Scraped:
    """Return a backfill's series as if they had been scraped, one sample a bucket."""
    found = series_of(rows, AlertFloors())
    start_ms = min(samples[0].at_ms for samples in found.values())
    count = max(len(samples) for samples in found.values())
    series = {}
    for key, samples in found.items():
        assert len(samples) == count
        name = f"{key.family}_total" if key.kind == "counter" else key.family
        series[name, key.labels] = [float(sample.value) for sample in samples]
    return Scraped(start_ms, BUCKET_MS, count, series)


def pages_every_ten_seconds(rows: dict[str, bytes], rules: Path, alert: str) -> list[Page]:
    """Return what a rule pages when it is asked once a bucket, as the formulas are."""
    made = Rules.of(read_rules(rules), "page", frozenset([alert]))
    return pages_under(made, every_ten_seconds(rows), "page")
