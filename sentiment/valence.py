"""Sentiment: how the words, emoji and signals of a comment add up."""

from math import exp
from typing import Final

from resonance.sentiment.reading import Reading
from resonance.sentiment.scores import Sentiment
from resonance.sentiment.vocabulary import Signal

NEUTRAL_LOGIT: Final = 1.2  # What opinion has to outweigh; half of one strong word.
VALENCE_MAX: Final = 6.0  # Beyond, more words make no opinion stronger.
NEGATED_SHARE: Final = -0.8  # "not good" is milder than "bad".
EMOJI_SHARE: Final = 0.8

# What a signal says about the mood, beside its words.
_SIGNAL_VALENCE: Final[dict[Signal, float]] = {
    "complaint": -2.0,
    "toxic": -2.5,
    "praise": 2.0,
    "purchase_intent": 1.3,
}

NEUTRAL: Final = Sentiment(negative=0.0, neutral=1.0, positive=0.0)


def find_sentiment(reading: Reading, signals: tuple[Signal, ...]) -> tuple[Sentiment, bool]:
    """Return the sentiment, and whether anything in the comment spoke for one."""
    if "spam" in signals:
        return NEUTRAL, True
    valences = spoken_valences(reading)
    valences += [_SIGNAL_VALENCE[signal] for signal in signals if signal in _SIGNAL_VALENCE]
    if not valences and not reading.laughs:
        return NEUTRAL, False
    positive = min(sum(valence for valence in valences if valence > 0), VALENCE_MAX)
    negative = min(-sum(valence for valence in valences if valence < 0), VALENCE_MAX)
    return _probabilities(negative, positive), True


def spoken_valences(reading: Reading) -> list[float]:
    """Return the valence of each word and emoji that has one, negation applied."""
    words: dict[tuple[int, int], float] = {}
    for match in reading.of_kind("valence"):
        # Two packs may know the same word: it is one opinion.
        share = NEGATED_SHARE if reading.is_negated(match) else 1.0
        words.setdefault((match.start, match.end), match.entry.weight * share)
    return [*words.values(), *[valence * EMOJI_SHARE for valence in reading.emoji]]


def _probabilities(negative: float, positive: float) -> Sentiment:
    """Return a softmax over the three classes, rounded so that the sum is exactly 1."""
    shares = exp(negative), exp(NEUTRAL_LOGIT), exp(positive)
    total = sum(shares)
    negative_share = round(shares[0] / total, 4)
    positive_share = round(shares[2] / total, 4)
    return Sentiment(
        negative=negative_share,
        neutral=round(1.0 - negative_share - positive_share, 4),
        positive=positive_share,
    )
