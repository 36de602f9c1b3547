"""The ways in which phrases of packs stand in a matching form."""

import re
from collections.abc import Callable, Sequence
from itertools import chain, compress, pairwise
from typing import Final
from unicodedata import is_normalized

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import CODE_POINTS, code_points
from resonance.sentiment.matching import (
    APOSTROPHE,
    JOINED,
    JOINED_LETTER,
    OPEN_END,
    matching_form,
    without_accents,
)
from resonance.sentiment.text import TEXT_MAX_CODE_POINTS, normalise

# Stands between phrases that are read as one. It is its own normal form, whatever is beside it, and
# a word by itself: a phrase reads as if it stood alone.
BETWEEN: Final = "␞"
# As many code points are normalised as one, and those of one more phrase.
CHUNK_CODE_POINTS: Final = TEXT_MAX_CODE_POINTS * 3 // 4

# What a character is where phrases are read as one, a bit each.
_ODD: Final = 1  # It makes a phrase one that is not plain.
_SPACE: Final = 2
_LATIN: Final = 4
_JOINING: Final = 8  # Of a script that writes no spaces between words.

# Words that are their own matching form, if they are normalised: no letter that is folded, none
# that joins words, none that is an apostrophe.
_LETTERS: Final = rf"[^\W_\u0600-\u06ff{JOINED}ʼ]+"
_WORDS: Final = re.compile(f"{_LETTERS}(?: {_LETTERS})*")


def spellings(phrase: str) -> set[str]:
    """Return the ways in which a pack's phrase stands in a matching form.

    >>> sorted(spellings("cuánto*"))
    [' cuanto', ' cuánto']
    """
    core = normalise(phrase.strip(OPEN_END))
    variants = {core, _without_apostrophes(core)}
    variants |= {typed(variant) for variant in variants for typed in (without_accents, _umlauts)}
    opening = "" if phrase.startswith(OPEN_END) or _joins_words(core) else " "
    closing = "" if phrase.endswith(OPEN_END) or _joins_words(core) else " "
    middles = (matching_form(variant).strip() for variant in variants)
    return {f"{opening}{middle}{closing}" for middle in middles if middle}


def all_spellings(phrases: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the spellings of all phrases, and beside each the place of its phrase.

    They are those of `spellings`, some of them twice, and found faster: phrases are read as one,
    and those that are plain, as most are, not at all.
    """
    alone: list[int] = []
    if BETWEEN in "".join(phrases):
        alone = [place for place, phrase in enumerate(phrases) if BETWEEN in phrase]
    open_ended = [place for place, phrase in enumerate(phrases) if OPEN_END in phrase]
    cores = list(phrases)
    for place in open_ended:
        cores[place] = cores[place].strip(OPEN_END)
    for place in alone:
        cores[place] = ""
    are_plain, joins = _looks(cores)
    plain = list(compress(cores, are_plain.tolist()))
    if not is_normalized("NFKC", BETWEEN.join(plain)):
        plain = []  # A letter becomes one with the letter before it, as in old Korean.
        are_plain[:] = False
    others = np.flatnonzero(~are_plain)
    normal = _all_normal([cores[place] for place in others.tolist()])
    joins[others] = [_joins_words(core) for core in normal]
    starts = np.where(joins, "", " ").tolist()
    ends = starts.copy()
    for place in open_ended:
        starts[place] = "" if phrases[place].startswith(OPEN_END) else starts[place]
        ends[place] = "" if phrases[place].endswith(OPEN_END) else ends[place]
    forms, of = _all_forms(normal)
    of = of[np.array([form != "" for form in forms], np.bool_)]
    owners = np.concatenate([np.flatnonzero(are_plain), others[of]])
    middles = chain(plain, filter(None, forms))
    found = [
        f"{starts[place]}{middle}{ends[place]}"
        for middle, place in zip(middles, owners.tolist(), strict=True)
    ]
    for place in alone:
        spelt = spellings(phrases[place])
        found += spelt
        owners = np.append(owners, [place] * len(spelt))
    return found, owners


def _looks(texts: Sequence[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of each text whether it is plain, and whether it holds a letter that joins words.

    A plain text is its own normal and matching form, and is typed in one way: characters that are
    spelt as themselves, between single spaces.
    """
    codes = code_points(BETWEEN.join(["", *texts, ""]))
    looks = _look_table(codes)[codes]
    here, after = looks[:-1], looks[1:]
    is_odd = here & after & _SPACE != 0  # Two, or one at an end.
    is_odd |= (here | after) & (_LATIN | _JOINING) == _LATIN | _JOINING  # No space is between them.
    again = codes[:-1] == codes[1:]
    is_odd[:-1] |= again[:-1] & again[1:]  # Once less in the normal form.
    here[is_odd] |= _ODD
    held = np.bitwise_or.reduceat(looks, np.flatnonzero(codes == ord(BETWEEN)))[:-1]
    return held & _ODD == 0, held & _JOINING != 0


def _look_table(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return what each character looks like beside others, by code point; of those given."""
    table = np.full(CODE_POINTS, _ODD, np.uint8)
    table[[ord(" "), ord(BETWEEN)]] = _SPACE
    are_given = np.zeros(CODE_POINTS, np.bool_)
    are_given[codes] = True
    letters = list(filter(str.isalnum, map(chr, np.flatnonzero(are_given).tolist())))
    forms, owners = _all_forms(_all_normal(letters))
    spelt_once = np.bincount(owners, minlength=len(letters)) == 1
    for letter, form, is_alone in zip(letters, forms, spelt_once.tolist(), strict=False):
        if is_alone and form == letter:
            look = _LATIN if letter.isascii() else 0
            table[ord(letter)] = _JOINING if _joins_words(letter) else look
    return table


def _all_normal(texts: Sequence[str]) -> list[str]:
    """Return the normal form of each text."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + len(BETWEEN)
    borders = np.flatnonzero(np.diff(np.cumsum(lengths) // CHUNK_CODE_POINTS)) + 1
    found: list[str] = []
    for start, end in pairwise([0, *borders.tolist(), len(texts)]):
        part = texts[start:end]
        forms = _read_as_one(normalise, part)
        # One is missing where the chunk was cut, or held nothing between three of them.
        found += map(str.strip, forms) if len(forms) == len(part) else map(normalise, part)
    return found


def _all_forms(texts: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the matching forms of what people type for normalised texts, beside each its text.

    They are without the spaces at their ends; the first are those of the texts themselves.
    """
    variants, owners = list(texts), list(range(len(texts)))
    for reads in ((_without_apostrophes,), (without_accents, _umlauts)):
        written = variants.copy()
        for read in reads:
            for place, typed in enumerate(_read_as_one(read, written)):
                if typed != written[place]:
                    variants.append(typed)
                    owners.append(owners[place])
    others = [place for place, typed in enumerate(variants) if not _WORDS.fullmatch(typed)]
    forms = _read_as_one(matching_form, [variants[place] for place in others])
    for place, form in zip(others, forms, strict=True):
        variants[place] = form.strip()
    return variants, np.array(owners, np.int64)


def _read_as_one(read: Callable[[str], str], texts: Sequence[str]) -> list[str]:
    *found, _ = read(BETWEEN.join([*texts, ""])).split(BETWEEN)
    return found


def _without_apostrophes(text: str) -> str:
    return APOSTROPHE.sub("", text)


def _umlauts(text: str) -> str:
    return text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")


def _joins_words(text: str) -> bool:
    """Tell whether the text is of a script that writes no spaces between words."""
    return bool(JOINED_LETTER.search(text))
