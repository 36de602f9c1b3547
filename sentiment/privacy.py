"""Find and mask personal data before a text is stored. Pure, total, in linear time.

A price, a size, an order code, a year or a row of fives is no personal data, and the evidence an
alert quotes is worth nothing without them. `bench/privacy_quality.py` tells how well it is done.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

from resonance.sentiment.personal_data.addresses import find_addresses
from resonance.sentiment.personal_data.contacts import (
    find_accounts,
    find_addresses_of_mail,
    find_bank_accounts,
    find_handles,
)
from resonance.sentiment.personal_data.east_asian import find_east_asian
from resonance.sentiment.personal_data.named import find_named
from resonance.sentiment.personal_data.numbers import find_numbers
from resonance.sentiment.personal_data.spans import Span, blanked, plain

__all__ = ["Span", "find_personal_data", "mask_personal_data"]

_DIGIT: Final = re.compile(r"[0-9]")

# What is found can bring out what it stood beside: "@" begins no handle behind a digit, but behind
# a phone it does. So the rest is searched once more, until nothing is found, and masking a masked
# text changes nothing. Who writes so that it takes longer has nothing else to say.
SEARCHES_MAX: Final = 5

# The surest first: what one has found, the next ones do not see.
_IN_ANY_TEXT: Final[tuple[Callable[[str], Iterable[Span]], ...]] = (
    find_addresses_of_mail,
    find_handles,
    find_accounts,
)
_AMONG_DIGITS: Final[tuple[Callable[[str], Iterable[Span]], ...]] = (
    find_bank_accounts,
    find_named,  # Before what goes by shape: "order no 0812345678" is no phone.
    find_addresses,
    find_east_asian,
    find_numbers,
)


def find_personal_data(text: str) -> list[Span]:
    """Return what in `text` identifies or reaches a person, from left to right, disjoint."""
    view = plain(text)
    found: list[Span] = []
    for _ in range(SEARCHES_MAX):
        before = view
        for find in _IN_ANY_TEXT + _AMONG_DIGITS if _DIGIT.search(view) else _IN_ANY_TEXT:
            spans = list(find(view))
            if spans:
                view = blanked(view, spans)
                found += spans
        if view == before:
            return sorted(found)
    return [Span(0, len(text), found[-1].kind)]


def mask_personal_data(text: str) -> str:
    """Return `text` with each piece of personal data replaced by its kind.

    >>> mask_personal_data("call me 081-234-5678 or a@b.co, 2 for 10.000.000")
    'call me <phone> or <email>, 2 for 10.000.000'
    """
    kept, done = [], 0
    for start, end, kind in find_personal_data(text):
        kept += [text[done:start], f"<{kind}>"]
        done = end
    return "".join(kept) + text[done:] if done else text
