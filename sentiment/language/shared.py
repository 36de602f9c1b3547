"""Words of live commerce that viewers of every language write: they tell no language."""

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


def telling(normalised: str) -> str:
    """Return the words that could tell a language: no shared ones, no lone Latin letters.

    >>> telling("mine 5, vip ok"), telling("size l berapa")
    ('', 'berapa')
    """
    words = letters(normalised)
    each = words.split()
    if SHARED_WORDS.isdisjoint(each) and min(map(len, each), default=0) > 1:
        return words
    return " ".join(
        [
            word
            for word in each
            if word not in SHARED_WORDS and not (len(word) == 1 and script_of(word) == "latin")
        ]
    )
