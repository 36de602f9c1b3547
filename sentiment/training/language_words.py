"""Words as lingua's published n-gram frequencies have them, for languages of which we have no text.

lingua 1.3 carries, for 75 languages, how often each run of one to five letters follows from the
run before it, counted within words. From those counts the exact frequency of words of up to three
letters follows, and a Markov chain of order four that also knows where words begin and end.
"""

import json
from collections import defaultdict
from importlib.resources import files
from itertools import accumulate
from typing import Final

import brotli
import numpy as np

NAMES: Final = ("unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams")
ORDER: Final = len(NAMES) - 1  # Letters that decide the next one.
WORD_MAX_LETTERS: Final = 20
SMALLEST: Final = 1e-12  # Of a difference of two shares that should be equal.

Shares = dict[str, float]  # Of all letters of the corpus.


def draw_words(language: str, count: int, seed: int) -> list[str]:
    """Return `count` words of a language as they would stand in running text."""
    grams = _read(language)
    shorter = _short_words(grams)
    begins = _without(grams[ORDER - 1], ((gram[1:], share) for gram, share in grams[ORDER].items()))
    starts = [*shorter, *begins]
    weights = np.array([*shorter.values(), *begins.values()])
    random = np.random.default_rng([seed, *language.encode()])
    chosen = random.choice(len(starts), size=count, p=weights / weights.sum())
    following = _following(grams)
    dice = iter(random.random(count * WORD_MAX_LETTERS).tolist())
    return [
        _extended(starts[index], following, dice) if index >= len(shorter) else starts[index]
        for index in chosen.tolist()
    ]


def _read(language: str) -> list[Shares]:
    """Return the share of each n-gram, for n from 1 to 5."""
    folder = files("lingua") / "language-models" / language
    found: list[Shares] = []
    for name in NAMES:
        text = brotli.decompress((folder / f"{name}.json.br").read_bytes())
        shares: Shares = {}
        for fraction, grams in json.loads(text)["ngrams"].items():
            part, whole = fraction.split("/")
            for gram in grams.split(" "):
                before = found[-1].get(gram[:-1], 0.0) if found else 1.0
                shares[gram] = int(part) / int(whole) * before
        found.append(shares)
    return found


def _without(shares: Shares, inner: object) -> Shares:
    """Return what is left of each share when the given ones are taken from it."""
    left = dict(shares)
    for gram, share in inner:  # type: ignore[attr-defined]
        if gram in left:
            left[gram] -= share
    return {gram: share for gram, share in left.items() if share > SMALLEST}


def _short_words(grams: list[Shares]) -> Shares:
    """Return the share of each word of one to three letters: what is no part of a longer one."""
    words: Shares = {}
    for size in range(1, ORDER):
        shares: Shares = dict(grams[size - 1])
        for gram, share in grams[size].items():
            shares[gram[1:]] = shares.get(gram[1:], 0.0) - share
            shares[gram[:-1]] = shares.get(gram[:-1], 0.0) - share
        for gram, share in grams[size + 1].items():
            shares[gram[1:-1]] = shares.get(gram[1:-1], 0.0) + share
        words |= {gram: share for gram, share in shares.items() if share > SMALLEST}
    return words


def _following(grams: list[Shares]) -> dict[str, tuple[str, list[float]]]:
    """Return what may follow four letters, with summed shares of them; the rest ends the word."""
    after: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for gram, share in grams[ORDER].items():
        after[gram[:-1]].append((gram[-1], share / max(grams[ORDER - 1][gram[:-1]], share)))
    return {
        gram: ("".join(letter for letter, _ in pairs), list(accumulate(p for _, p in pairs)))
        for gram, pairs in after.items()
    }


def _extended(start: str, following: dict[str, tuple[str, list[float]]], dice: object) -> str:
    word = start
    while len(word) < WORD_MAX_LETTERS and word[-ORDER:] in following:
        letters, sums = following[word[-ORDER:]]
        drawn = next(dice)  # type: ignore[call-overload]
        for letter, reached in zip(letters, sums, strict=True):
            if drawn < reached:
                word += letter
                break
        else:
            break
    return word
