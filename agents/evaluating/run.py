"""What `resonance evaluate` does: find the sets in a folder, score their texts, judge the scores.

A folder is laid out as `text/test/<set>-<task>.<language>.tsv`, `authored/<language>.tsv`,
`lid/*.tsv` and `chat/*`, with any of them missing; sets may also lie in it directly.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from pathlib import Path
from typing import Final

import msgspec

from resonance.agents.evaluating.files import DataFile
from resonance.sentiment.evaluation.authored import (
    SHORT_COLUMNS,
    LanguageFigures,
    judge_authored,
    judge_language,
    parse_authored,
)
from resonance.sentiment.evaluation.judging import (
    LabelledSet,
    Mistake,
    SetFigures,
    judge,
    parse_labelled,
    sample,
)
from resonance.sentiment.evaluation.metrics import share
from resonance.sentiment.score import Request, Scorer
from resonance.sentiment.scores import Score
from resonance.sentiment.text import clean
from resonance.streams.events import Comment
from resonance.streams.importers.load import events_of_files
from resonance.streams.importers.outcomes import BrokenFileError

BATCH_TEXTS: Final = 1_024
CHAT_TEXTS_MAX: Final = 500_000  # Unique; more tells no more, and fills the memory.

Advance = Callable[[int], None]


class FalseAlarms(msgspec.Struct, frozen=True):
    """How many unique texts of real chats, nearly all of them benign, were called toxic or spam."""

    language: str  # As detected.
    n: int
    toxic: float
    spam: float


class Mean(msgspec.Struct, frozen=True):
    """A set's figures over its languages, each language counting alike."""

    set: str
    task: str
    languages: int
    macro_f1: float
    class_f1: dict[str, float]
    lowest: tuple[str, float]  # The language with the lowest macro-F1.


class Throughput(msgspec.Struct):
    """How fast it went, each text scored once."""

    texts: int = 0
    seconds: float = 0.0

    @property
    def texts_per_second(self) -> float:
        """Unique texts per second of wall clock."""
        return round(self.texts / self.seconds, 1) if self.seconds else 0.0


class Evaluation:
    """Judges file after file; the figures are in its lists."""

    def __init__(self, scorer: Scorer, limit: int | None = None) -> None:
        self.scorer = scorer
        self.sets: list[SetFigures] = []
        self.languages: list[LanguageFigures] = []
        self.mistakes: list[Mistake] = []
        self.skipped: list[str] = []
        self.throughput = Throughput()
        self._limit = limit
        self._authored: list[tuple[str, ...]] = []
        self._chat: dict[str, None] = {}

    def take(self, file: DataFile, advance: Advance) -> None:
        """Judge one file, or keep it until all of its kind are there."""
        if file.kind == "chat":
            self._take_chat(file.path)
        elif file.kind == "authored":
            lines = [(line, "") for line in _text(file.path).split("\n") if line]
            self._authored += sample(lines, self._limit)
        elif file.kind == "short":
            self._take_short(file.path)
        else:
            rows = sample(parse_labelled(_text(file.path)), self._limit)
            data = LabelledSet(file.set, file.task, file.language, rows)
            figures, mistakes = judge(data, self._scores(data.texts))
            self.sets.append(figures)
            self.mistakes += mistakes
        advance(file.path.stat().st_size)

    def finish(self) -> list[FalseAlarms]:
        """Judge what was kept; return the false alarms on real chats, by language."""
        rows = parse_authored("\n".join(line for line, _ in self._authored))
        if rows:
            scores = self._scores([row.text for row in rows])
            self.sets += judge_authored(rows, scores)
            self.languages += judge_language(
                "authored", [(row.language, "comments") for row in rows], scores
            )
        texts = [text for text, _ in sample([(text, "") for text in self._chat], self._limit)]
        return _false_alarms(self._scores(texts))

    def _take_short(self, path: Path) -> None:
        lines = [tuple(line.split("\t")) for line in _text(path).split("\n")]
        rows = [line for line in lines if len(line) == SHORT_COLUMNS]
        kept = sample([(row[0], "\t".join(row[1:])) for row in rows], self._limit)
        scores = self._scores([text for text, _ in kept])
        truths = [(truth.split("\t")[0], truth.split("\t")[1]) for _, truth in kept]
        self.languages += judge_language(path.stem, truths, scores)

    def _take_chat(self, path: Path) -> None:
        try:
            with events_of_files([path]) as events:
                for event in events:
                    if isinstance(event, Comment) and len(self._chat) < CHAT_TEXTS_MAX:
                        self._chat[clean(event.text)] = None
        except BrokenFileError as error:
            self.skipped.append(f"{path.name}: {error}")

    def _scores(self, texts: Sequence[str]) -> list[Score]:
        """Score texts in batches; time counts, and texts that are new to it."""
        scores: list[Score] = []
        misses, started_seconds = self.scorer.misses, time.perf_counter()
        for start in range(0, len(texts), BATCH_TEXTS):
            scores += self.scorer.score_all(
                [Request(t) for t in texts[start : start + BATCH_TEXTS]]
            )
        self.throughput.seconds += time.perf_counter() - started_seconds
        self.throughput.texts += self.scorer.misses - misses
        return scores


def surest_mistakes(mistakes: Iterable[Mistake], count: int) -> list[Mistake]:
    """Return of each set and language the `count` mistakes that the scores were surest of."""
    by_set: defaultdict[tuple[str, str], list[Mistake]] = defaultdict(list)
    for mistake in mistakes:
        by_set[mistake.set, mistake.language].append(mistake)
    return [
        mistake
        for group in by_set.values()
        for mistake in nlargest(count, group, key=lambda mistake: mistake.confidence)
    ]


def means(sets: Iterable[SetFigures]) -> list[Mean]:
    """Return the mean over languages of every set that has more than one."""
    by_set: defaultdict[tuple[str, str], list[SetFigures]] = defaultdict(list)
    for figures in sets:
        if figures.language != "all":
            by_set[figures.set, figures.task].append(figures)
    return [_mean(name, task, group) for (name, task), group in by_set.items() if len(group) > 1]


def _mean(name: str, task: str, group: Sequence[SetFigures]) -> Mean:
    lowest = min(group, key=lambda figures: figures.macro_f1)
    classes = sorted({name for figures in group for name in figures.classes})
    return Mean(
        set=name,
        task=task,
        languages=len(group),
        macro_f1=share(sum(figures.macro_f1 for figures in group), len(group)),
        class_f1={
            label: share(sum(f1s), len(f1s))
            for label in classes
            if (f1s := [f.classes[label].f1 for f in group if label in f.classes])
        },
        lowest=(lowest.language, lowest.macro_f1),
    )


def _false_alarms(scores: Iterable[Score]) -> list[FalseAlarms]:
    texts: Counter[str] = Counter()
    alarms: Counter[tuple[str, str]] = Counter()
    for score in scores:
        for language in (score.language, "all"):
            texts[language] += 1
            alarms.update((language, signal) for signal in score.signals)
    return [
        FalseAlarms(
            language, n, share(alarms[language, "toxic"], n), share(alarms[language, "spam"], n)
        )
        for language, n in texts.most_common()
    ]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
