"""Numbers that are personal by their shape: cards, identities, phones, and what is just too long.

A price, a size, an order code, a year or a row of fives is no personal data, and the evidence an
alert quotes is worth nothing without them. So digits are looked at in groups, as people write them.
"""

import re
from collections.abc import Iterator
from typing import Final

from resonance.sentiment.personal_data.checks import is_card
from resonance.sentiment.personal_data.spans import Kind, Span

# Seven digits or more, with what people set between digits. Each character is looked at a bounded
# number of times: separators and digits have nothing in common.
_SEPARATORS: Final = r"[ ().\-/\ufe0f\u20e3\u200b-\u200f\u2060]"  # Keycaps and joiners hide digits.
_RUN: Final = re.compile(rf"\+?\(?[0-9](?:{_SEPARATORS}{{0,4}}[0-9]){{6,}}")
# Dates, and pages that are no chat with somebody.
_NO_NUMBER: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{1,2}([./-])[0-9]{1,2}\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}([./-])[0-9]{1,2}"
    r"\2[0-9]{1,2})(?![0-9])|https?://(?!wa\.me|api\.whatsapp|t\.me)\S+"
)
_GROUP: Final = re.compile(r"[0-9]+")
BARE_SURE: Final = 10  # Digits in one piece: no price has as many; phones, orders, parcels do.
GROUPS_MAX: Final = 7  # Of one number: "+33 6 12 34 56 78".
WITH_COUNTRY: Final = range(8, 16)  # Digits, of E.164.
WITH_ZERO: Final = range(9, 12)  # Opening hours have 8 digits: "09.00-18.00".
LONG_GROUPS: Final = frozenset(range(3, 9))  # Digits in each: no price, no second number.
SPELLED: Final = range(9, 14)  # "0 8 1 2 3 4 5 6 7 8": a phone, digit by digit.
SPELLED_DISTINCT: Final = 4

_CURRENCY: Final = (
    r"(?:[$€£¥₩₫₹฿₽₺₱₪₴₸원円元块]|บาท|руб|сум|रुपये|रु|ريال|درهم|جنيه|"
    r"(?<![^\W\d_])(?:rp|idr|vnd|usd|eur|rub|krw|won|đ|tl|rm|rs|php|pesos?|euros?|reais|views|likes)"
    r"(?![^\W\d_]))"
)
_MONEY_BEFORE: Final = re.compile(_CURRENCY + r"[\s.:]{0,2}\Z")
_MONEY_AFTER: Final = re.compile(r"\s?" + _CURRENCY)
_DATE: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")

# How phones are grouped where neither "+" nor a 0 says that it is one.
_PHONE_GROUPS: Final = frozenset(
    {
        *((3, 3, 4), (1, 3, 3, 4)),  # US, CA, IT, CO; with the country's 1 or 7 or 8.
        *((3, 4, 4), (2, 4, 4), (2, 5, 4), (2, 1, 4, 4), (3, 4, 5), (2, 9)),  # CN; MX; BR.
        *((3, 3, 2, 2), (1, 3, 3, 2, 2), (3, 2, 2, 2)),  # TR, RU, ES.
    }
)
_AREA_CODE: Final = re.compile(r"\([0-9]{2,4}\)")
AREA_DIGITS: Final = range(9, 13)
ACCOUNT_GROUPS: Final = range(3, 6)
ACCOUNT_DIGITS_MIN: Final = 12
ACCOUNT_GROUP_MIN: Final = 4  # Sizes side by side have three digits at most.
_SINGLE_SIX_TO_NINE: Final = frozenset({(4, 4), (5, 5), (3, 3, 3)})  # SG, HK; IN; ES, PT.
_IDENTITY_GROUPS: Final = frozenset(
    {(3, 3, 3, 2), (6, 7), (3, 2, 4), (1, 4, 5, 2, 1), (6, 2, 4)}  # BR, KR, US, TH, MY.
)
_CARD_LENGTHS: Final = frozenset({15, 16})
_CARD_GROUPS: Final = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 3)})


def is_money(view: str, start: int, end: int) -> bool:
    """Tell whether a currency, or what is counted, stands before or behind a number."""
    before = view[max(0, start - 8) : start]
    return bool(_MONEY_BEFORE.search(before) or _MONEY_AFTER.match(view, end))


def find_numbers(view: str) -> Iterator[Span]:
    """Yield every number that its shape gives away, from left to right."""
    for run in _RUN.finditer(_NO_NUMBER.sub(lambda found: "\x00" * len(found.group()), view)):
        if not is_money(view, *run.span()):
            yield from _in_run(run)


def _in_run(run: re.Match[str]) -> Iterator[Span]:
    """Yield the parts of a run of digit groups that are personal numbers."""
    text, offset = run.group(), run.start()
    groups = list(_GROUP.finditer(text))
    if _is_spelled(groups) or _has_area_code(text, groups):
        yield Span(offset, run.end(), "phone")
        return
    if _is_account(text, groups):
        yield Span(offset, run.end(), "number")
        return
    before = run.string[max(0, offset - 1) : offset]
    if len(groups) == 1 and len(text) < BARE_SURE and before.isascii() and before.isalpha():
        return  # "SKU12345678" names a product.
    at = 0
    while at < len(groups):
        for end in range(min(at + GROUPS_MAX, len(groups)), at, -1):
            # What stands before the first digit belongs to the number: "+", "(".
            lead_start = groups[at - 1].end() if at else 0
            lead = text[lead_start : groups[at].start()].strip("( ")
            kind = _kind([group.group() for group in groups[at:end]], lead)
            if kind is not None:
                start = groups[at].start() if at else 0
                yield Span(offset + start, offset + groups[end - 1].end(), kind)
                at = end
                break
        else:
            at += 1


def _is_spelled(groups: list[re.Match[str]]) -> bool:
    """Tell whether a phone is given digit by digit; a vote has few digits, a count starts at 1."""
    digits = [group.group() for group in groups]
    return (
        len(digits) in SPELLED
        and digits[0] == "0"
        and max(map(len, digits)) == 1
        and len(set(digits)) >= SPELLED_DISTINCT
    )


def _has_area_code(text: str, groups: list[re.Match[str]]) -> bool:
    """Tell whether the first group stands in brackets, as in "(305)5550142"."""
    digits = sum(len(group.group()) for group in groups)
    return bool(_AREA_CODE.match(text)) and digits in AREA_DIGITS


def _is_account(text: str, groups: list[re.Match[str]]) -> bool:
    """Tell whether dashes join a bank account: no phone, no years, no round prices."""
    found = [group.group() for group in groups]
    return (
        len(found) in ACCOUNT_GROUPS
        and text == "-".join(found)
        and sum(map(len, found)) >= ACCOUNT_DIGITS_MIN
        and max(map(len, found)) >= ACCOUNT_GROUP_MIN
        and not all(group[-1] == "0" or group[:2] in {"19", "20"} for group in found)
        and _kind(found, "") is None
    )


def _kind(groups: list[str], lead: str) -> Kind | None:
    """Return what the digit groups together are, or None for what identifies nobody."""
    digits = "".join(groups)
    lengths = tuple(map(len, groups))
    if lengths in _CARD_GROUPS and is_card(digits):
        return "card"
    if (
        len(groups) == 1
        and len(digits) in _CARD_LENGTHS
        and digits[0] in "3456"
        and is_card(digits)
    ):
        return "card" if len(set(digits)) > 1 else None
    if len(set(digits)) <= 2 or max(lengths) == 1:  # noqa: PLR2004 - 5555, 8888, 23333, 1 2 3 4 5.
        return None
    if len(groups) == 1 and lead != "+":
        return _kind_of_bare(digits)
    if lengths in _IDENTITY_GROUPS:
        return "number"
    return "phone" if _is_phone(digits, lengths, lead) else None


def _kind_of_bare(digits: str) -> Kind | None:
    """Return what digits in one piece are: 7 or a round number is a price, 8 can be a date."""
    if len(digits) >= BARE_SURE:
        return "phone" if len(digits) <= 12 else "number"  # noqa: PLR2004 - with a country's code.
    if len(digits) < 8 or digits.endswith("000") or _DATE.fullmatch(digits):  # noqa: PLR2004
        return None
    return "phone"


def _is_phone(digits: str, lengths: tuple[int, ...], lead: str) -> bool:
    if lead == "+" or digits.startswith("00"):
        return len(digits) in WITH_COUNTRY
    if digits[0] == "0":
        twelve = len(digits) == WITH_ZERO.stop and set(lengths) <= LONG_GROUPS
        return twelve or len(digits) in WITH_ZERO
    if digits.endswith("00"):  # Prices side by side: "12000 15000".
        return False
    if lengths in _SINGLE_SIX_TO_NINE:
        return digits[0] in "6789"
    return lengths in _PHONE_GROUPS
