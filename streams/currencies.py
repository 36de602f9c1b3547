"""How many digits of an amount are minor units, by ISO 4217."""

from typing import Final

_NO_DIGITS: Final = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
        *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
_THREE_DIGITS: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


def minor_digits(currency: str) -> int:
    """Return the decimals of a currency; 2 for one that ISO 4217 does not list.

    Not what shops print: nobody writes rupiah with cents, and still their minor unit is a cent.

    >>> [minor_digits(currency) for currency in ("EUR", "IDR", "JPY", "KWD")]
    [2, 2, 0, 3]
    """
    if currency in _NO_DIGITS:
        return 0
    return 3 if currency in _THREE_DIGITS else 2
