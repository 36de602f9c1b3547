"""Words that no phrase holds, a slip of the finger from one that phrases hold: read as that one."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import are_letters, code_points
from resonance.sentiment.columns import Places, spread
from resonance.sentiment.finding import FORM_END
from resonance.sentiment.pack import PHRASE_MAX_CHARACTERS, phrases

LETTERS_MIN: Final = 5  # One slip in a shorter word is too often another word.
LETTERS_MAX: Final = PHRASE_MAX_CHARACTERS
# A word of one phrase alone may be a rare one, or mistyped itself; a long one has few neighbours.
PHRASES_MIN: Final = 2
LONG_LETTERS: Final = 8
ENDING_LETTERS_MAX: Final = 3  # Behind the open end of a phrase, as `price*` finds "priceless".
OTHER_SCRIPTS_FROM: Final = 0x530  # Before: Latin and Cyrillic, and Greek, which no pack has.

# What most type Latin and Cyrillic letters on, row by row.
_KEYBOARDS: Final = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)

# A word's hash is its letters' polynomial modulo 2^64: what is left of it without one letter is
# hashed from sums that are there already (Karp and Rabin 1987).
_BASE: Final = 0x9E3779B97F4A7C15
_MODULUS: Final = 1 << 64
_INVERSE: Final = np.uint64(pow(_BASE, -1, _MODULUS))
_POWERS: Final = np.array([pow(_BASE, place, _MODULUS) for place in range(LETTERS_MAX)], np.uint64)

_LAST_BITS: Final = np.uint64((1 << 21) - 1)

Hashes = NDArray[np.uint64]


class Words(NamedTuple):
    """Words of Latin or Cyrillic letters alone: where each begins and ends in a text."""

    starts: Places
    ends: Places

    def at(self, which: NDArray[np.bool_] | Places) -> "Words":
        """Return some of them."""
        return Words(self.starts[which], self.ends[which])


class Vocabulary(NamedTuple):
    """The words of all phrases, and which of them a mistyped one could stand for."""

    known: Hashes  # Sorted.
    meant: Sequence[str]
    keys: Hashes  # Sorted, each once: of each word meant, and of it without one letter.
    firsts: Places  # A key's owners are [firsts[key], firsts[key + 1]).
    owners: NDArray[np.int32]  # Words, by their places in `meant`.
    may_be_keys: NDArray[np.bool_]  # By a key's last bits: most of what is no key is told by them.


def mended(forms: Sequence[str]) -> list[str]:
    """Return matching forms with mistyped words as they were meant.

    A word is mistyped where no phrase holds it, and it is one slip away from one word alone that
    phrases hold: two letters swapped, one lost, one too many, or the key beside the right one. The
    first letter stands, and the last is only ever swapped: other endings are other forms of a word.

    >>> mended([" when is shiping free "])
    [' when is shipping free ']
    """
    text = FORM_END.join(forms)
    codes = code_points(text)
    words = _words(codes)
    known = vocabulary()
    strange = words.at(~_are_in(known.known, _hashes(codes, words)))
    meant = _meant(text, codes, strange)
    if not meant:
        return list(forms)
    pieces: list[str] = []
    starts, ends = strange.starts.tolist(), strange.ends.tolist()
    end = 0
    for place in sorted(meant):
        pieces += text[end : starts[place]], meant[place]
        end = ends[place]
    return "".join([*pieces, text[end:]]).split(FORM_END)


def _meant(text: str, codes: NDArray[np.uint32], words: Words) -> dict[int, str]:
    """Return what was meant by those of some unknown words that are mistyped, by their places."""
    known = vocabulary()
    keys, of = _keys(codes, words)
    may_be = known.may_be_keys[keys & _LAST_BITS]
    keys, of = keys[may_be], of[may_be]
    is_key = _are_in(known.keys, keys)
    found, places = spread(known.firsts, np.searchsorted(known.keys, keys[is_key]))
    pairs = set(zip(of[is_key][found].tolist(), known.owners[places].tolist(), strict=True))
    starts, ends = words.starts.tolist(), words.ends.tolist()
    could_be: dict[int, list[str]] = {}
    for place, owner in pairs:
        if is_slip(text[starts[place] : ends[place]], known.meant[owner]):
            could_be.setdefault(place, []).append(known.meant[owner])
    sure = [place for place, meant in could_be.items() if len(meant) == 1]
    stand = _stand([f" {text[starts[place] : ends[place]]} " for place in sure])
    return {place: could_be[place][0] for at, place in enumerate(sure) if at not in stand}


def _stand(forms: Sequence[str]) -> set[int]:
    """Return the places of words that phrases find as they stand, but for an ending at most."""
    if not forms:
        return set()
    spans = phrases().find_all(forms)
    lengths = np.array([len(form) for form in forms])
    is_whole = (spans.starts == 0) & (spans.ends + ENDING_LETTERS_MAX >= lengths[spans.forms] - 1)
    return set(spans.forms[is_whole].tolist())


@lru_cache(maxsize=8_192)  # Names and words that no pack has come again and again.
def is_slip(typed: str, meant: str) -> bool:
    """Tell whether `typed` is what one slip makes of `meant`."""
    place = 0
    for one, other in zip(typed, meant, strict=False):
        if one != other:
            break
        place += 1
    if place == 0 or place + 1 >= max(len(typed), len(meant)):
        return False
    if len(typed) == len(meant):
        if typed[place + 1 :] == meant[place + 1 :]:
            return typed[place] in _beside().get(meant[place], "")
        swapped = meant[:place] + meant[place + 1] + meant[place] + meant[place + 2 :]
        return typed == swapped
    if len(typed) > len(meant):
        return typed[place + 1 :] == meant[place:]
    return typed[place:] == meant[place + 1 :]


def _words(codes: NDArray[np.uint32]) -> Words:
    """Return the words of the right length; each stands between spaces or ends of forms."""
    spaces = np.flatnonzero((codes == ord(" ")) | (codes == ord(FORM_END)))
    starts, ends = spaces[:-1] + 1, spaces[1:]
    has_length = (ends - starts >= LETTERS_MIN) & (ends - starts <= LETTERS_MAX)
    starts, ends = starts[has_length], ends[has_length]
    counts = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(are_letters().take(codes) & (codes < OTHER_SCRIPTS_FROM), out=counts[1:])
    are_all = counts[ends] - counts[starts] == ends - starts
    return Words(starts[are_all], ends[are_all])


def _sums(codes: NDArray[np.uint32], words: Words) -> tuple[Hashes, Places, Places]:
    """Return the sums up to each letter, where each word's letters begin, and whose each is."""
    lengths = words.ends - words.starts
    firsts = np.cumsum(lengths) - lengths
    of = np.repeat(np.arange(len(lengths)), lengths)
    places = np.arange(len(of)) - firsts[of]
    sums = np.zeros(len(of) + 1, np.uint64)
    letters = codes[words.starts[of] + places].astype(np.uint64)
    np.cumsum(letters * _POWERS[places], out=sums[1:])
    return sums, firsts, of


def _hashes(codes: NDArray[np.uint32], words: Words) -> Hashes:
    """Return the hash of each word."""
    sums, firsts, _ = _sums(codes, words)
    result: Hashes = sums[firsts + words.ends - words.starts] - sums[firsts]
    return result


def _keys(codes: NDArray[np.uint32], words: Words) -> tuple[Hashes, Places]:
    """Return hashes of each word and of what it is without a letter, and whose each is."""
    sums, firsts, of = _sums(codes, words)
    begins, ends = sums[firsts], sums[firsts + words.ends - words.starts]
    without = sums[:-1] - begins[of] + (ends[of] - sums[1:]) * _INVERSE
    may_go = np.ones(len(of), np.bool_)
    may_go[firsts] = False  # The first letter stands.
    return (
        np.concatenate([ends - begins, without[may_go]]),
        np.concatenate([np.arange(len(firsts)), of[may_go]]),
    )


def _are_in(values: Hashes, asked: Hashes) -> NDArray[np.bool_]:
    """Tell of each value whether it is among sorted ones."""
    if not len(values):
        return np.zeros(len(asked), np.bool_)
    places = np.searchsorted(values, asked)
    are_in: NDArray[np.bool_] = values[np.minimum(places, len(values) - 1)] == asked
    return are_in


@cache
def vocabulary() -> Vocabulary:
    """Return the words of all phrases."""
    text = f" {' '.join(phrases().spellings.texts)} "
    codes = code_points(text)
    words = _words(codes)
    known, firsts, counts = np.unique(_hashes(codes, words), return_index=True, return_counts=True)
    words = words.at(firsts)
    words = words.at((counts >= PHRASES_MIN) | (words.ends - words.starts >= LONG_LETTERS))
    keys, owners = _keys(codes, words)
    may_be_keys = np.zeros(int(_LAST_BITS) + 1, np.bool_)
    may_be_keys[keys & _LAST_BITS] = True
    order = np.argsort(keys)
    keys = keys[order]
    borders = np.flatnonzero(np.diff(keys, prepend=keys[:1] - np.uint64(1)))
    places = zip(words.starts.tolist(), words.ends.tolist(), strict=True)
    return Vocabulary(
        known=known,
        meant=tuple([text[start:end] for start, end in places]),
        keys=keys[borders],
        firsts=np.append(borders, len(keys)),
        owners=owners[order].astype(np.int32),
        may_be_keys=may_be_keys,
    )


@cache
def _beside() -> dict[str, str]:
    """Return the keys beside each key: left, right, and the two that touch it above and below."""
    beside: dict[str, str] = {}
    for rows in _KEYBOARDS:
        at = {(row, place): key for row, keys in enumerate(rows) for place, key in enumerate(keys)}
        for (row, place), key in at.items():
            around = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0))
            beside[key] = "".join(at.get((row + up, place + on), "") for up, on in around)
    return beside
