"""What is found, and the one spelling of a text in which it is looked for."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from resonance.sentiment.text import CharacterTable

Kind = Literal["email", "handle", "phone", "card", "iban", "order", "number", "address"]

_BLANK: Final = "\x00"  # No word, digit or separator: nothing reaches across it.
_DASHES: Final = frozenset("‐‑‒–—―−ー")
_MASK: Final = re.compile(r"<(?:email|handle|phone|card|iban|order|number|address)>")


class Span(NamedTuple):
    """One piece of personal data: `text[start:end]`."""

    start: int
    end: int
    kind: Kind


def _plain(character: str) -> str:
    """Return one character for one: lower case, ASCII digits, narrow forms, one dash and space."""
    if character in _DASHES:
        return "-"
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character.isspace():
        return " "
    form = unicodedata.normalize("NFKC", character).lower()
    return form if len(form) == 1 else character.lower()[0]


_PLAIN: Final = CharacterTable(_plain)


def plain(text: str) -> str:
    """Return the text as it is searched, every character in its place.

    >>> plain("Tel：０８１２ ٣٤")
    'tel:0812 34'
    """
    view = text.lower() if text.isascii() else text.translate(_PLAIN)
    return _MASK.sub(lambda mask: _BLANK * len(mask.group()), view) if "<" in view else view


def blanked(view: str, spans: Iterable[Span]) -> str:
    """Return the view without what is found already."""
    for start, end, _ in spans:
        view = view[:start] + _BLANK * (end - start) + view[end:]
    return view
