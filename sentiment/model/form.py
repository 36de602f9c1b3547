"""The form of a text that the model reads: one way to write mentions, links and emotes."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from resonance.sentiment.text import normalise

FORM_MAX_CODE_POINTS: Final = 280  # Chat is short; what follows changes no reading.

_BETWEEN: Final = "\n"  # No normalised text holds it.
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+")
_MENTION: Final = re.compile(r"@[\w.]+")
_NUMBER: Final = re.compile(r"\d\d{4,}")  # Five or more; so written, `re` looks for one first.


def model_form(normalised: str) -> str:
    """Return a normalised text as the model reads it; names and long numbers carry no meaning.

    >>> model_form("@maria.b look https://a.example/x 081234567")
    '@user look http 00000'
    """
    return model_forms([normalised])[0]


def model_forms(normalised: Sequence[str]) -> list[str]:
    """Return normalised texts as the model reads them, each as `model_form` does."""
    text = _BETWEEN.join(normalised)
    if "http" in text or "www." in text:
        text = _LINK.sub("http", text)
    if "@" in text:
        text = _MENTION.sub("@user", text)
    forms = _NUMBER.sub("00000", text).split(_BETWEEN)
    return [form[:FORM_MAX_CODE_POINTS] for form in forms]


def read_form(text: str) -> str:
    """Return the model's form of any text."""
    return model_form(normalise(text))


# Where a text starts and ends says whether it asks: "do you", "... か". The marks are letters of no
# language. In scripts without spaces the end is glued on, so that n-grams hold it.
START: Final = "\ue000"
END: Final = "\ue001"
_END_OF_HAN: Final = "\u3400"
_END_OF_THAI: Final = "\u0eff"
_FIRST_JOINING: Final = "\u0e00"
_SILENT: Final = frozenset("SPZ")  # Symbols, punctuation, spaces.


def with_edges(form: str) -> str:
    """Return the form with its start and its end marked, the end before closing emoji and points.

    >>> with_edges("how much ❤").split()
    ['\ue000', 'how', 'much', '\ue001', '❤']
    """
    if form[-1:].isalnum() and form[-1] < _FIRST_JOINING:  # As most forms end.
        return f"{START} {form} {END}"
    end = len(form)
    while end and unicodedata.category(form[end - 1])[0] in _SILENT:
        end -= 1
    last = form[end - 1] if end else " "
    mark = f" {END}"
    if "\u3040" <= last <= "\u30ff" or "\u3400" <= last <= "\u9fff":
        mark = _END_OF_HAN
    elif "\u0e00" <= last <= "\u0eff":
        mark = _END_OF_THAI
    return f"{START} {form[:end]}{mark}{form[end:]}"
