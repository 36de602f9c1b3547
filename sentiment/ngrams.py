"""Words and character n-grams of many texts as hashed ids: numpy only, a batch at a time."""

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]  # From 1 to buckets - 1; 0 is left for padding.
Offsets = NDArray[np.int64]  # Text i has the ids [offsets[i], offsets[i + 1]).
Hashes = NDArray[np.uint64]

WITHOUT_SPACE_MAX: Final = 2  # Beside one or two characters, a space tells next to nothing.
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


class Words(NamedTuple):
    """The words of a batch, text after text, each from [start, end) of the batch's characters."""

    codes: NDArray[np.uint32]
    prefixes: Hashes  # Of the first n characters, for each n from 0.
    starts: Offsets
    ends: Offsets
    owners: Offsets  # The text of each word.
    hashes: Hashes


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
    words = _words(codes, classes, text_of)
    grams, gram_owners = _grams(words.prefixes, classes == _SPACE, text_of, nmin, nmax)
    return Features(
        *word_ids(words, len(texts), buckets, pairs=wbig),
        *_ragged(_bucketed(grams, buckets), gram_owners, len(texts)),
    )


def words_of(texts: Sequence[str], maxc: int = 400) -> Words:
    """Return the words of each text, runs of scripts without spaces among them."""
    return _words(*_characters(texts, maxc))


def word_ids(words: Words, texts: int, buckets: int, *, pairs: bool) -> tuple[Ids, Offsets]:
    """Return the ids of each text's words, then of its pairs of neighbours; long runs have none."""
    has_id = ~is_run(words)
    found, owners = [words.hashes[has_id]], [words.owners[has_id]]
    if pairs:
        together = words.owners[1:] == words.owners[:-1]
        found.append(_mixed(words.hashes[:-1] * _PAIR_FACTOR + words.hashes[1:])[together])
        owners.append(words.owners[1:][together])
    ids = _bucketed(np.concatenate(found), buckets)
    return _ragged(ids, np.concatenate(owners), texts)


def is_run(words: Words) -> NDArray[np.bool_]:
    """Tell of each word whether it is a longer run of a script without spaces."""
    classes = _classes()[words.codes[words.starts]]
    return (classes >= _HAN) & (words.ends - words.starts > WORD_MAX_CHARACTERS)


def grams_of_words(
    words: Words, groups: Sequence[Offsets], buckets: int, nmax: int
) -> list[NDArray[np.int32]]:
    """Return the ids of the n-grams of each group of equally long words: [words, n-grams]."""
    starts, sizes, shapes = [], [], []
    for group in groups:
        places, lengths = _grams_within(int(words.ends[group[0]] - words.starts[group[0]]), nmax)
        starts.append((words.starts[group][:, None] + places).ravel())
        sizes.append(np.broadcast_to(lengths, (len(group), len(lengths))).ravel())
        shapes.append((len(group), len(lengths)))
    first, size = np.concatenate(starts), np.concatenate(sizes)
    salts = size.astype(np.uint64) * np.uint64(_SIZE_SALT)
    hashes = _mixed(_span_hashes(words.prefixes, first, first + size) + salts)
    ids = _bucketed(hashes, buckets)
    borders = accumulate((rows * columns for rows, columns in shapes), initial=0)
    return [
        ids[start:end].reshape(shape)
        for (start, end), shape in zip(pairwise(borders), shapes, strict=True)
    ]


@lru_cache(maxsize=512)
def _grams_within(length: int, nmax: int) -> tuple[Offsets, Offsets]:
    """Return where the n-grams of a word begin, counted from its start, and their sizes."""
    spans = [
        (start, size)
        for size in range(1, nmax + 1)
        for start in (
            range(length - size + 1) if size <= WITHOUT_SPACE_MAX else range(-1, length - size + 2)
        )
    ]
    starts, sizes = np.array(spans, np.int64).T
    return starts, sizes


@cache
def _classes() -> NDArray[np.uint8]:
    """Return what each code point is."""
    categories = "".join(map(unicodedata.category, map(chr, range(_CODE_POINTS))))
    major, minor = np.frombuffer(categories.encode("ascii"), np.uint8).reshape(-1, 2).T
    is_letter = (major == ord("L")) | (major == ord("M")) | (major == ord("N"))
    classes = np.where(is_letter, _LETTER, _SYMBOL).astype(np.uint8)
    for first, last in ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)):
        classes[first : last + 1] = _SOUTH_EAST_ASIAN
    for first, last in ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0x20000, _CODE_POINTS)):
        classes[first : last + 1] = _HAN
    classes[(major == ord("Z")) | (major == ord("C")) & (minor == ord("c"))] = _SPACE
    return classes


def _characters(
    texts: Sequence[str], maxc: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int64]]:
    """Return code, class and text of each character, with a space wherever a word ends."""
    read = [text[:maxc].replace("\n", " ") for text in texts]
    joined = "".join([f" {text} \n" for text in read])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = np.where(codes < _CODE_POINTS, codes, np.uint32(_UNKNOWN))
    classes = _classes().take(codes)
    here, before = classes[1:], classes[:-1]
    ends = (here != before) & (here != _SPACE) & (before != _SPACE)
    ends |= (here == _SYMBOL) & (before == _SYMBOL)  # Each emoji is a word.
    codes = np.insert(codes, np.flatnonzero(ends) + 1, ord(" "))
    breaks = codes == ord("\n")
    classes = _classes().take(codes)
    codes[classes == _SPACE] = ord(" ")  # Any space beside a word is like any other.
    return codes, classes, np.cumsum(breaks) - breaks


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
        if size <= WITHOUT_SPACE_MAX:
            inner = spaces[size:] - spaces[: len(starts)]
        else:
            inner = spaces[size - 1 : -1] - spaces[1 : len(starts) + 1]  # Ends may be spaces.
        starts = starts[inner == 0]
        salt = np.uint64(size * _SIZE_SALT)
        found.append(_mixed(_span_hashes(hashes, starts, starts + size) + salt))
        owners.append(text_of[starts])
    return np.concatenate(found), np.concatenate(owners)


def _words(codes: NDArray[np.uint32], classes: NDArray[np.uint8], text_of: Offsets) -> Words:
    is_space = classes == _SPACE
    starts = np.flatnonzero(~is_space[1:] & is_space[:-1]) + 1
    ends = np.flatnonzero(is_space[1:] & ~is_space[:-1]) + 1
    prefixes = _prefix_hashes(codes)
    hashes = _mixed(_span_hashes(prefixes, starts, ends) + _WORD_SALT)
    return Words(codes, prefixes, starts, ends, text_of[starts], hashes)


def _mixed(hashes: Hashes) -> Hashes:
    """Spread every bit over the others (the finaliser of splitmix64, with shifts of its own)."""
    hashes = hashes ^ (hashes >> np.uint64(31))
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(29)
    hashes *= np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(32)
    return hashes


def _bucketed(hashes: Hashes, buckets: int) -> Ids:
    most = np.uint64(buckets - 1)
    # What `%` leaves, faster: of division by one number for all, numpy makes multiplications.
    return (hashes - hashes // most * most + np.uint64(1)).astype(np.int32)


def _ragged(ids: Ids, owners: Offsets, texts: int) -> tuple[Ids, Offsets]:
    """Return the ids sorted by text, and where each text's begin."""
    offsets = np.zeros(texts + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=texts), out=offsets[1:])
    return ids[np.argsort(owners, kind="stable")], offsets
