"""Amounts as people write them, to minor units. Decimal throughout: money is never a float."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from resonance.streams.currencies import minor_digits
from resonance.streams.importers.currency_marks import currencies_of

PRICE_CHARACTERS: Final = 64
_MOST: Final = Decimal(10**15)  # As in events; far beyond it Decimal would round.

_AMOUNT: Final = re.compile(r"\d{1,15}(?:\.\d{1,6})?|\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?")
# A mark, a number, a mark: one of the marks may be missing. Spaces are plain by then.
_PRICE: Final = re.compile(
    r"([^\d\s+−-]{0,5}|[^\d\s+−-]{1,3} \$) ?"
    r"(\d(?:[\d.,' ]{0,30}\d)?)(?:[.,][-–—]+)? ?"  # "5,-" has no cents.
    r"([^\d\s]{0,5}|\$ [^\d\s]{1,3})"
)
# By threes; in India by twos before the last three.
_WHOLE: Final = re.compile(r"\d+|\d{1,3}([.,'])\d{3}(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}")
_GROUP_DIGITS: Final = 3
# What else stands between thousands or before decimals, as the signs that ASCII has for it.
_SEPARATORS: Final = str.maketrans({"’": "'", "٬": "'", "٫": ".", "·": "."})


class Money(NamedTuple):
    """An amount in minor units of a currency (ISO 4217)."""

    amount_minor: int
    currency: str


class Price(NamedTuple):
    """What a price's text may mean, the likeliest first: at least one reading."""

    readings: tuple[Money, ...]

    @property
    def likeliest(self) -> Money:
        """The first reading."""
        return self.readings[0]

    @property
    def ambiguous(self) -> bool:
        """Whether the text alone does not say which amount of which currency is meant."""
        return len(self.readings) > 1


def minor_units(amount: str, currency: str) -> int | None:
    """Return the amount in the currency's minor units, or None if it is not an amount.

    Takes a point before the decimals, and commas between thousands; more decimals than the
    currency has are refused unless they are zeros, as a guess would be wrong by a hundred.

    >>> minor_units("1,234.50", "EUR"), minor_units("1980.00", "JPY"), minor_units("9,50", "EUR")
    (123450, 1980, None)
    """
    if not _AMOUNT.fullmatch(amount):
        return None
    return _scaled(Decimal(amount.replace(",", "")), currency)


def price(text: str, *, expected: str | None = None) -> Price | None:
    """Return what a price as chats and shops print it may mean; None if it is no price.

    A mark of several currencies ("$", "¥") gives a reading for each, and so does a separator that
    may stand before thousands or before decimals ("KWD 1.234"). `expected` is the currency that
    the market pays in: if the mark may mean it, it is what the mark means.

    >>> price("1 234,50 €")
    Price(readings=(Money(amount_minor=123450, currency='EUR'),))
    >>> price("$5").ambiguous, price("$5", expected="AUD").ambiguous, price("₫12.50")
    (True, False, None)
    """
    if len(text) > PRICE_CHARACTERS:
        return None
    found = _PRICE.fullmatch(_plain(text))
    if found is None:
        return None
    before, number, after = found.groups()
    currencies = _currencies(before, after)
    if expected in currencies:
        currencies = (expected,)
    readings = dict.fromkeys(  # The same amount read twice is one reading.
        Money(amount_minor, currency)
        for currency in currencies
        for value in _values(number, currency)
        if (amount_minor := _scaled(value, currency)) is not None
    )
    return Price(tuple(readings)) if readings else None


def _currencies(before: str, after: str) -> tuple[str, ...]:
    """Return what the marks on both sides may mean: "$5 CAD" is in what both can be."""
    before, after = before.replace(" ", ""), after.replace(" ", "")
    if not before or not after:
        return currencies_of(before or after)
    possible = currencies_of(after)
    return tuple(one for one in currencies_of(before) if one in possible)


def _values(number: str, currency: str) -> Iterator[Decimal]:
    """Yield what the number may be, the likeliest first."""
    number = number.replace(" ", "'")
    last = max(number.rfind("."), number.rfind(","))
    separators = number.count(".") + number.count(",")
    if last < 0:
        yield from _whole(number)
    elif separators == 1:
        # Three digits after it are thousands, but in a currency of three decimals.
        decimals = len(number) - last - 1
        thousands = decimals == _GROUP_DIGITS and number[0] != "0"
        if thousands:
            yield from _whole(number)
        if not thousands or minor_digits(currency) == decimals:
            yield from _with_decimals(number, last)
    elif number.count(number[last]) > 1:
        yield from _whole(number)
    else:
        yield from _with_decimals(number, last)


def _whole(number: str) -> Iterator[Decimal]:
    """Yield the number if it is one without decimals: all digits, or in fitting groups."""
    if _WHOLE.fullmatch(number):
        yield Decimal("".join(filter(str.isdigit, number)))


def _with_decimals(number: str, point: int) -> Iterator[Decimal]:
    for whole in _whole(number[:point]):
        decimals = number[point + 1 :]
        if decimals.isdigit():
            yield Decimal(f"{whole}.{decimals}")


def _scaled(value: Decimal, currency: str) -> int | None:
    if value > _MOST:
        return None
    scaled = value.scaleb(minor_digits(currency))
    return int(scaled) if scaled == int(scaled) else None


def _plain(text: str) -> str:
    """Return the text with ASCII digits, separators and spaces."""
    narrow = unicodedata.normalize("NFKC", text).translate(_SEPARATORS)
    kept = (c for c in narrow if unicodedata.category(c) != "Cf")  # Marks of writing direction.
    return " ".join("".join(str(unicodedata.decimal(c, c)) for c in kept).split())
