"""Which languages viewers of a market write in, the commonest first."""

from typing import Final

MARKET_LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "AE": ("ar", "en", "hi"),
    "AR": ("es",),
    "AT": ("de",),
    "AU": ("en",),
    "BE": ("fr",),
    "BH": ("ar", "en"),
    "BR": ("pt",),
    "CA": ("en", "fr"),
    "CH": ("de", "fr", "it"),
    "CL": ("es",),
    "CN": ("zh",),
    "CO": ("es",),
    "DE": ("de",),
    "DZ": ("ar", "fr"),
    "EG": ("ar",),
    "ES": ("es",),
    "FR": ("fr",),
    "GB": ("en",),
    "HK": ("zh", "en"),
    "ID": ("id",),
    "IE": ("en",),
    "IN": ("hi", "en"),
    "IQ": ("ar",),
    "IT": ("it",),
    "JO": ("ar",),
    "JP": ("ja",),
    "KR": ("ko",),
    "KW": ("ar", "en"),
    "KZ": ("ru",),
    "LB": ("ar", "fr", "en"),
    "MA": ("ar", "fr"),
    "MX": ("es",),
    "MY": ("ms", "en", "zh"),
    "NZ": ("en",),
    "OM": ("ar", "en"),
    "PE": ("es",),
    "PH": ("tl", "en"),
    "PT": ("pt",),
    "QA": ("ar", "en"),
    "RU": ("ru",),
    "SA": ("ar", "en"),
    "SG": ("en", "zh", "ms"),
    "TH": ("th",),
    "TN": ("ar", "fr"),
    "TR": ("tr",),
    "TW": ("zh",),
    "US": ("en", "es"),
    "VN": ("vi",),
    "ZA": ("en",),
}


def languages_of(markets: tuple[str, ...]) -> frozenset[str]:
    """Return the languages of the markets; a market we do not know adds none."""
    return frozenset(
        language for market in markets for language in MARKET_LANGUAGES.get(market, ())
    )
