"""Our own live-commerce comments, each with every label it has, and short texts by language."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from resonance.sentiment.evaluation.judging import SetFigures
from resonance.sentiment.evaluation.metrics import Confusion, LabelTally, macro_f1, share
from resonance.sentiment.evaluation.tasks import SENTIMENT_CLASSES, most_likely
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.scores import Score

AUTHORED: Final = "authored"
AUTHORED_COLUMNS: Final = 7  # `text, lang, market, sentiment, signals, topics, friction`.
SHORT_COLUMNS: Final = 3  # `text, lang, kind`.
ALL_LANGUAGES: Final = "all"
_LABELS: Final = ("signals", "topics", "friction")


class AuthoredRow(NamedTuple):
    """One comment and all that it says."""

    text: str
    language: str
    sentiment: str
    signals: frozenset[str]
    topics: frozenset[str]
    friction: frozenset[str]


class LanguageFigures(msgspec.Struct, frozen=True):
    """How often the language of one kind of text was told."""

    set: str
    kind: str
    language: str
    n: int
    accuracy: float


def parse_authored(text: str) -> list[AuthoredRow]:
    """Return the comments of a file; lines of another shape are left out."""
    return [
        AuthoredRow(row[0], row[1], row[3], *map(_names, row[4:]))
        for line in text.split("\n")
        if len(row := line.split("\t")) == AUTHORED_COLUMNS and row[3] in SENTIMENT_CLASSES
    ]


def _names(cell: str) -> frozenset[str]:
    """Return the labels of a cell: `-`, `price,shipping`, or `hard_sell:2` with its severity."""
    return frozenset(name.partition(":")[0] for name in cell.split(",")) - {"-", ""}


def judge_authored(rows: Sequence[AuthoredRow], scores: Sequence[Score]) -> list[SetFigures]:
    """Return sentiment, signals, topics and friction, by language and over all."""
    moods: dict[str, Confusion] = {}
    labels: dict[tuple[str, str], LabelTally] = {}
    for row, score in zip(rows, scores, strict=True):
        found: dict[str, set[str]] = {
            "signals": set(score.signals),
            "topics": set(score.topics),
            "friction": {str(friction.category) for friction in score.friction},
        }
        for language in (row.language, ALL_LANGUAGES):
            moods.setdefault(language, Confusion()).add(row.sentiment, most_likely(score)[0])
            for name in _LABELS:
                tally = labels.setdefault((name, language), LabelTally())
                tally.add(getattr(row, name), found[name])
    return [
        *(_figures("sentiment", language, confusion) for language, confusion in moods.items()),
        *(
            _figures(name, language, labels[name, language])
            for name in _LABELS
            for language in moods
        ),
    ]


def _figures(task: str, language: str, counted: Confusion | LabelTally) -> SetFigures:
    classes = counted.classes()
    return SetFigures(
        set=AUTHORED,
        task=task,
        language=language,
        n=counted.n,
        macro_f1=macro_f1(classes),
        accuracy=counted.accuracy,
        classes=classes,
        confusion=counted.table() if isinstance(counted, Confusion) else None,
    )


def judge_language(
    name: str, rows: Iterable[tuple[str, str]], scores: Iterable[Score]
) -> list[LanguageFigures]:
    """Return accuracy by kind and language, then each kind's over our languages together.

    A row is the true language and the kind of text.
    """
    seen: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for (language, kind), score in zip(rows, scores, strict=True):
        for of in (language, ALL_LANGUAGES) if language in LANGUAGES else (language,):
            seen[kind, of] += 1
            right[kind, of] += score.language == language
    return [
        LanguageFigures(name, kind, language, n, share(right[kind, language], n))
        for (kind, language), n in seen.items()
    ]
