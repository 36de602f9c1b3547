"""A text as detectors read it: its words, without what is of no language."""

import re
from typing import Final

# Digits that stand alone, amounts and order codes; those in "3ayez" are letters of Arabic.
_CODES: Final = r"(?<!\w)(?:\d+(?:[.,]\d+)*|\w*\d\d\w*|[a-z]\d)(?!\w)"
# Links, viewers' names, codes, marks.
_NO_LANGUAGE: Final = re.compile(rf"https?\S*|www\.\S+|@\S+|{_CODES}|[^\w\s'’]|_")
_MARKS: Final = re.compile(r"[^\w\s'’]+|_")  # Finds them faster where there is nothing else.
_DIGIT: Final = re.compile(r"\d")


def letters(normalised: str) -> str:
    """Return the words of a normalised text between single spaces.

    >>> letters("@ana 3ayez 2 da, bkam? b07 http://x.y")
    '3ayez da bkam'
    """
    if normalised.replace(" ", "").isalpha() and "http" not in normalised:  # As most are.
        return normalised.strip()
    has_more = _DIGIT.search(normalised) or "@" in normalised or "http" in normalised
    what = _NO_LANGUAGE if has_more or "www." in normalised else _MARKS
    return " ".join(what.sub(" ", normalised).split())
