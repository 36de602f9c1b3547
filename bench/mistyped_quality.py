"""Measure what typing errors cost: `python bench/mistyped_quality.py [--json] [--seed N]`.

Macro-F1 over all flags on our validation lines (never the held-out ones): as their authors wrote
them, and with a slip of the finger in one longer word of each.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from typing import Final, get_args

import numpy as np

from resonance.sentiment.evaluation.metrics import LabelTally, macro_f1
from resonance.sentiment.score import Request, Scorer, Tier
from resonance.sentiment.training.mix import own_rows
from resonance.sentiment.training.rows import Row
from resonance.sentiment.training.workshop import OURS
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

FLAGS: Final = (*SIGNALS, *TOPICS, *FRICTION_CATEGORIES)
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
KEYBOARD: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD: Final = re.compile(r"[A-Za-zÀ-ɏЀ-ӿ]{5,}")  # Where a slip is one letter of several.


def mistyped(text: str, random: np.random.Generator) -> str:
    """Return the text with a slip in one of its longer words; without any, as it is.

    Two letters swapped, one lost, one too many, or the key beside: each as likely.
    """
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = words[int(random.integers(len(words)))]
    place = word.start() + int(random.integers(1, len(word[0]) - 1))
    before, letter, after = text[:place], text[place], text[place + 1 :]
    slips = (
        before + after[0] + letter + after[1:],
        before + after,
        before + (letter if random.integers(2) else LETTERS[random.integers(26)]) + letter + after,
        before + beside(letter, random) + after,
    )
    return slips[int(random.integers(len(slips)))]


def beside(letter: str, random: np.random.Generator) -> str:
    """Return a key left or right of a letter's; of other letters, any."""
    row = next((row for row in KEYBOARD if letter in row), LETTERS)
    place = row.find(letter) + (1 if random.integers(2) else -1)
    return row[place % len(row)]


def macro(rows: Sequence[Row], texts: Sequence[str], tier: Tier) -> float:
    """Return the mean F1 over all flags, in hundredths."""
    tally = LabelTally()
    for row, score in zip(
        rows, Scorer(0, tier=tier).score_all(list(map(Request, texts))), strict=True
    ):
        said = {*score.signals, *score.topics, *(found.category for found in score.friction)}
        tally.add({name for name in FLAGS if row.flags[name]}, said)
    return 100 * macro_f1(tally.classes())


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--seed", type=int, default=1, help="of the slips")
    arguments = parser.parse_args()
    rows = [
        row
        for row in own_rows(OURS, seed=0)
        if row.split == "val" and row.source in {"authored", "templates"}
    ]
    random = np.random.default_rng(arguments.seed)
    written = [row.text for row in rows]
    slipped = [mistyped(text, random) for text in written]
    figures = {
        tier: {"written": macro(rows, written, tier), "mistyped": macro(rows, slipped, tier)}
        for tier in get_args(Tier)
    }
    if arguments.json:
        print(json.dumps({"lines": len(rows), "seed": arguments.seed, "macro_f1": figures}))
        return 0
    changed = sum(map(str.__ne__, written, slipped))
    print(f"{len(rows)} lines, {changed} of them with a word to mistype; macro-F1 over 27 flags")
    for tier, found in figures.items():
        print(f"{tier:<6} as written {found['written']:.1f}, mistyped {found['mistyped']:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
