"""Texts and phrases in the form in which they are compared."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import CODE_POINTS, MANY_TEXTS
from resonance.sentiment.respelling import Codes, Respelling
from resonance.sentiment.text import CharacterTable

CLAUSE_END: Final = ","  # Every mark that ends a clause reads as this one.
OPEN_END: Final = "*"  # `price*` also finds "prices"; `*가격` also finds it inside a word.

_CLAUSE_MARKS: Final = frozenset('.,;:!?…。、，！？；：।؟،؛|/()[]"“”«»—–~\n')
APOSTROPHE: Final = re.compile("['’‘`´ʼ]")
# Arabic is typed with and without hamza, final ya and ta marbuta: one spelling for all.
_ARABIC_FOLDS: Final = dict(zip("أإآٱىة", "ااااي" + "ه", strict=True))
# Thai, kana and Han: written without spaces between words.
_JOINED_RANGES: Final = (("\u0e01", "\u0e7f"), ("\u3041", "\u30ff"), ("\u3400", "\u9fff"))
JOINED: Final = "".join(f"{first}-{last}" for first, last in _JOINED_RANGES)
JOINED_LETTER: Final = re.compile(f"[{JOINED}]")
# In "有没有COD" or "3番" a Latin word or a number begins or ends without a space too.
_SCRIPT_SEAM: Final = re.compile(rf"(?<=[a-z0-9])(?=[{JOINED}])|(?<=[{JOINED}])(?=[a-z0-9])")
_SEAM: Final = re.compile(rf"[a-z0-9][{JOINED}]|[{JOINED}][a-z0-9]")  # Looked for faster.
_SPACED_SIDE, _JOINED_SIDE = 1, 2
_LATIN_MARKS: Final = re.compile("[\u0300-\u036f]+")


# Thousands of entries live as long as the process, and some matches as long as a text: neither
# can be part of a cycle, and `gc=False` spares the collector to look at them again and again.
class Entry(msgspec.Struct, frozen=True, order=True, gc=False):
    """One row of a pack: what a phrase of a language says."""

    language: str
    kind: str
    label: str
    weight: float
    phrase: str


class Spelling(msgspec.Struct, eq=False, gc=False):
    """One way in which phrases stand in a matching form, and all that packs say of it."""

    text: str
    entries: tuple[Entry, ...]


def _spread(character: str) -> str:
    """Set words apart from marks and emoji; marks that end a clause stay visible."""
    if character in _ARABIC_FOLDS:
        return _ARABIC_FOLDS[character]
    if APOSTROPHE.match(character):  # One of them counts as a letter to Unicode.
        return " "
    if "\u064b" <= character <= "\u0652":  # Arabic vowel signs, which few people type.
        return ""
    if character in _CLAUSE_MARKS:
        return f" {CLAUSE_END} "
    category = unicodedata.category(character)
    if category in {"Lm", "Lo", "Ll", "Mn", "Mc", "Nd", "Lu", "Lt", "No", "Nl"}:
        return character
    if category == "Sc" or (category.startswith("S") and ord(character) > 0x2000):  # noqa: PLR2004 - below: ASCII, Latin-1
        return f" {character} "
    return " "


_SPREAD: Final = CharacterTable(_spread)


def matching_form(normalised: str) -> str:
    """Return the text as the matcher reads it: words between single spaces, a space at each end."""
    spread = normalised.translate(_SPREAD)
    if not spread.isascii() and _SEAM.search(spread):
        spread = _SCRIPT_SEAM.sub(" ", spread)
    return f" {' '.join(spread.split())} "


def matching_forms(normalised: Sequence[str]) -> list[str]:
    """Return the matching form of each text, as `matching_form` does; of many, faster."""
    if len(normalised) < MANY_TEXTS:
        return [matching_form(text) for text in normalised]
    return [f" {words} " for words in _WORDS_APART.of(normalised)]


def word_count(form: str) -> int:
    """Return how many words a matching form holds: the spaces between them and at its ends tell."""
    return form.count(" ") - 1 if form.strip() else 0


@cache
def _sides() -> NDArray[np.uint8]:
    """Return which side of a seam each code point can be: one of either makes one."""
    sides = np.zeros(CODE_POINTS, np.uint8)
    for side, ranges in ((_SPACED_SIDE, (("0", "9"), ("a", "z"))), (_JOINED_SIDE, _JOINED_RANGES)):
        for first, last in ranges:
            sides[ord(first) : ord(last) + 1] = side
    return sides


def _are_seams(codes: Codes) -> NDArray[np.bool_]:
    """Tell of each character but the first whether `_SCRIPT_SEAM` finds a seam before it."""
    sides = _sides().take(codes, mode="clip")  # What is beyond Unicode is on no side.
    are_seams: NDArray[np.bool_] = sides[1:] + sides[:-1] == _SPACED_SIDE + _JOINED_SIDE
    return are_seams


_WORDS_APART: Final = Respelling(_spread, _are_seams)


def without_accents(text: str) -> str:
    """Return `text` as typed on a keyboard without accents."""
    plain = text.replace("ı", "i").replace("đ", "d").replace("ø", "o").replace("ß", "ss")
    # Only marks over Latin letters: in Thai or Hindi a mark is a vowel.
    bare = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", plain))
    return unicodedata.normalize("NFC", bare)
