"""One backtest: every stream of every recording under one or two sets of rules."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from resonance.agents.backtesting import promtool
from resonance.agents.backtesting.notation import series_name, values
from resonance.agents.backtesting.recordings import events_by_stream
from resonance.agents.backtesting.rule_files import Pass, RuleFile, passes, wanted_by
from resonance.agents.backtesting.series import Name, Scraped, scraped
from resonance.agents.board.floors import alert_floors
from resonance.agents.privacy.viewer_key import ensure_viewer_key
from resonance.agents.scorers import make_scorer
from resonance.agents.settings import Settings, fold_settings
from resonance.streams.backtest.pages import Firing, Page, pages_of
from resonance.streams.backtest.verdict import StreamTime
from resonance.streams.events import Versions
from resonance.streams.importers.options import Options
from resonance.streams.scoring import ScoringHop

SCRAPE_MS: Final = 2_000  # Of the board, as deploy/prometheus/prometheus.yml has it.

TIMES: Final = "_timestamp_seconds"
OF_EVERY_ALERT: Final = {"__name__", "alertname", "alertstate", "severity", "team"}


class Rules(NamedTuple):
    """The rules of one side, and how promtool is to run them."""

    files: tuple[RuleFile, ...]
    passes: tuple[Pass, ...]

    @classmethod
    def of(
        cls, files: Sequence[RuleFile], severity: str, alerts: frozenset[str] = frozenset()
    ) -> "Rules":
        """Return the rules of these files: alerts of a severity, only those named if any are."""
        return cls(tuple(files), tuple(passes(files, severity, alerts)))


class Asked(NamedTuple):
    """What is the same for every recording."""

    settings: Settings
    options: Options
    sides: tuple[Rules, ...]
    severity: str
    scrape_ms: int = SCRAPE_MS


@dataclass(slots=True)
class Played:
    """When the streams went on, and the pages of each side."""

    streams: dict[str, StreamTime] = field(default_factory=dict)
    pages: list[list[Page]] = field(default_factory=list)

    def add(self, other: "Played") -> None:
        """Take in what another recording came to."""
        self.streams |= other.streams
        while len(self.pages) < len(other.pages):
            self.pages.append([])
        for mine, its in zip(self.pages, other.pages, strict=True):
            mine.extend(its)


def backtest(
    files: Sequence[Path], asked: Asked, jobs: int, advance: Callable[[int], None]
) -> Played:
    """Return what all recordings come to; `advance` hears of the bytes of each that is done."""
    whole = Played(pages=[[] for _ in asked.sides])
    for file, played in zip(files, _each(files, asked, jobs), strict=True):
        whole.add(played)
        advance(file.stat().st_size)
    return whole


def _each(files: Sequence[Path], asked: Asked, jobs: int) -> Iterator[Played]:
    if jobs == 1 or len(files) == 1:
        for file in files:
            yield play_recording(file, asked)
        return
    # Spawned: the numeric libraries' threads do not survive a fork.
    with ProcessPoolExecutor(min(jobs, len(files)), get_context("spawn")) as pool:
        yield from pool.map(play_recording, files, [asked] * len(files))


def play_recording(file: Path, asked: Asked) -> Played:
    """Return what one recording comes to. Raises `UsageError` on a file that is none."""
    hop, played = _hop(asked.settings), Played()
    for stream, events in events_by_stream(file, asked.options).items():
        scrapes = scraped(
            events,
            hop,
            fold_settings(asked.settings),
            alert_floors(asked.settings),
            step_ms=asked.scrape_ms,
            wanted=wanted_by(file for rules in asked.sides for file in rules.files),
        )
        time = StreamTime(events[0].occurred_at_ms, max(e.occurred_at_ms for e in events))
        pages = [pages_under(rules, scrapes, asked.severity) for rules in asked.sides]
        played.add(Played({stream: time}, pages))
    return played


@cache  # A process plays many recordings, and its scorer remembers their texts.
def _hop(settings: Settings) -> ScoringHop:
    scorer = make_scorer(settings)
    return ScoringHop(scorer, ensure_viewer_key(settings), Versions(*scorer.versions))


def pages_under(rules: Rules, scrapes: Scraped, severity: str) -> list[Page]:
    """Return the pages that the rules send of one stream's series."""
    found: list[Page] = []
    expression = f'ALERTS{{alertstate="firing", severity={json.dumps(severity)}, stream!=""}}'
    for one in rules.passes:
        wanted = wanted_by(one.files)
        series = {
            series_name(name): values(_since_zero(name, samples, scrapes.start_ms))
            for name, samples in scrapes.series.items()
            if wanted(name[0])
        }
        every_ms = max(one.interval_ms, scrapes.step_ms)  # Nothing is new in between.
        if not series:
            continue  # Rules about the machinery, of which a recording knows nothing.
        answers = promtool.play(
            promtool.Case(
                [file.path for file in one.files],
                [group.name for file in one.files for group in file.groups],
                series,
                scrapes.step_ms,
                every_ms,
                scrapes.end_ms - scrapes.start_ms,
                expression,
            )
        )
        firings = [
            Firing(scrapes.start_ms + answer.at_ms, answer.labels["alertname"], _said(answer))
            for answer in answers
            if answer.labels["alertname"] in one.alerts
        ]
        found += pages_of(firings, every_ms)
    return sorted(found, key=lambda page: (page.since_ms, page.alert, page.market))


def _since_zero(name: Name, samples: Sequence[float | None], start_ms: int) -> list[float | None]:
    """Return the samples as promtool needs them: its clock begins at 0, so do times in values."""
    if not name[0].endswith(TIMES):
        return list(samples)
    return [None if sample is None else round(sample - start_ms / 1000, 3) for sample in samples]


def _said(answer: promtool.Answer) -> tuple[tuple[str, str], ...]:
    """Return the labels by which one page differs from another of the same alert."""
    return tuple((k, v) for k, v in sorted(answer.labels.items()) if k not in OF_EVERY_ALERT)
