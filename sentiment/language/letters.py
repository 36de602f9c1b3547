"""A text as detectors read it: its words, without what is of no language."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import (
    CODE_POINTS,
    are_letters_or_digits,
    begins_of,
    characters_that,
    code_points,
    place_at,
    text_of,
)

# Digits that stand alone, amounts and order codes; those in "3ayez" are letters of Arabic.
_CODES: Final = r"(?<!\w)(?:\d+(?:[.,]\d+)*|\w*\d\d\w*|[a-z]\d)(?!\w)"
# Links, viewers' names, codes, marks.
_NO_LANGUAGE: Final = re.compile(rf"https?\S*|www\.\S+|@\S+|{_CODES}|[^\w\s'’]|_")
_BETWEEN: Final = "\n"  # No normalised text holds it.
_MARK, _IN_MORE = 1, 2  # What characters are: names and codes are more than marks.


def letters(normalised: str) -> str:
    """Return the words of a normalised text between single spaces.

    >>> letters("@ana 3ayez 2 da, bkam? b07 http://x.y")
    '3ayez da bkam'
    """
    return " ".join(_NO_LANGUAGE.sub(" ", normalised).split())


def all_words(normalised: Sequence[str]) -> list[list[str]]:
    """Return the words of each normalised text: those of `letters`, and faster."""
    if not normalised:
        return []
    text = _BETWEEN.join(normalised)
    codes = code_points(text).copy()
    kinds = _kinds().take(codes)
    codes[kinds == _MARK] = ord(" ")
    words = text_of(codes).split(_BETWEEN)
    may_hold_more = place_at(begins_of(normalised), np.flatnonzero(kinds > _MARK)).tolist()
    if "http" in text or "www." in text:
        may_hold_more += [
            place for place, one in enumerate(normalised) if "http" in one or "www." in one
        ]
    for place in set(may_hold_more):
        words[place] = _NO_LANGUAGE.sub(" ", normalised[place])
    return list(map(str.split, words))


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return of each code point whether it is a mark, or stands in more that is of no language."""
    kinds = np.zeros(CODE_POINTS, np.uint8)
    # Of no word, nor between words.
    kinds[~(are_letters_or_digits() | characters_that(np.strings.isspace))] = _MARK
    kinds[[ord(apostrophe) for apostrophe in "'’"]] = 0
    kinds[characters_that(np.strings.isdecimal)] = _IN_MORE
    kinds[ord("@")] = _IN_MORE
    return kinds
