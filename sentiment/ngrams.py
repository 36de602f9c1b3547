"""Words and character n-grams of many texts as hashed ids: numpy only, a batch at a time."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]  # From 1 to buckets - 1; 0 is left for padding.
Offsets = NDArray[np.int64]  # Text i has the ids [offsets[i], offsets[i + 1]).
Hashes = NDArray[np.uint64]

WORD_MAX_CHARACTERS: Final = 6  # Of a script without spaces: a longer run is a sentence.
# A rolling hash: the sum of (code + offset) * base ** position, modulo 2 ** 64. As the base is
# odd it has an inverse, which takes the position out: the same n-gram hashes alike anywhere.
_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_CODE_OFFSET: Final = np.uint64(7)
_SIZE_SALT: Final = 0x51ED27
_WORD_SALT: Final = np.uint64(0xABCDEF)
_PAIR_FACTOR: Final = np.uint64(31)

_CODE_POINTS: Final = 0x30000  # Those above are rare Han and tags: all read as one.
_UNKNOWN: Final = 0xFFFD
_SPACE, _LETTER, _SYMBOL, _HAN, _SOUTH_EAST_ASIAN = range(5)


class Features(NamedTuple):
    """The ids of a batch, text after text."""

    words: Ids  # Words, and pairs of neighbours.
    word_offsets: Offsets
    grams: Ids  # Character n-grams.
    gram_offsets: Offsets


def features(
    texts: Sequence[str],
    buckets: int,
    nmin: int = 1,
    nmax: int = 5,
    wbig: bool = True,  # noqa: FBT001, FBT002 - given by name.
    maxc: int = 400,
) -> Features:
    """Return the hashed words and character n-grams of each text.

    A text's ids depend on the text alone, never on the batch. `buckets` bounds the ids, `nmin` and
    `nmax` the length of n-grams in characters, `maxc` how many characters are read; `wbig` adds
    pairs of neighbouring words. N-grams cross no border of words, but hold the space beside one.
    """
    codes, classes, text_of = _characters(texts, maxc)
    hashes = _prefix_hashes(codes)
    words, owners = _words(hashes, classes, text_of, pairs=wbig)
    grams, gram_owners = _grams(hashes, classes == _SPACE, text_of, nmin, nmax)
    return Features(
        *_ragged(_bucketed(words, buckets), owners, len(texts)),
        *_ragged(_bucketed(grams, buckets), gram_owners, len(texts)),
    )


def _class_of(character: str) -> int:
    category = unicodedata.category(character)
    code = ord(character)
    if category[0] == "Z" or category == "Cc":
        return _SPACE
    if 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or code >= 0x20000:  # noqa: PLR2004
        return _HAN
    if 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF:  # noqa: PLR2004
        return _SOUTH_EAST_ASIAN
    return _LETTER if category[0] in "LMN" else _SYMBOL


@cache
def _classes() -> NDArray[np.uint8]:
    """Return what each code point is: a tenth of a second, at the first text."""
    return np.fromiter((_class_of(chr(code)) for code in range(_CODE_POINTS)), np.uint8)


def _characters(
    texts: Sequence[str], maxc: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int64]]:
    """Return code, class and text of each character, with a space wherever a word ends."""
    joined = "".join(" " + text[:maxc].replace("\n", " ") + " \n" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = np.where(codes < _CODE_POINTS, codes, np.uint32(_UNKNOWN))
    classes = _classes()[codes]
    here, before = classes[1:], classes[:-1]
    ends = (here != before) & (here != _SPACE) & (before != _SPACE)
    ends |= (here == _SYMBOL) & (before == _SYMBOL)  # Each emoji is a word.
    codes = np.insert(codes, np.flatnonzero(ends) + 1, ord(" "))
    breaks = codes == ord("\n")
    return codes, _classes()[codes], np.cumsum(breaks) - breaks


@cache
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Return the first `count` powers of the base and of its inverse."""
    tables = []
    for base in (_BASE, _INVERSE):
        factors = np.full(count, base, np.uint64)
        factors[0] = 1
        tables.append(np.cumprod(factors, dtype=np.uint64))
    return tables[0], tables[1]


def _powers_for(count: int) -> tuple[Hashes, Hashes]:
    return _powers(1 << max(16, count.bit_length()))  # Few sizes, so few tables.


def _prefix_hashes(codes: NDArray[np.uint32]) -> Hashes:
    """Return the hash of the first n characters, for each n from 0."""
    powers, _ = _powers_for(len(codes))
    hashes = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum((codes + _CODE_OFFSET) * powers[: len(codes)], out=hashes[1:])
    return hashes


def _span_hashes(hashes: Hashes, starts: Offsets, ends: Offsets) -> Hashes:
    _, inverses = _powers_for(len(hashes))
    return (hashes[ends] - hashes[starts]) * inverses[starts]


def _grams(
    hashes: Hashes, is_space: NDArray[np.bool_], text_of: Offsets, nmin: int, nmax: int
) -> tuple[Hashes, Offsets]:
    """Return a hash of each n-gram, and its text."""
    spaces = np.concatenate([[0], np.cumsum(is_space)])
    found, owners = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for size in range(nmin, min(nmax, len(is_space)) + 1):
        starts = np.arange(len(is_space) - size + 1)
        if size <= 2:  # noqa: PLR2004 - these hold no space: it would tell next to nothing.
            inner = spaces[size:] - spaces[: len(starts)]
        else:
            inner = spaces[size - 1 : -1] - spaces[1 : len(starts) + 1]  # Ends may be spaces.
        starts = starts[inner == 0]
        salt = np.uint64(size * _SIZE_SALT)
        found.append(_mixed(_span_hashes(hashes, starts, starts + size) + salt))
        owners.append(text_of[starts])
    return np.concatenate(found), np.concatenate(owners)


def _words(
    hashes: Hashes, classes: NDArray[np.uint8], text_of: Offsets, *, pairs: bool
) -> tuple[Hashes, Offsets]:
    """Return a hash of each word, then of each pair of neighbours, and their texts."""
    is_space = classes == _SPACE
    starts = np.flatnonzero(~is_space[1:] & is_space[:-1]) + 1
    ends = np.flatnonzero(is_space[1:] & ~is_space[:-1]) + 1
    words = _mixed(_span_hashes(hashes, starts, ends) + _WORD_SALT)
    owners = text_of[starts]
    is_run = (classes[starts] >= _HAN) & (ends - starts > WORD_MAX_CHARACTERS)
    found, texts = [words[~is_run]], [owners[~is_run]]
    if pairs:
        together = owners[1:] == owners[:-1]
        found.append(_mixed(words[:-1] * _PAIR_FACTOR + words[1:])[together])
        texts.append(owners[1:][together])
    return np.concatenate(found), np.concatenate(texts)


def _mixed(hashes: Hashes) -> Hashes:
    """Spread every bit over the others (the finaliser of splitmix64, with shifts of its own)."""
    hashes = hashes ^ (hashes >> np.uint64(31))
    hashes = hashes * np.uint64(0xBF58476D1CE4E5B9)
    hashes = hashes ^ (hashes >> np.uint64(29))
    hashes = hashes * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(32))


def _bucketed(hashes: Hashes, buckets: int) -> Ids:
    return (hashes % np.uint64(buckets - 1) + np.uint64(1)).astype(np.int32)


def _ragged(ids: Ids, owners: Offsets, texts: int) -> tuple[Ids, Offsets]:
    """Return the ids sorted by text, and where each text's begin."""
    offsets = np.zeros(texts + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=texts), out=offsets[1:])
    return ids[np.argsort(owners, kind="stable")], offsets
