"""Mask personal data before a text is stored: mail, handle, phone, card, long numbers.

A price, a size, an order code, a year or a row of fives is no personal data, and the evidence an
alert quotes is worth nothing without them. So digits are looked at in groups, as people write them.
"""

import re
from typing import Final

_EMAIL: Final = re.compile(r"[\w.+-]{1,64}[@＠][\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
# "2 @ 50" and "@50" are prices. A Latin handle ends where another script begins, as in "@momo这个".
_HANDLE: Final = re.compile(
    r"(?<![\w@＠])[@＠](?=\w{0,30}[^\W\d])(?:[a-z0-9_.]{2,30}|\w{2,30})", re.IGNORECASE
)

# Seven digits or more, with what people set between digits. Each character is looked at a bounded
# number of times: separators and digits have nothing in common.
_DIGITS: Final = re.compile(r"[+＋]?\(?\d(?:[ \u00a0().\-–‐‑/]{0,3}\d){6,}")
_GROUP: Final = re.compile(r"\d+")
BARE_SURE: Final = 10  # Digits in one piece: no price has as many; phones, orders, parcels do.
GROUPS_MAX: Final = 7  # Of one number: "+33 6 12 34 56 78".

_CURRENCY: Final = r"(?:[$€£¥₩₫₹฿₽₺₱]|rp|idr|vnd|usd|rub|руб|krw|won|원|円|元|đ|บาท|tl\b)"
_MONEY_BEFORE: Final = re.compile(_CURRENCY + r"\s?$", re.IGNORECASE)
_MONEY_AFTER: Final = re.compile(r"\s?" + _CURRENCY, re.IGNORECASE)
_DATE: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")

# How phones are grouped where neither "+" nor a 0 says that it is one.
_PHONE_GROUPS: Final = frozenset(
    {
        *((3, 3, 4), (1, 3, 3, 4)),  # US, CA, IT, CO; with the country's 1 or 7 or 8.
        *((3, 4, 4), (2, 4, 4), (2, 5, 4)),  # CN; MX; BR.
        *((3, 3, 2, 2), (1, 3, 3, 2, 2), (3, 2, 2, 2)),  # TR, RU, ES.
    }
)
_IDENTITY_GROUPS: Final = frozenset({(3, 3, 3, 2), (6, 7), (3, 2, 4)})  # BR, KR, US.
_CARD_GROUPS: Final = frozenset({(4, 4, 4, 4), (4, 6, 5)})


def mask_personal_data(text: str) -> str:
    """Return `text` with what identifies a person replaced by its kind. Total, in linear time.

    >>> mask_personal_data("call me 081-234-5678 or a@b.co, 2 for 10.000.000")
    'call me <phone> or <email>, 2 for 10.000.000'
    """
    if "@" in text or "＠" in text:
        text = _HANDLE.sub("<handle>", _EMAIL.sub("<email>", text))
    return _DIGITS.sub(_mask_digits, text)


def _mask_digits(run: re.Match[str]) -> str:
    """Return a run of digit groups, with each group that is part of a personal number replaced."""
    text = run.group()
    before = run.string[max(0, run.start() - 5) : run.start()]
    if _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(run.string, run.end()):
        return text
    groups = list(_GROUP.finditer(text))
    if (
        len(groups) == 1
        and len(text) < BARE_SURE
        and before[-1:].isascii()
        and before[-1:].isalpha()
    ):
        return text  # "SKU12345678" names a product.
    kept = []
    at = done = 0
    while at < len(groups):
        for end in range(min(at + GROUPS_MAX, len(groups)), at, -1):
            # What stands before the first digit belongs to the number: "+", "(".
            lead = text[groups[at - 1].end() if at else 0 : groups[at].start()].strip("( ")
            kind = _kind([group.group() for group in groups[at:end]], lead)
            if kind is not None:
                kept += [text[done : groups[at].start() if at else 0], f"<{kind}>"]
                at, done = end, groups[end - 1].end()
                break
        else:
            at += 1
    return "".join(kept) + text[done:]


def _kind(groups: list[str], lead: str) -> str | None:
    """Return what the digit groups together are, or None for what identifies nobody."""
    digits = "".join(groups)
    lengths = tuple(map(len, groups))
    if lengths in _CARD_GROUPS and _is_card(digits):
        return "card"
    if len(set(digits)) <= 2 or max(lengths) == 1:  # noqa: PLR2004 - 5555, 8888, 23333, 1 2 3 4 5.
        return None
    if len(groups) == 1 and lead not in {"+", "＋"}:
        return _kind_of_bare(digits)
    if lengths in _IDENTITY_GROUPS:
        return "number"
    return "phone" if _is_phone(digits, lengths, lead) else None


def _kind_of_bare(digits: str) -> str | None:
    """Return what digits in one piece are: 7 or a round number is a price, 8 can be a date."""
    if _is_card(digits):
        return "card"
    if len(digits) >= BARE_SURE:
        return "phone" if len(digits) <= 12 else "number"  # noqa: PLR2004 - with a country's code.
    if len(digits) < 8 or digits.endswith("000") or _DATE.fullmatch(digits):  # noqa: PLR2004
        return None
    return "phone"


def _is_phone(digits: str, lengths: tuple[int, ...], lead: str) -> bool:
    if len(digits) > 15:  # noqa: PLR2004 - E.164.
        return False
    if lead in {"+", "＋"}:
        return len(digits) >= 8  # noqa: PLR2004
    if digits[0] == "0":  # A date or opening hours have 8 digits: "05.11.2024", "09.00-18.00".
        return len(digits) >= 9  # noqa: PLR2004
    if digits.endswith("00"):  # Prices side by side: "12000 15000".
        return False
    if lengths in {(4, 4), (5, 5), (3, 3, 3)}:  # SG, HK; IN; ES, PT.
        return digits[0] in "6789"
    return lengths in _PHONE_GROUPS


def _is_card(digits: str) -> bool:
    """Tell whether the check digit is right by Luhn's formula (ISO/IEC 7812-1, annex B)."""
    if not 13 <= len(digits) <= 19:  # noqa: PLR2004 - of ISO/IEC 7812.
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0
