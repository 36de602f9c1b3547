"""Measure the rules tier on our authored comments: `python bench/rules_quality.py [--json]`.

The packs were written looking at one half of the comments (`dev`, by hash of the text); the other
half (`held`) gives the honest figure. Data: the folder named by RESONANCE_DATA.
"""

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.score import Scorer, packs_version
from resonance.sentiment.scores import Score
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

MOODS: Final = ("negative", "neutral", "positive")
LABELS: Final = (
    *(f"signal:{name}" for name in SIGNALS),
    *(f"topic:{name}" for name in TOPICS),
    *(f"friction:{name}" for name in FRICTION_CATEGORIES),
)


class Row(NamedTuple):
    """One authored comment with its labels."""

    text: str
    language: str
    market: str
    sentiment: str
    labels: frozenset[str]  # "signal:question", "topic:price", "friction:hard_sell".


class Tally:
    """True positives, false positives and false negatives by label."""

    def __init__(self) -> None:
        self.hit: Counter[str] = Counter()
        self.extra: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()

    def add(self, truth: Iterable[str], found: Iterable[str]) -> None:
        """Count one comment."""
        truth, found = set(truth), set(found)
        self.hit.update(truth & found)
        self.extra.update(found - truth)
        self.missed.update(truth - found)

    def f1(self, label: str) -> float:
        """Return F1 in percent; 0 where the label never occurs."""
        hits = 2 * self.hit[label]
        total = hits + self.extra[label] + self.missed[label]
        return 100 * hits / total if total else 0.0

    def micro(self, prefix: str) -> float:
        """Return the F1 in percent of all labels that begin with `prefix`, counted together."""
        hits, extra, missed = (
            sum(count for label, count in counter.items() if label.startswith(prefix))
            for counter in (self.hit, self.extra, self.missed)
        )
        total = 2 * hits + extra + missed
        return 200 * hits / total if total else 0.0

    def macro(self, labels: Iterable[str]) -> float:
        """Return the mean F1 of the labels, in percent."""
        scores = [self.f1(label) for label in labels]
        return sum(scores) / len(scores)


def half_of(text: str) -> str:
    """Return which half a comment belongs to."""
    return "held" if sha256(text.encode()).digest()[0] % 2 else "dev"


def authored(data: Path, half: str) -> Iterator[Row]:
    """Yield the authored comments of one half, or of both ("all")."""
    for language in LANGUAGES:
        path = data / "authored" / f"{language}.tsv"
        for line in path.read_text(encoding="utf-8").splitlines():
            text, lang, market, sentiment, *lists = line.split("\t")
            if half not in {"all", half_of(text)}:
                continue
            labels = {
                f"{group}:{label.partition(':')[0]}"
                for group, cell in zip(("signal", "topic", "friction"), lists, strict=True)
                for label in cell.split(",")
                if label != "-"
            }
            yield Row(text, lang, market, sentiment, frozenset(labels))


def labels_of(score: Score) -> set[str]:
    """Return a score's labels in the form of `Row.labels`."""
    return {
        *(f"signal:{signal}" for signal in score.signals),
        *(f"topic:{topic}" for topic in score.topics),
        *(f"friction:{friction.category}" for friction in score.friction),
    }


def sentiment_of(score: Score) -> str:
    """Return the likeliest class."""
    parts = score.sentiment
    return max(
        (("negative", parts.negative), ("neutral", parts.neutral), ("positive", parts.positive)),
        key=lambda item: item[1],
    )[0]


def measure(data: Path, half: str, *, with_errors: str) -> dict[str, object]:
    """Return the figures; print the comments that a label gets wrong when one is named."""
    scorer = Scorer()
    labels, moods = Tally(), Tally()
    by_language: defaultdict[str, Tally] = defaultdict(Tally)
    right: Counter[str] = Counter()
    rows = list(authored(data, half))
    for row in rows:
        score = scorer.score(row.text, (), (row.market,))
        found, mood = labels_of(score), sentiment_of(score)
        labels.add(row.labels, found)
        moods.add([row.sentiment], [mood])
        by_language[row.language].add(row.labels | {row.sentiment}, found | {mood})
        right[row.language] += score.language == row.language
        if with_errors and is_wrong(row, score, with_errors):
            print(
                f"{row.language}\t{row.text}\t{row.sentiment} {sorted(row.labels)}\t"
                f"{mood} {sorted(found)} {score.language}"
            )
    totals = Counter(row.language for row in rows)
    return {
        "comments": len(rows),
        "half": half,
        "packs": packs_version(),
        "sentiment_macro_f1": moods.macro(MOODS),
        "signal_macro_f1": labels.macro(f"signal:{name}" for name in SIGNALS),
        "topic_macro_f1": labels.macro(f"topic:{name}" for name in TOPICS),
        "friction_macro_f1": labels.macro(f"friction:{name}" for name in FRICTION_CATEGORIES),
        "label_f1": {label: labels.f1(label) for label in LABELS},
        "language_accuracy": 100 * right.total() / len(rows),
        "by_language": {
            language: {
                "language_accuracy": 100 * right[language] / totals[language],
                "sentiment_macro_f1": tally.macro(MOODS),
                "signal_micro_f1": tally.micro("signal:"),
                "topic_micro_f1": tally.micro("topic:"),
                "friction_micro_f1": tally.micro("friction:"),
            }
            for language, tally in by_language.items()
        },
    }


def is_wrong(row: Row, score: Score, label: str) -> bool:
    """Tell whether a comment is one that `label` (a label, a class, "language") gets wrong."""
    mood = sentiment_of(score)
    if label == "language":
        return score.language != row.language
    if label in MOODS:
        return label in {row.sentiment, mood} and row.sentiment != mood
    return (label in row.labels) != (label in labels_of(score))


def measure_languages(data: Path) -> dict[str, float]:
    """Return how often the language of short prose strings is told, by kind and by language."""
    scorer = Scorer()
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in (data / "lid" / "lingua_short.tsv").read_text(encoding="utf-8").splitlines():
        text, language, kind = line.split("\t")
        if language not in LANGUAGES:
            continue
        found = scorer.score(text).language
        for key in ("all", kind, language):
            total[key] += 1
            right[key] += found == language
    return {key: 100 * right[key] / total[key] for key in total}


def print_figures(figures: dict[str, object], indent: str = "") -> None:
    """Print figures one a line, groups of them indented."""
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            print_figures(value, indent + "  ")
        else:
            print(
                f"{indent}{name} {value:.1f}"
                if isinstance(value, float)
                else f"{indent}{name} {value}"
            )


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("dev", "held", "all"), default="held")
    parser.add_argument("--errors", default="", help="print what this label gets wrong")
    parser.add_argument("--languages", action="store_true", help="short prose strings too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    data = Path(os.environ.get("RESONANCE_DATA", "../shared/data"))
    if not data.is_dir():
        print(f"{data} is no folder: set RESONANCE_DATA", file=sys.stderr)
        return 2
    figures = measure(data, arguments.half, with_errors=arguments.errors)
    if arguments.languages:
        figures["short_prose_language_accuracy"] = measure_languages(data)
    if arguments.json:
        print(json.dumps(figures))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
