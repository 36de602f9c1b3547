"""Which market a comment belongs to, by what is known before the stream's history is.

The last step, a viewer's earlier orders, needs that history and is the fold's (`fold.viewers`).
"""

from resonance.sentiment.language.markets import MARKET_LANGUAGES
from resonance.sentiment.vocabulary import UNDETERMINED
from resonance.streams.events import MarketSource
from resonance.streams.windows import UNKNOWN_MARKET


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
