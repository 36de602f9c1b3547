"""Friction: where cultures, rules and habits collide in a comment."""

from collections.abc import Iterable
from itertools import compress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.reading import Reading, Readings
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
    found = {}
    for place in np.flatnonzero(may).tolist():
        about = compress(_TOPIC_FRICTION, voiced[place].tolist())
        severity = LOSS_SEVERITY if complains[place] else QUESTION_SEVERITY
        if friction := _friction(readings[place], about, severity):
            found[place] = friction
    return found


def _friction(
    reading: Reading,
    voiced: Iterable[tuple[Topic, FrictionCategory]],
    severity_of_topics: int,
) -> tuple[Friction, ...]:
    """Return at most one friction per category, with its severity and the words that say so."""
    found: dict[str, Friction] = {}

    def keep(category: FrictionCategory, severity: int, evidence: str) -> None:
        if category not in found or found[category].severity < severity:
            found[category] = Friction(category, severity, evidence)

    has_loss = bool(reading.of_kind("loss"))
    for match in reading.of_kind("friction"):
        if match.entry.label in _SAID_BY_LACK or not reading.is_negated(match):
            severity = LOSS_SEVERITY if has_loss else int(match.entry.weight)
            keep(_category(match.entry.label), severity, reading.words(match))
    for topic, category in voiced:
        for match in reading.of_kind("topic"):
            if match.entry.label == topic and not reading.is_negated(match):
                keep(category, severity_of_topics, reading.words(match))
                break
    return tuple([found[category] for category in FRICTION_CATEGORIES if category in found])


def _category(label: str) -> FrictionCategory:
    for category in FRICTION_CATEGORIES:
        if category == label:
            return category
    msg = f"a pack names the friction {label!r}"  # Unreachable: packs are checked when read.
    raise AssertionError(msg)
