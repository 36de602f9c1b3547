"""What a scorer asks of a model that takes the place of its own sentiment."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Probabilities(NamedTuple):
    """How likely a text is each of the three; together 1, to the rounding of 4 decimals."""

    negative: float
    neutral: float
    positive: float


class SentimentModel(Protocol):
    """A model of the sentiment alone; what else a score says stays with the scorer."""

    @property
    def version(self) -> str:
        """Which model and which weights: where it differs, scores may differ."""
        ...

    def probabilities(self, texts: Sequence[str]) -> list[Probabilities]:
        """Return the probabilities of each text, in order, each rounded to 4 decimals.

        Any string will do. A text's probabilities depend on it alone, not on its batch.
        """
        ...
