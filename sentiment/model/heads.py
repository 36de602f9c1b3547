"""What the model's outputs are, in order. Weights, training and reading share this list."""

from typing import Final

from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

SENTIMENT: Final = ("negative", "neutral", "positive")  # One softmax; the rest are sigmoids.
SEVERITY: Final = ("severity_2", "severity_3")  # At least 2, at least 3, where there is friction.
FLAGS: Final[tuple[str, ...]] = (*SIGNALS, *TOPICS, *FRICTION_CATEGORIES, *SEVERITY)
OUTPUTS: Final[tuple[str, ...]] = (*SENTIMENT, *FLAGS)

FLAG_INDEX: Final = {name: index for index, name in enumerate(FLAGS)}
