"""A text as detectors read it: its words, without what is of no language."""

import re
from typing import Final

# Digits that stand alone, amounts and order codes; those in "3ayez" are letters of Arabic.
_CODES: Final = r"(?<!\w)(?:\d+(?:[.,]\d+)*|\w*\d\d\w*|[a-z]\d)(?!\w)"
# Links, viewers' names, codes, marks.
_NO_LANGUAGE: Final = re.compile(rf"https?\S*|www\.\S+|@\S+|{_CODES}|[^\w\s'’]|_")


def letters(normalised: str) -> str:
    """Return the words of a normalised text between single spaces.

    >>> letters("@ana 3ayez 2 da, bkam? b07 http://x.y")
    '3ayez da bkam'
    """
    if normalised.replace(" ", "").isalpha() and "http" not in normalised:  # As most are.
        return normalised.strip()
    return " ".join(_NO_LANGUAGE.sub(" ", normalised).split())
