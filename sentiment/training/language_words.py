"""Words as lingua's published n-gram frequencies have them, for languages of which we have no text.

lingua 1.3 carries, for 75 languages, how often each run of one to five letters follows from the
run before it, counted within words. From those counts the exact frequency of words of up to three
letters follows, and a Markov chain of order four that also knows where words begin and end.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import accumulate
from typing import Final

import numpy as np

NAMES: Final = ("unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams")
ORDER: Final = len(NAMES) - 1  # Letters that decide the next one.
WORD_MAX_LETTERS: Final = 20
SMALLEST: Final = 1e-12  # Of a difference of two shares that should be equal.

Shares = dict[str, float]  # Of all letters of a corpus.
Following = dict[str, tuple[str, list[float]]]  # After four letters: letters, and summed chances.


def read_shares(language: str) -> list[Shares]:
    """Return the share of each run of letters of a language, for 1 to 5 letters."""
    import brotli  # noqa: PLC0415 - as lingua packs its files; only training reads them.

    folder = files("lingua") / "language-models" / language
    found: list[Shares] = []
    for name in NAMES:
        text = brotli.decompress((folder / f"{name}.json.br").read_bytes())
        shares: Shares = {}
        for fraction, grams in json.loads(text)["ngrams"].items():
            part, whole = map(int, fraction.split("/"))
            for gram in grams.split(" "):
                shares[gram] = part / whole * (found[-1].get(gram[:-1], 0.0) if found else 1.0)
        found.append(shares)
    return found


def draw_words(shares: Sequence[Shares], count: int, random: np.random.Generator) -> list[str]:
    """Return `count` words as they would stand in running text."""
    short, begins = short_words(shares), _beginnings(shares)
    starts = [*short, *begins]
    weights = np.array([*short.values(), *begins.values()])
    chosen = random.choice(len(starts), size=count, p=weights / weights.sum())
    following = _following(shares)
    dice = iter(random.random(count * WORD_MAX_LETTERS).tolist())
    return [
        starts[index] if index < len(short) else _extended(starts[index], following, dice)
        for index in chosen.tolist()
    ]


def short_words(shares: Sequence[Shares]) -> Shares:
    """Return the share of each word of one to three letters: runs that are in no longer word."""
    words: Shares = {}
    for size in range(1, ORDER):
        left: Shares = defaultdict(float, shares[size - 1])
        for gram, share in shares[size].items():  # Runs with a letter before, or after.
            left[gram[1:]] -= share
            left[gram[:-1]] -= share
        for gram, share in shares[size + 1].items():  # With both: they were taken twice.
            left[gram[1:-1]] += share
        words |= {gram: share for gram, share in left.items() if share > SMALLEST}
    return words


def _beginnings(shares: Sequence[Shares]) -> Shares:
    """Return the share of each four letters that begin a word: those with none before them."""
    left: Shares = defaultdict(float, shares[ORDER - 1])
    for gram, share in shares[ORDER].items():
        left[gram[1:]] -= share
    return {gram: share for gram, share in left.items() if share > SMALLEST}


def _following(shares: Sequence[Shares]) -> Following:
    """Return what may follow four letters; what is missing to 1 ends the word."""
    after: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for gram, share in shares[ORDER].items():
        after[gram[:-1]].append((gram[-1], share / max(shares[ORDER - 1][gram[:-1]], share)))
    return {
        gram: ("".join(letter for letter, _ in pairs), list(accumulate(p for _, p in pairs)))
        for gram, pairs in after.items()
    }


def _extended(start: str, following: Following, dice: Iterator[float]) -> str:
    word = start
    while len(word) < WORD_MAX_LETTERS and word[-ORDER:] in following:
        letters, sums = following[word[-ORDER:]]
        drawn = next(dice)
        letter = next((x for x, reached in zip(letters, sums, strict=True) if drawn < reached), "")
        if not letter:
            break
        word += letter
    return word
