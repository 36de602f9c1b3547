"""Sentiment: how the words, emoji and signals of a comment add up."""

from functools import lru_cache
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.reading import Readings, Valences
from resonance.sentiment.sayings import sayings
from resonance.sentiment.vocabulary import SIGNALS, Signal

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
_SIGNAL_VALENCES: Final = np.array([_SIGNAL_VALENCE.get(signal, 0.0) for signal in SIGNALS])

NEUTRAL: Final = (0.0, 1.0, 0.0)  # As `Sentiment` has it: negative, neutral, positive.

Floats = NDArray[np.float64]


def find_sentiment(
    readings: Readings, spoken: Valences, signals: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the sentiment [comments, 3], and whether anything in a comment spoke for one.

    `spoken` is what `spoken_valences` returns, `signals` [comments, signals] are those raised.
    """
    rows, columns = np.nonzero(signals & (_SIGNAL_VALENCES != 0.0))
    comments = np.concatenate([spoken.comments, rows])
    amounts = np.concatenate([spoken.amounts, _SIGNAL_VALENCES[columns]])
    positive = np.bincount(comments, np.maximum(amounts, 0.0), len(readings))
    negative = np.bincount(comments, np.minimum(amounts, 0.0), len(readings))
    is_spam = signals[:, SIGNALS.index("spam")]
    is_said = (np.bincount(comments, minlength=len(readings)) > 0) | readings.laugh
    sentiment = np.tile(np.array(NEUTRAL), (len(readings), 1))
    moved = np.flatnonzero(is_said & ~is_spam)
    moods = zip((-negative[moved]).tolist(), positive[moved].tolist(), strict=True)
    sentiment[moved] = np.reshape([_probabilities(*mood) for mood in moods], (-1, 3))
    return sentiment, is_said | is_spam


def spoken_valences(readings: Readings) -> Valences:
    """Return the valence of each word and emoji that has one, negation applied."""
    words = readings.of_kind("valence")
    weights = sayings().weights[words.entries]
    amounts = weights * np.where(readings.are_negated, NEGATED_SHARE, 1.0)
    # Two packs may know the same word: it is one opinion.
    places = np.stack([words.comments, words.starts, words.ends])
    is_new = np.diff(places, axis=1, prepend=-1).any(axis=0)
    emoji = readings.emoji
    return Valences(
        np.concatenate([words.comments[is_new], emoji.comments]),
        np.concatenate([amounts[is_new], emoji.amounts * EMOJI_SHARE]),
    )


@lru_cache(maxsize=4_096)  # Weights are few, and so are their sums.
def _probabilities(negative: float, positive: float) -> tuple[float, float, float]:
    """Return a softmax over the three classes, rounded so that the sum is exactly 1."""
    strengths = min(negative, VALENCE_MAX), NEUTRAL_LOGIT, min(positive, VALENCE_MAX)
    shares = [exp(strength) for strength in strengths]
    total = sum(shares)
    negative_share = round(shares[0] / total, 4)
    positive_share = round(shares[2] / total, 4)
    return negative_share, round(1.0 - negative_share - positive_share, 4), positive_share
