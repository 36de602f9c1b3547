"""The board's state from rows, and what a scrape of it shows."""

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from resonance.agents.board.labels import Labels
from resonance.agents.board.metrics import ScrapeCollector, scrape_of
from resonance.agents.board.state import BoardState
from resonance.streams.windows import WindowRow, encode_row
from support.board_feed import START_MS, key_of

NOW_MS = START_MS + 120_000
LATER = 1_000.0  # Seconds, by the board's clock: long after everything was first seen.

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Board:
    """A state, and what a scrape of it shows."""

    def __init__(self, *rows: WindowRow, seen_at: float = 0.0) -> None:
        self.state = BoardState()
        self.labels = Labels()
        self.upto = 0
        self.put(*rows, seen_at=seen_at)

    def put(self, *rows: WindowRow, seen_at: float = 0.0, at_ms: int = NOW_MS) -> None:
        for window in rows:
            self.upto += 1
            self.state.apply(
                key_of(window), encode_row(window), self.upto, seen_at=seen_at, written_at_ms=at_ms
            )

    def scrape(self, now: float = LATER, now_ms: int = NOW_MS) -> Series:
        scrape = scrape_of(self.state, now=now, now_ms=now_ms, rows={"applied": 1}, live_clients=0)
        text = generate_latest(ScrapeCollector(scrape, self.labels)).decode()
        series: Series = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                key = sample.name, frozenset(sample.labels.items())
                assert key not in series, f"twice: {key}"  # Prometheus would refuse the scrape.
                series[key] = sample.value
        return series

    def value(self, name: str, now: float = LATER, **labels: str) -> float | None:
        return self.scrape(now).get((f"resonance_{name}", frozenset(labels.items())))


def labels_of(series: Series, name: str, label: str) -> set[str]:
    return {dict(key)[label] for metric, key in series if metric == f"resonance_{name}"}
