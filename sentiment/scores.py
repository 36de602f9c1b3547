"""What scoring one text returns. Values only; how they are found is in `score`."""

from typing import Literal

import msgspec

from resonance.sentiment.vocabulary import FrictionCategory, ScorerTier, Signal, Topic

SentimentClass = Literal["negative", "neutral", "positive", "unscored"]


# No score can be part of a cycle, and caches hold many: `gc=False` spares the collector.
class Sentiment(msgspec.Struct, frozen=True, gc=False):
    """Three probabilities that sum to 1, each rounded to 4 decimals before anything is decided."""

    negative: float
    neutral: float
    positive: float

    @property
    def valence(self) -> float:
        """P(positive) - P(negative), from -1.0 to 1.0."""
        return round(self.positive - self.negative, 4)


class Friction(msgspec.Struct, frozen=True, gc=False):
    """One way in which cultures collide in a comment, and the words that say so.

    `severity`: 1 a plain question, 2 an annoyance or obstacle, 3 money or an order lost, or anger.
    """

    category: FrictionCategory
    severity: int
    evidence: str


class Score(msgspec.Struct, frozen=True, gc=False):
    """Everything that the words of one comment say."""

    text_key: int  # 64 bits of the normalised text: equal texts, equal keys.
    language: str  # BCP 47 primary tag, or "und".
    sentiment: Sentiment
    signals: tuple[Signal, ...]  # In vocabulary order, each at most once.
    topics: tuple[Topic, ...]  # In vocabulary order, each at most once.
    friction: tuple[Friction, ...]  # At most one per category.
    scorer: ScorerTier
