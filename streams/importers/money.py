"""Amounts as people write them, to minor units. Decimal throughout: money is never a float."""

import re
from decimal import Decimal
from typing import Final

# ISO 4217, the currencies whose minor unit is not a hundredth.
_NO_DIGITS: Final = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
        *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
_THREE_DIGITS: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_AMOUNT: Final = re.compile(r"\d{1,15}(?:\.\d{1,6})?|\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?")


def minor_units(amount: str, currency: str) -> int | None:
    """Return the amount in the currency's minor units, or None if it is not an amount.

    Takes a point before the decimals, and commas between thousands; more decimals than the
    currency has are refused unless they are zeros, as a guess would be wrong by a hundred.

    >>> minor_units("1,234.50", "EUR"), minor_units("1980.00", "JPY"), minor_units("9,50", "EUR")
    (123450, 1980, None)
    """
    if not _AMOUNT.fullmatch(amount):
        return None
    scaled = Decimal(amount.replace(",", "")).scaleb(_digits(currency))
    return int(scaled) if scaled == int(scaled) else None


def _digits(currency: str) -> int:
    if currency in _NO_DIGITS:
        return 0
    return 3 if currency in _THREE_DIGITS else 2
