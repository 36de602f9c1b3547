"""From probabilities to what a score says: thresholds, the rules' last word, evidence."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, OUTPUTS, SENTIMENT, SEVERITY
from resonance.sentiment.rules import RulesScores
from resonance.sentiment.sayings import LABEL, LABELS
from resonance.sentiment.scores import Friction, Sentiment
from resonance.sentiment.vocabulary import (
    FRICTION_CATEGORIES,
    SIGNALS,
    TOPICS,
    FrictionCategory,
    Signal,
    Topic,
)

PROBABILITY_DECIMALS: Final = 4  # Rounded before anything is decided: the last bits are chance.
PROBABILITY_MIN: Final = 0.02  # No rule is surer than that.
THRESHOLD: Final = 0.5  # Of every flag; what a head lacks in calibration is in its bias.
EVIDENCE_MAX_CHARACTERS: Final = 80

# Where the words on a topic stand, there stands the evidence of a friction about it.
_TOPIC_OF: Final[dict[FrictionCategory, tuple[Topic, ...]]] = {
    "units_currency_size": ("size_units", "price"),
    "hard_sell": ("stock", "price", "host_stream"),
    "trust_counterfeit": ("authenticity", "quality"),
    "customs_regulation": ("customs_tax", "shipping"),
}
_BITS: Final = 1 << np.arange(len(FLAGS))  # A comment's flags as one number.
_QUESTION, _SPAM, _GIVEAWAY = (FLAG_INDEX[name] for name in ("question", "spam", "giveaway"))

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]  # (comments, flags).
OffIn = Mapping[str, tuple[str, ...]]  # Flag -> languages in which its head is not trusted.


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What a model and the rules together say of one comment."""

    sentiment: Sentiment
    signals: tuple[Signal, ...]
    topics: tuple[Topic, ...]
    friction: tuple[Friction, ...]


class Raised(NamedTuple):
    """The flags of one comment by name, each tuple in vocabulary order."""

    signals: tuple[Signal, ...]
    topics: tuple[Topic, ...]
    friction: tuple[FrictionCategory, ...]
    severity: int  # Of all its friction.


def rules_rows(found: RulesScores) -> Floats:
    """Return what the rules say for each of the model's outputs: (comments, outputs).

    Of sentiment the logs of its probabilities, of a flag 0 or 1.
    """
    rows = np.zeros((len(found.readings), len(OUTPUTS)), np.float32)
    rows[:, : len(SENTIMENT)] = np.log(np.maximum(found.sentiment, PROBABILITY_MIN))
    rows[:, len(SENTIMENT) : len(SENTIMENT) + len(LABELS)] = found.raised
    return rows


def judge(probabilities: Floats, found: RulesScores, off: OffIn) -> list[Judged]:
    """Return what is said of each comment; `probabilities` (comments, outputs)."""
    rounded = np.round(probabilities.astype(np.float64), PROBABILITY_DECIMALS)
    flags = _with_rules(rounded[:, len(SENTIMENT) :] >= THRESHOLD, found, off)
    raised = map(_named, (flags @ _BITS).tolist())
    return [
        Judged(
            Sentiment(*feeling),
            said.signals,
            said.topics,
            tuple([_friction(category, said.severity, found, place) for category in said.friction]),
        )
        for place, (said, feeling) in enumerate(zip(raised, _feelings(rounded), strict=True))
    ]


def judge_by_rules(found: RulesScores) -> list[Judged]:
    """Return what the rules alone say of each comment."""
    raised = map(_named, (found.raised @ _BITS[: len(LABELS)]).tolist())
    return [
        Judged(Sentiment(*feeling), said.signals, said.topics, found.friction.get(place, ()))
        for place, (said, feeling) in enumerate(zip(raised, found.sentiment.tolist(), strict=True))
    ]


def _with_rules(raised: Flags, found: RulesScores, off: OffIn) -> Flags:
    """Apply what rules know better: marks ask, heads without data and unknown words are silent."""
    readings = found.readings
    for name, languages in off.items():
        is_off = np.array([language in languages for language in readings.languages], np.bool_)
        by_rules = name in LABEL and found.raised[:, LABEL[name]]
        raised[:, FLAG_INDEX[name]] = np.where(is_off, by_rules, raised[:, FLAG_INDEX[name]])
    # A name or the code word of a raffle, to a model, is what it resembles by its letters.
    unknown = readings.are_names_or_numbers
    raised[unknown] = False
    raised[unknown, : len(LABELS)] = found.raised[unknown]
    raised[:, _QUESTION] |= found.raised[:, _QUESTION] & readings.have_question_mark
    raised[:, _QUESTION] &= readings.have_words  # A bare "??" wonders; nothing is to be answered.
    raised[:, _SPAM] |= found.raised[:, _SPAM] & readings.have_url
    return raised


@lru_cache(maxsize=4_096)  # Of millions of sums few are ever said.
def _named(bits: int) -> Raised:
    """Return the flags whose bits are set."""
    if bits & 1 << _SPAM:  # An advertisement asks and praises as part of the game.
        return Raised(("spam",), (), (), 0)
    is_giveaway = bits & 1 << _GIVEAWAY
    return Raised(
        tuple([name for name in SIGNALS if bits & 1 << FLAG_INDEX[name]]),
        tuple([name for name in TOPICS if bits & 1 << FLAG_INDEX[name] and not is_giveaway]),
        tuple([name for name in FRICTION_CATEGORIES if bits & 1 << FLAG_INDEX[name]]),
        1 + sum(bits >> FLAG_INDEX[name] & 1 for name in SEVERITY),
    )


def _friction(
    category: FrictionCategory, severity: int, found: RulesScores, place: int
) -> Friction:
    """Return a friction with the words that speak of it: a pack's, else a topic's, else all."""
    for friction in found.friction.get(place, ()):
        if friction.category == category:
            return Friction(category, severity, friction.evidence)
    reading = found.readings[place]
    for topic in _TOPIC_OF.get(category, ()):
        for match in reading.of_kind("topic"):
            if match.meaning.label == topic:
                return Friction(category, severity, reading.words(match))
    return Friction(category, severity, reading.form.strip()[:EVIDENCE_MAX_CHARACTERS])


def _feelings(rounded: NDArray[np.floating]) -> list[list[float]]:
    """Return the sentiment of each comment: three that sum to exactly 1."""
    negative, _, positive = rounded[:, : len(SENTIMENT)].T
    neutral = np.round(1.0 - negative - positive, PROBABILITY_DECIMALS)
    feelings: list[list[float]] = np.stack([negative, neutral, positive], axis=1).tolist()
    return feelings
