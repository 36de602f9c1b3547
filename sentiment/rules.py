"""The rules' own reading of a comment: what the packs say, before any model is asked."""

import msgspec

from resonance.sentiment.friction import find_friction
from resonance.sentiment.labels import find_signals, find_topics
from resonance.sentiment.reading import Reading
from resonance.sentiment.scores import Friction, Sentiment
from resonance.sentiment.valence import find_sentiment
from resonance.sentiment.vocabulary import Signal, Topic


class RulesScore(msgspec.Struct, frozen=True, gc=False):
    """What the rules found in one comment."""

    reading: Reading
    signals: tuple[Signal, ...]
    topics: tuple[Topic, ...]
    friction: tuple[Friction, ...]
    sentiment: Sentiment
    felt: bool  # Whether a word or an emoji spoke for the sentiment.

    @classmethod
    def of(cls, reading: Reading) -> "RulesScore":
        """Return what the rules find in a reading."""
        signals = find_signals(reading)
        topics = find_topics(reading, signals)
        sentiment, felt = find_sentiment(reading, signals)
        return cls(
            reading, signals, topics, find_friction(reading, signals, topics), sentiment, felt
        )

    @property
    def has_spoken(self) -> bool:
        """Tell whether any rule had something to say."""
        return bool(self.felt or self.signals or self.topics or self.friction)
