"""Words of live commerce that viewers of every language write: they tell no language."""

from collections.abc import Sequence
from typing import Final

from resonance.sentiment.language.letters import all_words
from resonance.sentiment.language.scripts import LATIN_END, script_of

SHARED_WORDS: Final = frozenset(
    (
        *("cf", "claim", "cod", "mine", "vip", "pm", "dm", "sold", "live", "link", "code", "size"),
        *("xs", "xl", "xxl", "xxxl", "cm", "kg", "usd", "eur", "rmb", "order", "sis"),
        *("ok", "okay", "okey", "okk", "kk", "hi", "hm", "hmm", "mm", "eh", "oh", "ah", "uh"),
        *("wow", "omg", "lol", "xd", "gg", "rip", "no", "ty"),
        *("tiktok", "instagram", "insta", "whatsapp", "wa", "facebook", "shopee", "lazada"),
    )
)


# A lone Latin letter is an initial, a size or a vote.
_TELL_NOTHING: Final = SHARED_WORDS | {
    letter for letter in map(chr, range(LATIN_END)) if script_of(letter) == "latin"
}


def is_telling(normalised: str) -> bool:
    """Tell whether a word of letters alone stands between spaces that is not everybody's."""
    return not _TELL_NOTHING.issuperset([word for word in normalised.split() if word.isalpha()])


def all_telling(normalised: Sequence[str]) -> list[str]:
    """Return the words of each text that could tell its language.

    Of shared ones and lone Latin letters there are none.

    >>> all_telling(["mine 5, vip ok", "size l berapa"])
    ['', 'berapa']
    """
    return [
        " ".join(
            words
            if _TELL_NOTHING.isdisjoint(words)
            else [word for word in words if word not in _TELL_NOTHING]
        )
        for words in all_words(normalised)
    ]
