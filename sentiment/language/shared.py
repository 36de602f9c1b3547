"""Words of live commerce that viewers of every language write: they tell no language."""

from functools import lru_cache
from typing import Final

from resonance.sentiment.language.letters import letters
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


@lru_cache(maxsize=2_048)  # Two steps ask about a text, one after the other.
def telling(normalised: str) -> str:
    """Return the words that could tell a language: no shared ones, no lone Latin letters.

    >>> telling("mine 5, vip ok"), telling("size l berapa")
    ('', 'berapa')
    """
    return " ".join(
        [
            word
            for word in letters(normalised).split()
            if word not in SHARED_WORDS and not (len(word) == 1 and script_of(word) == "latin")
        ]
    )
