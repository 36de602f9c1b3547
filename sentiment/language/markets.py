"""Which languages viewers of a market write in, the commonest first."""

from typing import Final

# From official status and use in the CLDR's territory data (supplementalData, 46). A second
# language that many understand but few chat in (English in Germany) is left out on purpose: it
# would make every English comment ambiguous.
MARKET_LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "AE": ("ar", "en"),
    "AR": ("es",),
    "AT": ("de",),
    "AU": ("en",),
    "BE": ("nl", "fr"),
    "BH": ("ar",),
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
    "KW": ("ar",),
    "KZ": ("ru",),
    "LB": ("ar", "fr"),
    "MA": ("ar", "fr"),
    "MX": ("es",),
    "MY": ("ms", "en", "zh"),
    "NL": ("nl",),
    "NZ": ("en",),
    "OM": ("ar",),
    "PE": ("es",),
    "PH": ("tl", "en"),
    "PL": ("pl",),
    "PT": ("pt",),
    "QA": ("ar",),
    "RU": ("ru",),
    "SA": ("ar",),
    "SG": ("en", "zh", "ms"),
    "TH": ("th",),
    "TN": ("ar", "fr"),
    "TR": ("tr",),
    "TW": ("zh",),
    "US": ("en",),
    "VN": ("vi",),
    "ZA": ("en",),
}

# Written by a smaller part of the viewers: not enough to tell the market by, but more than none.
ALSO_WRITTEN: Final[dict[str, tuple[str, ...]]] = {
    "AE": ("hi",),
    "BH": ("en",),
    "KW": ("en",),
    "LB": ("en",),
    "OM": ("en",),
    "QA": ("en",),
    "SA": ("en",),
    "US": ("es",),
}


def languages_of(markets: tuple[str, ...]) -> frozenset[str]:
    """Return the languages of the markets; a market we do not know adds none."""
    return frozenset(
        language
        for market in markets
        for table in (MARKET_LANGUAGES, ALSO_WRITTEN)
        for language in table.get(market, ())
    )
