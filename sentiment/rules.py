"""The rules' own reading of comments: what the packs say, before any model is asked."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.friction import find_friction
from resonance.sentiment.labels import find_signals, find_topics
from resonance.sentiment.reading import Readings
from resonance.sentiment.sayings import LABEL, LABELS
from resonance.sentiment.scores import Friction
from resonance.sentiment.valence import find_sentiment, spoken_valences
from resonance.sentiment.vocabulary import SIGNALS, TOPICS

_TOPICS_FROM: Final = len(SIGNALS)
_FRICTION_FROM: Final = len(SIGNALS) + len(TOPICS)


class RulesScores(NamedTuple):
    """What the rules found in a batch of comments."""

    readings: Readings
    raised: NDArray[np.bool_]  # [comments, labels], in the order of `LABELS`.
    friction: Mapping[int, tuple[Friction, ...]]  # By a comment's place; only where there is any.
    sentiment: NDArray[np.float64]  # [comments, 3]: negative, neutral, positive.
    felt: NDArray[np.bool_]  # Whether a word or an emoji spoke for the sentiment.

    @classmethod
    def of(cls, readings: Readings) -> "RulesScores":
        """Return what the rules find."""
        spoken = spoken_valences(readings)
        signals = find_signals(readings, spoken)
        topics = find_topics(readings, signals)
        friction = find_friction(readings, signals, topics)
        raised = np.zeros((len(readings), len(LABELS)), np.bool_)
        raised[:, :_TOPICS_FROM] = signals
        raised[:, _TOPICS_FROM:_FRICTION_FROM] = topics
        are_felt = [
            (place, LABEL[each.category]) for place, found in friction.items() for each in found
        ]
        raised[tuple(np.array(are_felt, np.int64).reshape(-1, 2).T)] = True
        return cls(readings, raised, friction, *find_sentiment(readings, spoken, signals))

    @property
    def have_spoken(self) -> NDArray[np.bool_]:
        """Tell of each comment whether any rule had something to say."""
        have: NDArray[np.bool_] = self.felt | self.raised.any(axis=1)
        return have
