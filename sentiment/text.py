"""Text as it is stored (`clean`) and text as it is compared (`normalise`). Both are total."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Final

TEXT_MAX_CODE_POINTS: Final = 1_000  # Longer is a flood; NFKC is quadratic on hostile input.
MARKS_MAX: Final = 30  # Combining marks in a row; more is "zalgo", stacked to cover the page.
TABLE_MAX_ENTRIES: Final = 20_000  # Code points remembered; all of Unicode would be 100 MB.
TEXT_KEY_BITS: Final = 63  # A JSON reader with signed 64-bit integers must be able to hold it.
_KEY_BITS: Final = (1 << TEXT_KEY_BITS) - 1
_KEY: Final = Struct(">Q")

_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cs"})  # Controls and lone surrogates.
_SPACES: Final = frozenset("\t\n\r\v\f\x85\u2028\u2029")
_INVISIBLE: Final = frozenset(
    "\u061c\u200e\u200f"  # Direction marks.
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # Direction overrides, isolates.
    "\u00ad\u200b\u2060\ufeff"  # Soft hyphen, zero-width space and joiners that join nothing.
)
# Joiners and styles change how an emoji or a letter looks, not what a viewer said.
STYLE: Final = frozenset(
    "\u200c\u200d\ufe0e\ufe0f\u0640\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
)
_TAGS: Final = range(0xE0000, 0xE0080)  # Invisible letters: text that only a machine reads.

# Digits are left alone: 1000000 is a price and 5555 a Thai laugh.
ELONGATION: Final = re.compile(r"(\D)\1{2,}")
_THRICE: Final = re.compile(r"(.)\1\1")  # Looking is cheaper than replacing; most hold none.
_EMOTE: Final = re.compile(r":(?=[^\s:]*[^\W\d])[^\s:]{1,64}:")  # A letter: times have none.


class CharacterTable(dict[int, str]):
    """A table for `str.translate` that asks `rule` about each new character once."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, code_point: int) -> str:
        replacement = self._rule(chr(code_point))
        if len(self) < TABLE_MAX_ENTRIES:
            self[code_point] = replacement
        return replacement


def _visible(character: str) -> str:
    if character in _SPACES:
        return " "
    if character in _INVISIBLE or ord(character) in _TAGS:
        return ""
    return "" if unicodedata.category(character) in _DROPPED_CATEGORIES else character


_VISIBLE: Final = CharacterTable(_visible)
STYLES: Final = re.compile(f"[{''.join(sorted(STYLE))}]")
_MARK: Final = "\u0300"
_TOO_MANY_MARKS: Final = _MARK * (MARKS_MAX + 1)
_MARKS: Final = CharacterTable(
    lambda character: _MARK if unicodedata.category(character) in {"Mn", "Me"} else character
)


def clean(text: str) -> str:
    r"""Return `text` fit to store and show: at most 1 000 code points, no controls, NFC.

    >>> clean("pay\u202e now\x00\n\ud800")
    'pay now'
    """
    visible = text[:TEXT_MAX_CODE_POINTS]
    if not visible.isprintable():  # All that hides is unprintable, and few comments hold any.
        visible = visible.translate(_VISIBLE)
    if not visible.isascii():
        if len(visible) > MARKS_MAX:
            visible = _break_mark_runs(visible)
        visible = unicodedata.normalize("NFC", visible)
    return visible.strip()


def _break_mark_runs(text: str) -> str:
    """Drop what follows the 30th combining mark in a row."""
    looked_at = text[MARKS_MAX :: MARKS_MAX + 1].translate(_MARKS)  # Too long a run covers one.
    if _MARK not in looked_at or _TOO_MANY_MARKS not in text.translate(_MARKS):
        return text
    kept = []
    run = 0
    for character in text:
        run = run + 1 if _MARKS[ord(character)] == _MARK else 0
        if run <= MARKS_MAX:
            kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=8_192)
def _normalise(text: str) -> str:
    form = clean(text)
    if not form.isascii():
        form = STYLES.sub("", unicodedata.normalize("NFKC", form).casefold())
        # Casefolding can undo composition: "İ" becomes "i" and a dot above.
        form = unicodedata.normalize("NFKC", form)[:TEXT_MAX_CODE_POINTS]
    form = " ".join(form.casefold().split())
    return ELONGATION.sub(r"\1\1", form) if _THRICE.search(form) else form


def normalise(text: str) -> str:
    """Return the form in which two spellings of one comment are equal.

    Compatibility forms, case, styles, elongation and spacing are gone; accents and digits stay.

    >>> normalise("  SOOOOO  ｃｕｔｅ ❤️")
    'soo cute ❤'
    """
    return _normalise(text[:TEXT_MAX_CODE_POINTS])


def without_emotes(normalised: str) -> str:
    """Return the text without emotes written as `:name:`; names are of no language.

    >>> without_emotes("gg :_humu: 12:30:45")
    'gg 12:30:45'
    """
    return " ".join(_EMOTE.sub(" ", normalised).split()) if ":" in normalised else normalised


def text_keys(normalised: Iterable[str]) -> list[int]:
    """Return a 63-bit hash of each normalised text: equal texts, equal keys, on every machine."""
    digests = b"".join(
        [blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() for text in normalised]
    )
    return [key & _KEY_BITS for (key,) in _KEY.iter_unpack(digests)]
