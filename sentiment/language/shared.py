"""Words of live commerce that viewers of every language write: they tell no language."""

from collections.abc import Sequence
from typing import Final

from resonance.sentiment.language.letters import all_words
from resonance.sentiment.language.scripts import script_of

SHARED_WORDS: Final = frozenset(
    (
        *("cf", "claim", "cod", "mine", "vip", "pm", "dm", "sold", "live", "link", "code", "size"),
        *("xs", "xl", "xxl", "xxxl", "cm", "kg", "usd", "eur", "rmb", "order", "sis"),
        *("ok", "okay", "okey", "okk", "kk", "hi", "hm", "hmm", "mm", "eh", "oh", "ah", "uh"),
        *("wow", "omg", "lol", "xd", "gg", "rip", "no", "ty"),
        *("tiktok", "instagram", "insta", "whatsapp", "wa", "facebook", "shopee", "lazada"),
    )
)


def all_telling(normalised: Sequence[str]) -> list[str]:
    """Return the words of each text that could tell its language.

    Of shared ones and lone Latin letters there are none.

    >>> all_telling(["mine 5, vip ok", "size l berapa"])
    ['', 'berapa']
    """
    return [" ".join(_without_shared(words)) for words in all_words(normalised)]


def _without_shared(words: Sequence[str]) -> list[str]:
    return [
        word
        for word in words
        if word not in SHARED_WORDS and (len(word) > 1 or script_of(word) != "latin")
    ]
