"""A text as detectors read it: its words, without what is of no language."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import (
    all_characters,
    are_letters_or_digits,
    code_points,
    text_of,
)

# Digits that stand alone, amounts and order codes; those in "3ayez" are letters of Arabic.
_CODES: Final = r"(?<!\w)(?:\d+(?:[.,]\d+)*|\w*\d\d\w*|[a-z]\d)(?!\w)"
# Links, viewers' names, codes, marks.
_NO_LANGUAGE: Final = re.compile(rf"https?\S*|www\.\S+|@\S+|{_CODES}|[^\w\s'’]|_")
_DIGIT: Final = re.compile(r"\d")
_BETWEEN: Final = "\n"  # No normalised text holds it.


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
    codes = code_points(_BETWEEN.join(normalised)).copy()
    codes[_are_marks()[codes]] = ord(" ")
    without_marks = text_of(codes).split(_BETWEEN)
    return [
        (_NO_LANGUAGE.sub(" ", text) if _may_hold_more(text) else plain).split()
        for text, plain in zip(normalised, without_marks, strict=True)
    ]


def _may_hold_more(normalised: str) -> bool:
    """Tell whether there may be more than marks that is of no language."""
    return bool(
        "@" in normalised
        or "http" in normalised
        or "www." in normalised
        or _DIGIT.search(normalised)
    )


@cache
def _are_marks() -> NDArray[np.bool_]:
    """Tell marks from all else, by code point: what belongs to no word, nor between words."""
    are_marks = ~(are_letters_or_digits() | np.strings.isspace(all_characters()))
    are_marks[[ord(apostrophe) for apostrophe in "'’"]] = False
    return are_marks
