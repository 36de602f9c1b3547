"""Laughter, as each language types it. It is no opinion: people laugh at what they like and not."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import (
    CODE_POINTS,
    are_letters,
    begins_of,
    code_points,
    place_at,
)
from resonance.sentiment.vocabulary import UNDETERMINED

# As normalised: letters held down stand twice, and Korean jamo are conjoining ones (ㅋㅋ, ㅎㅎ).
_IN_LATIN_LETTERS: Final = "|".join(
    (
        *("l+o+l+", "lmf?ao+", "rofl", "lul", "kekw", "xd+"),  # English, and everywhere.
        *("(?:ha){2,}h?", "(?:he){2,}h?", "(?:hi){2,}", "(?:ah){2,}a?", "a(?:ha)+h?"),
        *("(?:ja){2,}j?", "(?:je){2,}j?", "js(?:js)+"),  # Spanish.
        *("k{2,}", "(?:rs){2,}", "hua(?:hua)+"),  # Portuguese.
        *("mdr+", "x?ptdr+"),  # French.
        "(?:wk){2,}w?",  # Indonesian.
    )
)
# Each begins with a plain letter, which `re` then looks for before it tries any of them.
_IN_OTHER_SCRIPTS: Final = "|".join(
    (
        *("\u110f[\u110f\u1112]+", "\u1112[\u110f\u1112]+"),  # Korean.
        *("هه+", "ха(?:ха)+х?", "ах(?:ах)+а?"),  # Arabic, Russian.
        *("哈哈+", "2333*$"),  # Chinese.
        *("ww+$", "草草*$", r"\(笑\)"),  # Japanese.
        *(r"5555*\+*$", r"=\)+", r":\)+", r"\)\)+"),  # Thai; Vietnamese; Russian.
    )
)
# The two letters that laughs begin with: few places are left for the rest to be tried at.
_BEGINNINGS: Final = {
    "a": "h",
    "h": "aeiu",
    "j": "aes",
    "k": "ek",
    "l": "lmou",
    "m": "d",
    "p": "t",
    "r": "os",
    "w": "k",
    "x": "dp",
}
_BEGINS: Final = "|".join(f"{first}[{seconds}]" for first, seconds in _BEGINNINGS.items())
_LATIN_LAUGHTER: Final = re.compile(
    rf"(?={_BEGINS})(?<![^\W\d_])(?:{_IN_LATIN_LETTERS})(?![^\W\d_])"
)
_OTHER_LAUGHTER: Final = re.compile(_IN_OTHER_SCRIPTS, re.MULTILINE)
_NUMBERED: Final = re.compile(r"(?<!\d)5{3,}\+*$")
_PRICED: Final = re.compile(r"[$€£¥฿₫₹₩₺₽]|cf|บาท")


def hold_laughter(normalised: Sequence[str]) -> NDArray[np.bool_]:
    """Tell of each normalised text whether laughter stands in it, of whatever language."""
    text = "\n".join(normalised)  # Which no laughter goes on behind.
    found = [place for place in _beginnings(text) if _LATIN_LAUGHTER.match(text, place)]
    found += [match.start() for match in _OTHER_LAUGHTER.finditer(text)]
    hold = np.zeros(len(normalised), np.bool_)
    hold[place_at(begins_of(normalised), np.array(found, np.int64))] = True
    return hold


def _beginnings(text: str) -> list[int]:
    """Return where laughter of Latin letters may begin; to `re`, every character is a try."""
    codes = code_points(text)
    firsts, seconds = _beginning_letters()
    may_begin = (firsts.take(codes[:-1]) & seconds.take(codes[1:])) != 0
    may_begin[1:] &= ~are_letters().take(codes[:-2])
    places: list[int] = np.flatnonzero(may_begin).tolist()
    return places


@cache
def _beginning_letters() -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return a bit for each first letter, by code point: of itself, and of those that follow."""
    firsts, seconds = np.zeros((2, CODE_POINTS), np.uint16)
    for place, (first, following) in enumerate(_BEGINNINGS.items()):
        firsts[ord(first)] = 1 << place
        seconds[[ord(second) for second in following]] |= 1 << place
    return firsts, seconds


def is_meant(normalised: str, language: str) -> bool:
    """Tell whether what looks like laughter in a normalised text is, given its language."""
    # 555 is a laugh at the end of Thai text, and a price behind "cf" or before "บาท".
    if not _NUMBERED.search(normalised):
        return True
    return language in {"th", UNDETERMINED} and not _PRICED.search(normalised)


def holds_laughter(normalised: str) -> bool:
    """Tell whether laughter stands in one text, as `hold_laughter` tells of many."""
    return bool(_LATIN_LAUGHTER.search(normalised) or _OTHER_LAUGHTER.search(normalised))


def only_laughs(normalised: str) -> bool:
    """Tell whether no letter is left beside laughter.

    >>> only_laughs("hahaha 😂"), only_laughs("hahaha so cute")
    (True, False)
    """
    if not holds_laughter(normalised):
        return not any(map(str.isalpha, normalised))
    left = _OTHER_LAUGHTER.sub(" ", _LATIN_LAUGHTER.sub(" ", normalised))
    return not any(map(str.isalpha, left))
