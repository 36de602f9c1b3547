"""The closed sets every score is made of; the meaning of each word is in docs/measures.md."""

from typing import Final, Literal, get_args

Signal = Literal[
    "question",
    "complaint",
    "purchase_intent",
    "product_request",
    "praise",
    "order_code",
    "cancel",
    "giveaway",
    "spam",
    "toxic",
]
Topic = Literal[
    "price",
    "payment",
    "shipping",
    "customs_tax",
    "size_units",
    "quality",
    "authenticity",
    "stock",
    "usage",
    "returns",
    "host_stream",
]
FrictionCategory = Literal[
    "language_barrier",
    "units_currency_size",
    "hard_sell",
    "taboo_etiquette",
    "trust_counterfeit",
    "customs_regulation",
]
ScorerTier = Literal["model", "fast", "rules", "unscored"]

SIGNALS: Final[tuple[Signal, ...]] = get_args(Signal)
TOPICS: Final[tuple[Topic, ...]] = get_args(Topic)
FRICTION_CATEGORIES: Final[tuple[FrictionCategory, ...]] = get_args(FrictionCategory)
SCORER_TIERS: Final[tuple[ScorerTier, ...]] = get_args(ScorerTier)

UNDETERMINED: Final = "und"  # BCP 47: the language could not be told.
