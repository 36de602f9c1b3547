"""Friction: where cultures, rules and habits collide in a comment."""

from collections.abc import Iterable
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.reading import Match, Reading, Readings
from resonance.sentiment.scores import Friction
from resonance.sentiment.vocabulary import (
    FRICTION_CATEGORIES,
    SIGNALS,
    TOPICS,
    FrictionCategory,
    Topic,
)

QUESTION_SEVERITY: Final = 1
LOSS_SEVERITY: Final = 3

# "I do not understand", "no centimetres", "do not mock our faith": a negator takes nothing back.
_SAID_BY_LACK: Final = frozenset({"language_barrier", "units_currency_size", "taboo_etiquette"})

_CATEGORY: Final[dict[str, FrictionCategory]] = {name: name for name in FRICTION_CATEGORIES}

# Doubt about customs or authenticity is friction as soon as it is voiced; money is at stake.
_TOPIC_FRICTION: Final[tuple[tuple[Topic, FrictionCategory], ...]] = (
    ("authenticity", "trust_counterfeit"),
    ("customs_tax", "customs_regulation"),
)


def find_friction(
    readings: Readings, signals: NDArray[np.bool_], topics: NDArray[np.bool_]
) -> dict[int, tuple[Friction, ...]]:
    """Return the friction of the comments that have any, by their places.

    `signals` [comments, signals] and `topics` [comments, topics] are those raised.
    """
    complains, asks, is_spam = (
        signals[:, SIGNALS.index(signal)] for signal in ("complaint", "question", "spam")
    )
    columns = [TOPICS.index(topic) for topic, _ in _TOPIC_FRICTION]
    voiced = topics[:, columns] & (complains | asks)[:, None]
    may = (readings.have_kind("friction") | voiced.any(axis=1)) & ~is_spam
    places = np.flatnonzero(may)
    severities = np.where(complains, LOSS_SEVERITY, QUESTION_SEVERITY)[places].tolist()
    have_loss = readings.have_kind("loss")[places].tolist()
    found = {}
    for place, about, severity, has_loss in zip(
        places.tolist(), voiced[places].tolist(), severities, have_loss, strict=True
    ):
        severity_min = LOSS_SEVERITY if has_loss else 0
        about_topics = compress(_TOPIC_FRICTION, about)
        if friction := _friction(readings[place], about_topics, severity, severity_min):
            found[place] = friction
    return found


def _friction(
    reading: Reading,
    voiced: Iterable[tuple[Topic, FrictionCategory]],
    severity_of_topics: int,
    severity_min: int,
) -> tuple[Friction, ...]:
    """Return at most one friction per category, with its severity and the words that say so."""
    found: dict[FrictionCategory, Friction] = {}

    def keep(category: FrictionCategory, severity: int, match: Match) -> None:
        if category not in found or found[category].severity < severity:
            found[category] = Friction(category, severity, reading.words(match))

    for match in reading.of_kind("friction"):
        category = _CATEGORY[match.meaning.label]
        if category in _SAID_BY_LACK or not reading.is_negated(match.start):
            keep(category, max(severity_min, int(match.meaning.weight)), match)
    for topic, category in voiced:
        for match in reading.of_kind("topic"):
            if match.meaning.label == topic and not reading.is_negated(match.start):
                keep(category, severity_of_topics, match)
                break
    return tuple([found[category] for category in FRICTION_CATEGORIES if category in found])
