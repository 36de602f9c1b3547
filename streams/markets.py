"""Which market a comment belongs to, by what is known before the stream's history is.

The last step, a viewer's earlier orders, needs that history and is the fold's (`fold.viewers`).
"""

from typing import Final

from resonance.sentiment.vocabulary import UNDETERMINED
from resonance.streams.events import MarketSource
from resonance.streams.windows import UNKNOWN_MARKET

# The languages that shoppers of a market chat in, from official status and use in the CLDR's
# territory data (supplementalData, 46). A second language that many understand but few chat in
# (English in Germany) is left out on purpose: it would make every English comment ambiguous.
MARKET_LANGUAGES: Final[dict[str, tuple[str, ...]]] = {
    "AE": ("ar", "en"),
    "AR": ("es",),
    "AT": ("de",),
    "AU": ("en",),
    "BE": ("nl", "fr"),
    "BR": ("pt",),
    "CA": ("en", "fr"),
    "CH": ("de", "fr", "it"),
    "CL": ("es",),
    "CN": ("zh",),
    "CO": ("es",),
    "DE": ("de",),
    "EG": ("ar",),
    "ES": ("es",),
    "FR": ("fr",),
    "GB": ("en",),
    "HK": ("zh", "en"),
    "ID": ("id",),
    "IE": ("en",),
    "IN": ("hi", "en"),
    "IT": ("it",),
    "JP": ("ja",),
    "KR": ("ko",),
    "KW": ("ar",),
    "KZ": ("ru",),
    "MA": ("ar", "fr"),
    "MX": ("es",),
    "MY": ("ms", "en", "zh"),
    "NL": ("nl",),
    "NZ": ("en",),
    "PE": ("es",),
    "PH": ("tl", "en"),
    "PL": ("pl",),
    "PT": ("pt",),
    "QA": ("ar",),
    "RU": ("ru",),
    "SA": ("ar",),
    "SG": ("en", "zh", "ms"),
    "TH": ("th",),
    "TR": ("tr",),
    "TW": ("zh",),
    "US": ("en",),
    "VN": ("vi",),
}


def market_by_language(language: str, stream_markets: tuple[str, ...]) -> str | None:
    """Return the one market of the stream's that speaks `language`, or None if none or several.

    >>> market_by_language("de", ("US", "DE")), market_by_language("en", ("US", "GB"))
    ('DE', None)
    """
    if language == UNDETERMINED:
        return None
    speaking = [m for m in stream_markets if language in MARKET_LANGUAGES.get(m, ())]
    return speaking[0] if len(speaking) == 1 else None


def attribute_market(
    declared: str | None, stream_markets: tuple[str, ...], language: str
) -> tuple[str, MarketSource]:
    """Return the market and how it was found: declared, stream, language, else unknown."""
    if declared:
        return declared, "declared"
    if len(stream_markets) == 1:
        return stream_markets[0], "stream"
    if found := market_by_language(language, stream_markets):
        return found, "language"
    return UNKNOWN_MARKET, "unknown"
