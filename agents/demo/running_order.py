"""When what happens in the two minutes; what the host says and shows is in running_order.tsv."""

from dataclasses import dataclass
from math import exp
from typing import Final

DURATION_SECONDS: Final = 120
MARKETS: Final = ("US", "GB", "DE", "FR", "MX", "BR", "ID", "TH", "JP", "SA")
# All that are written in the room: those of the markets first, then those of viewers abroad.
LANGUAGES: Final = (
    *("en", "de", "fr", "es", "pt", "id", "th", "ja", "ar"),
    *("vi", "ko", "tr", "ru", "zh", "it", "tl"),
)

GIVEAWAY_SECONDS: Final = range(44, 56)
GIVEAWAY_COMMENTS_PER_SECOND: Final = 18
FLASH_SECONDS: Final = range(98, 104)
FLASH_COMMENTS_PER_SECOND: Final = 15
FLASH_WORD: Final = "LUMI"
TROUBLE_RISE_SECONDS: Final = 12  # From the first complaint until most write about nothing else.
TROUBLE_SHARE: Final = 0.75
TROUBLE_COMMENTS_PER_SECOND: Final = 2.0  # On top: those who wrote nothing before, write now.


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong in this performance: buyers of one market start to complain."""

    market: str = "DE"
    topic: str = "customs_tax"  # One that the texts have: customs_tax or shipping.
    start_second: int = 60


# How a topic is called by the host.
TROUBLE_NAMES: Final = {"customs_tax": "customs fees", "shipping": "late parcels"}

# (product, from second, to second)
ON_SCREEN: Final = (("halo-lamp", 4, 34), ("cloud-robe", 36, 78), ("dew-serum", 80, 117))
PRODUCT_THEMES: Final = {"halo-lamp": "lamp", "cloud-robe": "robe", "dew-serum": "serum"}

BASE_COMMENTS_PER_SECOND: Final = 9.5
# (second, extra comments a second, seconds until a third of them are left): hello, three
# products, the winner's name, goodbye.
BUMPS: Final = ((1, 6, 6), (5, 6, 7), (37, 5, 8), (58, 4, 5), (81, 7, 8), (115, 6, 5))


def chat_rate(second: int) -> float:
    """Return how many comments a second viewers write on their own."""
    bumps = (rate * exp((at - second) / fall) for at, rate, fall in BUMPS if second >= at)
    return BASE_COMMENTS_PER_SECOND + sum(bumps)


def trouble_level(second: int, trouble: Trouble) -> float:
    """Return how far the trouble has spread, from 0.0 to 1.0."""
    return min(max(second - trouble.start_second, 0) / TROUBLE_RISE_SECONDS, 1.0)


def on_screen(second: int) -> str | None:
    """Return the product that is shown at `second`, if one is."""
    return next((name for name, start, end in ON_SCREEN if start <= second < end), None)
