"""Find every phrase of every pack in one walk over a text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from resonance.sentiment.text import CharacterTable, normalise

CLAUSE_END: Final = ","  # Every mark that ends a clause reads as this one.
OPEN_END: Final = "*"  # `price*` also finds "prices"; `*가격` also finds it inside a word.

_CLAUSE_MARKS: Final = frozenset('.,;:!?…。、，！？；：।؟،؛|/()[]"“”«»—–~\n')
_APOSTROPHES: Final = frozenset("'’‘`´ʼ")
# Arabic is typed with and without hamza, final ya and ta marbuta: one spelling for all.
_ARABIC_FOLDS: Final = str.maketrans("أإآٱىة", "ااااي" + "ه")
# Thai, kana and Han: written without spaces between words.
_JOINED: Final = "\u0e01-\u0e7f\u3041-\u30ff\u3400-\u9fff"
# In "有没有COD" or "3番" a Latin word or a number begins or ends without a space too.
_SCRIPT_SEAM: Final = re.compile(rf"(?<=[a-z0-9])(?=[{_JOINED}])|(?<=[{_JOINED}])(?=[a-z0-9])")
_JOINED_LETTER: Final = re.compile(f"[{_JOINED}]")


class Entry(NamedTuple):
    """One row of a pack: what a phrase of a language says."""

    language: str
    kind: str
    label: str
    weight: float
    phrase: str


class Match(NamedTuple):
    """An entry found at [start, end) of the matching form."""

    start: int
    end: int
    entry: Entry


def _spread(character: str) -> str:
    """Set words apart from marks and emoji; marks that end a clause stay visible."""
    if character in _APOSTROPHES:
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
    spread = normalised.translate(_ARABIC_FOLDS).translate(_SPREAD)
    if not spread.isascii():
        spread = _SCRIPT_SEAM.sub(" ", spread)
    return f" {' '.join(spread.split())} "


def without_accents(text: str) -> str:
    """Return `text` as typed on a keyboard without accents."""
    plain = text.replace("ı", "i").replace("đ", "d").replace("ø", "o").replace("ß", "ss")
    decomposed = unicodedata.normalize("NFD", plain)
    # Only marks over Latin letters: in Thai or Hindi a mark is a vowel.
    return "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")


def spellings(phrase: str) -> set[str]:
    """Return the ways in which a pack's phrase stands in a matching form.

    >>> sorted(spellings("cuánto*"))
    [' cuanto', ' cuánto']
    """
    core = normalise(phrase.strip(OPEN_END))
    opening = "" if phrase.startswith(OPEN_END) or _joins_words(core) else " "
    closing = "" if phrase.endswith(OPEN_END) or _joins_words(core) else " "
    found = set()
    apostrophes = {core, *(core.replace(mark, "") for mark in _APOSTROPHES if mark in core)}
    for spelling in apostrophes:
        for variant in {spelling, without_accents(spelling), _umlauts(spelling)}:
            middle = matching_form(variant).strip()
            if middle:
                found.add(f"{opening}{middle}{closing}")
    return found


def _umlauts(text: str) -> str:
    return text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")


def _joins_words(phrase: str) -> bool:
    """Tell whether the phrase is of a script that writes no spaces between words."""
    return bool(_JOINED_LETTER.search(phrase))


class Trie:
    """All phrases as nested dictionaries, one character a level; `None` holds the entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._root: dict = {}  # type: ignore[type-arg]  # A recursive type that mypy cannot name.
        for entry in entries:
            for spelling in spellings(entry.phrase):
                node = self._root
                for character in spelling:
                    node = node.setdefault(character, {})
                node[None] = (*node.get(None, ()), entry)

    def find(self, form: str) -> Iterator[Match]:
        """Yield every match in a matching form, from left to right.

        A letter held down ("cutee", "ขายย") still matches: where no phrase goes on with the
        repeated letter, it is passed over. Never a digit: normalised text may hold hundreds in a
        row, and every start would walk to their end.
        """
        for start in range(len(form)):
            node = self._root.get(form[start])
            end = start + 1
            while node is not None:
                if None in node:
                    for entry in node[None]:
                        yield Match(start, end, entry)
                if end >= len(form):
                    break
                following = node.get(form[end])
                if following is None and form[end] == form[end - 1] and form[end].isalpha():
                    following = node
                node = following
                end += 1
