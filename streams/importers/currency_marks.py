"""The marks by which prices name their currency, and which currencies each may mean.

The likeliest comes first: the one that most live-commerce prices with this mark are in. A mark of
several currencies is ambiguous on its own; whoever knows the market may settle it.
"""

from typing import Final

_DOLLARS: Final = (*("USD", "CAD", "AUD", "MXN", "SGD", "HKD", "TWD", "NZD", "ARS", "CLP", "COP"),)
_CROWNS: Final = ("SEK", "NOK", "DKK", "ISK")

# In capitals, without spaces or a point at the end; what is full-width in a text is narrow here.
# A mark that only one currency of our markets uses is that one's: "£" is not read as Egypt's.
MARKS: Final[dict[str, tuple[str, ...]]] = {
    "$": _DOLLARS,
    "US$": ("USD",),
    "$US": ("USD",),
    "U$S": ("USD",),
    "C$": ("CAD", "NIO"),
    "CA$": ("CAD",),
    "CAD$": ("CAD",),
    "$CA": ("CAD",),
    "$CAD": ("CAD",),
    "A$": ("AUD",),
    "AU$": ("AUD",),
    "$AU": ("AUD",),
    "NZ$": ("NZD",),
    "MX$": ("MXN",),
    "S$": ("SGD",),
    "SG$": ("SGD",),
    "HK$": ("HKD",),
    "NT$": ("TWD",),
    "TW$": ("TWD",),
    "R$": ("BRL",),
    "AR$": ("ARS",),
    "CL$": ("CLP",),
    "COL$": ("COP",),
    "¥": ("JPY", "CNY"),
    "JP¥": ("JPY",),
    "円": ("JPY",),
    "CN¥": ("CNY",),
    "RMB": ("CNY",),
    "元": ("CNY", "TWD"),
    "块": ("CNY",),
    "₩": ("KRW",),
    "원": ("KRW",),
    "€": ("EUR",),
    "EURO": ("EUR",),
    "£": ("GBP",),
    "E£": ("EGP",),
    "KR": _CROWNS,
    "CHF": ("CHF",),
    "FR": ("CHF",),
    "ZŁ": ("PLN",),
    "KČ": ("CZK",),
    "FT": ("HUF",),
    "LEI": ("RON", "MDL"),
    "₺": ("TRY",),
    "TL": ("TRY",),
    "₽": ("RUB",),
    "РУБ": ("RUB",),
    "Р": ("RUB",),
    "₴": ("UAH",),
    "₪": ("ILS",),
    "₹": ("INR",),
    "RS": ("INR", "PKR", "LKR", "NPR"),
    "₱": ("PHP",),
    "฿": ("THB",),
    "บาท": ("THB",),
    "₫": ("VND",),
    "Đ": ("VND",),
    "RP": ("IDR",),
    "RM": ("MYR",),
    "S/": ("PEN",),
    "R": ("ZAR",),
    "₦": ("NGN",),
    "ريال": ("SAR", "IRR", "OMR", "QAR", "YER"),  # The sign of the rial, spelled out.
    "ر.س": ("SAR",),
    "د.إ": ("AED",),
    "ج.م": ("EGP",),
    "د.ك": ("KWD",),
    "DHS": ("AED", "MAD"),
    "DH": ("AED", "MAD"),
}

# A code of three letters means itself, where ISO 4217 has it in use.
CODES: Final = frozenset(
    (
        *("AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT"),
        *("BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD"),
        *("CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK"),
        *("DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP"),
        *("GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD"),
        *("IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD"),
        *("KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD"),
        *("MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN"),
        *("NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG"),
        *("QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP"),
        *("SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND"),
        *("TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES", "VND"),
        *("VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG"),
    )
)


def currencies_of(mark: str) -> tuple[str, ...]:
    """Return the ISO 4217 codes that a mark may mean, the likeliest first; none if it is no mark.

    >>> currencies_of("CA$"), currencies_of("zł"), currencies_of("¥"), currencies_of("?")
    (('CAD',), ('PLN',), ('JPY', 'CNY'), ())
    """
    known = mark.upper().removesuffix(".")
    return (known,) if known in CODES else MARKS.get(known, ())
