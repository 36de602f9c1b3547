"""Sum a table's rows over the words and n-grams of texts, a batch at a time.

N-grams cross no border of words: what a text's n-grams add up to is the sum of its words'. Chat
repeats its words, so the sums of the latest ones are kept.
"""

from collections.abc import Sequence
from itertools import pairwise
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from resonance.sentiment.ngrams import (
    WITHOUT_SPACE_MAX,
    Ids,
    Offsets,
    Words,
    grams_of_words,
    is_run,
    word_ids,
    words_of,
)

WORDS_KEPT: Final = 1 << 15  # A power of two: a word's hash says which place it may take.
WORDS_PASSING: Final = 1 << 10  # Of a batch, and not kept; where there are more, room is made.
KEPT_MAX_CHARACTERS: Final = 16  # Longer words are rare, and hardly two are alike.
ROWS_TOGETHER: Final = 1_024  # Looked up at once: they stay in the processor's cache.

_READ: Final = -1  # The owner of a place whose word is in the batch, and kept already.

Floats = NDArray[np.float32]
Table = NDArray[np.int16]


class Sums(NamedTuple):
    """What the texts of a batch add up to [texts, columns], and of how many rows [texts]."""

    words: Floats
    word_counts: Offsets
    grams: Floats
    gram_counts: Offsets


class WordSums:
    """A table of hashed words and n-grams [buckets, columns], from which texts are read.

    It holds whole numbers: their sums are exact, in whatever order they are taken.
    """

    def __init__(self, table: Table, *, nmax: int = 5, pairs: bool = True) -> None:
        """Read n-grams of up to `nmax` characters; with `pairs` also pairs of neighbours."""
        self._table = table
        largest = max(1, int(table.max(initial=0)), -int(table.min(initial=0)))
        self._narrow_rows = np.iinfo(np.int16).max // largest  # Their sum fits, whatever they are.
        self._nmax = nmax
        self._pairs = pairs
        self._kept_words = np.zeros(WORDS_KEPT, f"U{KEPT_MAX_CHARACTERS}")
        # The sums of the kept words, and behind them of those of a batch that are not.
        self._rows = np.zeros((WORDS_KEPT + WORDS_PASSING, table.shape[1]), np.float32)
        self._owners = np.zeros(WORDS_KEPT, np.int64)
        self._lock = Lock()

    def of(self, texts: Sequence[str], maxc: int = 400) -> Sums:
        """Return the sums of each text's first `maxc` characters."""
        words = words_of(texts, maxc)
        ids, offsets = word_ids(words, len(texts), len(self._table), pairs=self._pairs)
        word_offsets = np.searchsorted(words.owners, np.arange(len(texts) + 1))
        with self._lock:
            rows = self._rows_of(words)
            grams = ragged_sums(self._rows, rows, word_offsets)
        sizes = _gram_counts(words.ends - words.starts, self._nmax)
        return Sums(
            words=ragged_sums(self._table, ids, offsets),
            word_counts=np.diff(offsets),
            grams=grams,
            gram_counts=np.diff(np.concatenate([[0], np.cumsum(sizes)])[word_offsets]),
        )

    def learn(self, words: Sequence[str]) -> None:
        """Keep the sums of words before a text has them, so that the first texts are no slower."""
        for start in range(0, len(words), WORDS_PASSING):
            self.of(words[start : start + WORDS_PASSING])

    def _rows_of(self, words: Words) -> Offsets:
        """Return where in `_rows` the sum of each word's n-grams stands: kept, or found now."""
        lengths = words.ends - words.starts
        rows = (words.hashes & np.uint64(WORDS_KEPT - 1)).astype(np.int64)
        spelt = _spelt(words, lengths)
        is_new = self._kept_words.take(rows) != spelt
        is_new |= lengths > KEPT_MAX_CHARACTERS
        new = np.flatnonzero(is_new)
        if not len(new):
            return rows
        # A place is the word's that is read from there, or else the first's that may take it.
        may = new[(lengths[new] <= KEPT_MAX_CHARACTERS) & ~is_run(words)[new]]
        self._owners[rows[may[::-1]]] = may[::-1]
        self._owners[rows[~is_new]] = _READ
        owners = self._owners[rows[may]]
        has_place = (owners != _READ) & (spelt[owners] == spelt[may])
        is_new[may[has_place]] = False
        keep, passing = may[owners == may], np.flatnonzero(is_new)
        rows[passing] = WORDS_KEPT + np.arange(len(passing))
        self._make_room(len(passing))
        self._kept_words[rows[keep]] = ""  # Until the new sums stand there, should memory run out.
        once = np.concatenate([keep, passing])
        groups = _equal(once, lengths[once])
        ids = grams_of_words(words, groups, len(self._table), self._nmax)
        for group, grams in zip(groups, ids, strict=True):
            self._rows[rows[group]] = self._sums(grams)
        self._kept_words[rows[keep]] = spelt[keep]
        return rows

    def _sums(self, ids: Ids) -> NDArray[np.integer]:
        """Return the sum of the table's rows over each row of ids."""
        # A sum that fits is taken of short numbers: memory is what takes the time.
        wide = np.int16 if ids.shape[1] <= self._narrow_rows else np.int32
        step = max(1, ROWS_TOGETHER // ids.shape[1])
        sums = np.empty((len(ids), self._table.shape[1]), wide)
        for start in range(0, len(ids), step):
            part = slice(start, start + step)
            # All first n-grams, all second ones, ...: long additions instead of many short ones.
            rows = self._table.take(ids[part].T, axis=0)
            np.add.reduce(rows, axis=0, dtype=wide, out=sums[part])
        return sums

    def _make_room(self, passing: int) -> None:
        """Have rows for so many words that are not kept."""
        if WORDS_KEPT + passing > len(self._rows):
            more = np.zeros((1 << passing.bit_length(), self._rows.shape[1]), np.float32)
            self._rows = np.concatenate([self._rows[:WORDS_KEPT], more])


def ragged_sums(table: Table | Floats, ids: Ids | Offsets, offsets: Offsets) -> Floats:
    """Return the sum of each text's rows of the table [texts, columns]; of no rows 0.

    All first rows are added, then all second ones, ...: each to the texts that have so many, which
    stand before the others.
    """
    counts = np.diff(offsets)
    order = np.argsort(-counts, kind="stable")
    firsts = offsets[order]
    have_more = len(counts) - np.cumsum(np.bincount(counts))[:-1]
    sums = np.zeros((len(counts), table.shape[1]), np.float32)
    for place, texts in enumerate(have_more.tolist()):
        sums[:texts] += table.take(ids[firsts[:texts] + place], axis=0)
    result = np.empty_like(sums)
    result[order] = sums
    return result


def _equal(items: Offsets, keys: Offsets) -> list[Offsets]:
    """Return the items with equal keys together."""
    order = np.argsort(keys, kind="stable")
    ordered = items[order]
    borders = [0, *(np.flatnonzero(np.diff(keys[order])) + 1).tolist(), len(items)]
    return [ordered[start:end] for start, end in pairwise(borders) if start < end]


def _spelt(words: Words, lengths: Offsets) -> NDArray[np.str_]:
    """Return the first characters of each word."""
    padded = np.concatenate([words.codes, np.zeros(KEPT_MAX_CHARACTERS, np.uint32)])
    spelt = sliding_window_view(padded, KEPT_MAX_CHARACTERS)[words.starts]
    spelt *= np.arange(KEPT_MAX_CHARACTERS) < lengths[:, None]
    return spelt.view(f"U{KEPT_MAX_CHARACTERS}").ravel()


def _gram_counts(lengths: Offsets, nmax: int) -> Offsets:
    """Return how many n-grams there are in words of these lengths."""
    counts = np.zeros_like(lengths)
    for size in range(1, nmax + 1):
        spaces = 0 if size <= WITHOUT_SPACE_MAX else 2
        counts += np.maximum(lengths + spaces - size + 1, 0)
    return counts
