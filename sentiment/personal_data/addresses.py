"""Postal addresses: parts that stand together, with a number among them."""

import re
from collections.abc import Iterator
from typing import Final

from resonance.sentiment.personal_data.spans import Span
from resonance.sentiment.personal_data.streets import Streets, streets

STRONG: Final = 2
ENOUGH: Final = 2  # One strong part, or two weak ones.
GAP_MAX: Final = 40  # Characters between two parts of one address.

_DIGIT: Final = re.compile(r"[0-9]")
_ADJACENT: Final = re.compile(r"[\s,،、.;:/()-]{0,4}")
# A town or a name between two parts: "Baker Street, London NW1".
_NEAR: Final = re.compile(r"[\s,،、.;:/()-]{1,4}(?:[^\W\d_]{1,20}[\s,،.'()-]{1,3}){0,3}")
_HOUSE_NUMBER: Final = re.compile(
    r"(?<!\w)(?:\d{1,5}(?:/\d{1,4})?[a-z]?,?|[a-z]{1,2}-?\d{1,4}(?:-\d{1,3}){0,2},)\s\Z"
)
_POSTCODE: Final = re.compile(
    r"(?:[,،\s]{1,3}(?:[^\W\d_]{2,20}[,،\s]{1,2})?|[,،]\s?(?:[^\W\d_]{2,20}[,،\s]{1,2}){0,4})"
    r"\d{5,6}(?:-\d{3,4})?(?![.,]\d|\w)"
    r"|,\s?\d{4}(?= [^\W\d_])"  # Of Austria and Switzerland.
)


class _Address:
    """Parts of one address, as they are gathered."""

    def __init__(self, start: int, end: int, weight: int) -> None:
        self.start, self.end, self.weight = start, end, weight

    def reaches(self, view: str, start: int, weight: int) -> bool:
        """Tell whether a part at `start` belongs to this address."""
        if start - self.end > GAP_MAX:
            return False
        near = _NEAR if max(self.weight, weight) >= STRONG else _ADJACENT
        return bool(
            _ADJACENT.fullmatch(view, self.end, start) or near.fullmatch(view, self.end, start)
        )


def find_addresses(view: str) -> list[Span]:
    """Return postal addresses; a street without a number is where one strolls."""
    found: list[Span] = []
    for group in streets():
        if group.words.search(view):
            found += _addresses(view, group)
    # Two groups of languages may know a word: "avenue", "via".
    merged: list[Span] = []
    for span in sorted(found):
        if merged and span.start <= merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _addresses(view: str, group: Streets) -> Iterator[Span]:
    address: _Address | None = None
    for part in group.parts.finditer(view):
        weight = STRONG if part["strong"] else 1
        if address is not None and address.reaches(view, part.start(), weight):
            address.end, address.weight = part.end(), address.weight + weight
            continue
        if address is not None:
            yield from _whole(view, address)
        address = _Address(part.start(), part.end(), weight)
    if address is not None:
        yield from _whole(view, address)


def _whole(view: str, address: _Address) -> Iterator[Span]:
    """Yield the address with the house number before it and the postcode behind it."""
    if address.weight < ENOUGH:
        return
    start, end = address.start, address.end
    house = _HOUSE_NUMBER.search(view, max(0, start - 12), start)
    if house is not None:
        start = house.start()
    postcode = _POSTCODE.match(view, end)
    if postcode is not None:
        end = postcode.end()
    if _DIGIT.search(view, start, end):
        yield Span(start, start + len(view[start:end].rstrip(" ,.")), "address")
