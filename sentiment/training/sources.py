"""The licence-clear data sets, read into rows: which label means what, how much of each.

Layout: `<set>-<task>.<language>.tsv` with text, label and split (train or val), no header.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np

from resonance.sentiment.evaluation.tasks import TOPICS
from resonance.sentiment.training.rows import Row, sentiment_index

SKIPPED_TASKS: Final = frozenset({"intent", "act", "4class"})  # Label sets that we do not use.
# Rows at most of each set and language; others are small.
CAPS: Final = {
    "nsmc-sentiment": 40_000,
    "goemotions-sentiment": 30_000,
    "goemotions-praise": 30_000,
    "wisesight-question": 4_000,
    "3i4k-question": 15_000,
    "cold-toxicity": 12_000,
    "davidson-toxicity": 8_000,
    "bitext": 2_000,
    "banking77": 2_000,
    "toldbr-toxicity": 12_000,
}
NO_NEUTRAL: Final = frozenset({"emot", "xed"})  # But English xed, which has it.
SENTIMENT_WEIGHTS: Final = {"umsab": 2.0, "xed": 0.5, "mabsa": 0.7}
TOPIC_WEIGHT: Final = 0.3  # Banking and laptops are not live commerce.


def read_sources(directory: Path, seed: int) -> Iterator[Row]:
    """Yield the rows of every set under `directory`, each set shuffled and capped."""
    for path in sorted(directory.glob("*.tsv")):
        name, language = path.stem.rsplit(".", 1)
        source, task = name.rsplit("-", 1)
        if task in SKIPPED_TASKS:
            continue
        lines = [line.split("\t") for line in path.read_text("utf-8").split("\n") if line]
        order = np.random.default_rng(seed).permutation(len(lines))
        cap = CAPS.get(name, CAPS.get(source, len(lines)))
        language = language.split("-")[0]
        for index in order[:cap]:
            text, label, split = lines[index][:3]
            row = Row(text=text, language=language, source=source, split=split)
            _LABELS[task](row, label)
            yield row


def _sentiment(row: Row, label: str) -> None:
    row.sentiment = sentiment_index(label)
    row.has_neutral = row.source not in NO_NEUTRAL or (row.source, row.language) == ("xed", "en")
    row.weight = SENTIMENT_WEIGHTS.get(row.source, 1.0)


def _flag(name: str, yes: str) -> Callable[[Row, str], None]:
    def label_flag(row: Row, label: str) -> None:
        row.flags[name] = float(label == yes)

    return label_flag


def _signal(row: Row, label: str) -> None:
    row.flags["complaint"] = float(label == "complaint")
    row.flags["purchase_intent"] = float(label == "purchase_intent")


def _purchase(row: Row, label: str) -> None:
    row.flags["purchase_intent"] = float(label == "purchase_intent")
    row.flag_weights["purchase_intent"] = 0.3  # Students' labels, of one product.


def _praise(row: Row, label: str) -> None:
    if label != "gratitude":  # Thanks are praise in one room and manners in another.
        row.flags["praise"] = float(label == "praise")
        row.flag_weights["praise"] = 0.5


def _topic(row: Row, label: str) -> None:
    named = label.split("|", maxsplit=1)[0].split(",")
    for theirs, ours in TOPICS.items():
        row.flags[ours] = float(theirs in named)
        row.flag_weights[ours] = TOPIC_WEIGHT


_LABELS: Final[dict[str, Callable[[Row, str], None]]] = {
    "sentiment": _sentiment,
    "question": _flag("question", "question"),
    "toxicity": _flag("toxic", "toxic"),
    "spam": _flag("spam", "spam"),
    "signal": _signal,
    "purchase": _purchase,
    "praise": _praise,
    "topic": _topic,
}
