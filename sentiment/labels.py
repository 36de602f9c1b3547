"""Signals and topics: what a comment wants and what it is about."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.asking import asks, have_questions
from resonance.sentiment.claims import are_claims
from resonance.sentiment.reading import Readings, Valences
from resonance.sentiment.sayings import LABEL, sayings
from resonance.sentiment.vocabulary import SIGNALS, TOPICS

FLAG_MIN: Final = 0.95  # Weights add up to 1; the slack is for binary fractions.
COMPLAINT_VALENCE: Final = -1.0  # One weak word against it, and none for it.
_QUESTION, _COMPLAINT, _ORDER_CODE, _GIVEAWAY, _SPAM = map(
    SIGNALS.index, ("question", "complaint", "order_code", "giveaway", "spam")
)

Flags = NDArray[np.bool_]


def find_signals(readings: Readings, spoken: Valences) -> Flags:
    """Return which signals each comment raises: [comments, signals], in vocabulary order.

    `spoken` is what `spoken_valences` returns.
    """
    raised = _weights(readings, "signal", SIGNALS) >= FLAG_MIN
    asking = readings.have_question_mark & readings.have_words
    for place in np.flatnonzero(~asking & have_questions(readings)).tolist():
        asking[place] = asks(readings[place])
    raised[:, _QUESTION] |= asking
    raised[:, _ORDER_CODE] |= are_claims(readings)
    raised[:, _SPAM] |= readings.have_url
    raised[:, _COMPLAINT] |= _are_bad_words_on_a_topic(readings, spoken)
    # An advertisement or a lucky draw asks and praises as part of the game.
    raised[raised[:, _SPAM]] = np.arange(len(SIGNALS)) == _SPAM
    return raised


def find_topics(readings: Readings, signals: Flags) -> Flags:
    """Return what each comment is about: [comments, topics]; spam is about nothing."""
    raised: Flags = _weights(readings, "topic", TOPICS) >= FLAG_MIN
    raised[signals[:, _SPAM] | signals[:, _GIVEAWAY]] = False
    return raised


def _weights(readings: Readings, kind: str, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return how much the words of one kind speak for each of its labels [comments, labels]."""
    matches = readings.of_kind(kind)
    said = sayings()
    columns = said.labels[matches.entries] - LABEL[labels[0]]
    cells = matches.comments * len(labels) + columns
    # Two packs, or two spellings, may say the same of the same words.
    width = int(matches.starts.max(initial=0)) + 1
    _, firsts = np.unique(cells * width + matches.starts, return_index=True)
    weights = said.weights[matches.entries[firsts]]
    sums = np.bincount(cells[firsts], weights, len(readings) * len(labels))
    return sums.astype(np.float64).reshape(len(readings), len(labels))


def _are_bad_words_on_a_topic(readings: Readings, spoken: Valences) -> Flags:
    """Tell whether more is said against than for something that is on offer: a complaint."""
    topics = readings.of_kind("topic")
    is_on_offer = np.zeros(len(readings), np.bool_)
    is_on_offer[topics.comments[sayings().weights[topics.entries] >= FLAG_MIN]] = True
    opinions = np.bincount(spoken.comments, spoken.amounts, len(readings))
    return is_on_offer & ~readings.have_question_mark & (opinions <= COMPLAINT_VALENCE)
