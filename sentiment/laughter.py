"""Laughter, as each language types it. It is no opinion: people laugh at what they like and not."""

import re
from typing import Final

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
_IN_OTHER_SCRIPTS: Final = "|".join(
    (
        *("[\u110f\u1112]{2,}", "ه{2,}", "ха(?:ха)+х?", "(?:ах){2,}а?"),  # Korean, Arabic, Russian.
        *("哈{2,}", "2333*$"),  # Chinese.
        *("w{2,}$", "草+$", r"\(笑\)"),  # Japanese.
        *(r"5{3,}\+*$", r"[=:]\)+", r"\){2,}"),  # Thai; Vietnamese; Russian.
    )
)
_LAUGHTER: Final = re.compile(
    rf"(?<![^\W\d_])(?:{_IN_LATIN_LETTERS})(?![^\W\d_])|{_IN_OTHER_SCRIPTS}"
)
_NUMBERED: Final = re.compile(r"(?<!\d)5{3,}\+*$")
_PRICED: Final = re.compile(r"[$€£¥฿₫₹₩₺₽]|cf|บาท")


def laughs(normalised: str, language: str) -> bool:
    """Tell whether a normalised text laughs, given its language."""
    if not _LAUGHTER.search(normalised):
        return False
    # 555 is a laugh at the end of Thai text, and a price behind "cf" or before "บาท".
    if not _NUMBERED.search(normalised):
        return True
    return language in {"th", UNDETERMINED} and not _PRICED.search(normalised)


def only_laughs(normalised: str) -> bool:
    """Tell whether no letter is left beside laughter.

    >>> only_laughs("hahaha 😂"), only_laughs("hahaha so cute")
    (True, False)
    """
    return not any(map(str.isalpha, _LAUGHTER.sub(" ", normalised)))
