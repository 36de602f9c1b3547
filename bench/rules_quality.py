"""Measure the rules tier on our authored comments: `python bench/rules_quality.py [--half dev]`.

The packs were written looking at one half of the comments (`dev`, by hash of the text); the other
half (`held`) gives the honest figure. Data: the folder named by RESONANCE_DATA.
"""

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.score import Scorer, packs_version
from resonance.sentiment.scores import Score
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS


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


def report(data: Path, half: str, *, with_errors: str) -> None:
    """Print the figures, and the comments a label gets wrong when one is named."""
    scorer = Scorer()
    labels, moods = Tally(), Tally()
    by_language: defaultdict[str, Tally] = defaultdict(Tally)
    right: Counter[str] = Counter()
    rows = list(authored(data, half))
    for row in rows:
        score = scorer.score(row.text, (), (row.market,))
        found = labels_of(score)
        labels.add(row.labels, found)
        mood = sentiment_of(score)
        moods.add([row.sentiment], [mood])
        by_language[row.language].add(row.labels | {row.sentiment}, found | {mood})
        right[row.language] += score.language == row.language
        wrong = (with_errors in row.labels) != (with_errors in found) or (
            with_errors in {row.sentiment, mood} and row.sentiment != mood
        )
        if with_errors and (
            wrong or (with_errors == "language" and score.language != row.language)
        ):
            print(
                f"{row.language}\t{row.text}\t{row.sentiment} {sorted(row.labels)}\t"
                f"{mood} {sorted(found)} {score.language}"
            )
    print(f"{len(rows)} comments, half {half}, packs {packs_version()}")
    print(f"sentiment macro-F1 {moods.macro(['negative', 'neutral', 'positive']):.1f}")
    for group, names in (
        ("signal", SIGNALS),
        ("topic", TOPICS),
        ("friction", FRICTION_CATEGORIES),
    ):
        keys = [f"{group}:{name}" for name in names]
        print(f"{group} macro-F1 {labels.macro(keys):.1f}")
        print("  " + "  ".join(f"{k.partition(':')[2]} {labels.f1(k):.0f}" for k in keys))
    print(f"language accuracy {100 * right.total() / len(rows):.1f}")
    for language, tally in by_language.items():
        total = sum(row.language == language for row in rows)
        micro = sum(tally.hit.values()) * 2
        micro_total = micro + sum(tally.extra.values()) + sum(tally.missed.values())
        moods_macro = tally.macro(["negative", "neutral", "positive"])
        print(
            f"  {language}: language {100 * right[language] / total:.0f}"
            f"  sentiment {moods_macro:.0f}  all labels, micro {100 * micro / micro_total:.0f}"
        )


def report_languages(data: Path) -> None:
    """Print how often the language of short prose strings is told, by kind of string."""
    scorer = Scorer()
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in (data / "lid" / "lingua_short.tsv").read_text(encoding="utf-8").splitlines():
        text, language, kind = line.split("\t")
        if language not in LANGUAGES:
            continue
        found = scorer.score(text).language
        for key in (kind, language, "all"):
            total[key] += 1
            right[key] += found == language
        right["und"] += found == "und"
    print("lingua_short, 18 languages: accuracy by kind, by language")
    print("  " + "  ".join(f"{key} {100 * right[key] / total[key]:.1f}" for key in total))
    print(f"  und {100 * right['und'] / total['all']:.1f}")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("dev", "held", "all"), default="held")
    parser.add_argument("--errors", default="", help="print what this label gets wrong")
    parser.add_argument("--languages", action="store_true", help="short prose strings too")
    arguments = parser.parse_args()
    data = Path(os.environ.get("RESONANCE_DATA", "../shared/data"))
    if not data.is_dir():
        print(f"{data} is no folder: set RESONANCE_DATA", file=sys.stderr)
        return 2
    report(data, arguments.half, with_errors=arguments.errors)
    if arguments.languages:
        report_languages(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
