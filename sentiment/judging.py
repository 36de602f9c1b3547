"""From probabilities to what a score says: thresholds, the rules' last word, evidence."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, OUTPUTS, SENTIMENT, SEVERITY
from resonance.sentiment.rules import RulesScore
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
Floats = NDArray[np.float32]
OffIn = Mapping[str, tuple[str, ...]]  # Flag -> languages in which its head is not trusted.


class Judged(msgspec.Struct, frozen=True, gc=False):
    """What a model and the rules together say of one comment."""

    sentiment: Sentiment
    signals: tuple[Signal, ...]
    topics: tuple[Topic, ...]
    friction: tuple[Friction, ...]


def rules_rows(found: Sequence[RulesScore]) -> Floats:
    """Return what the rules say for each of the model's outputs: (comments, outputs).

    Of sentiment the logs of its probabilities, of a flag 0 or 1.
    """
    rows = np.zeros((len(found), len(OUTPUTS)), np.float32)
    sentiments = [rules.sentiment for rules in found]
    feelings = np.array([(said.negative, said.neutral, said.positive) for said in sentiments])
    rows[:, : len(SENTIMENT)] = np.log(np.maximum(feelings, PROBABILITY_MIN))
    raised = [
        (row, len(SENTIMENT) + FLAG_INDEX[name])
        for row, rules in enumerate(found)
        for name in (*rules.signals, *rules.topics, *[each.category for each in rules.friction])
    ]
    if raised:
        rows[tuple(zip(*raised, strict=True))] = 1.0
    return rows


def rules_row(found: RulesScore) -> Floats:
    """Return the row of one comment."""
    row: Floats = rules_rows([found])[0]
    return row


def judge(probabilities: Floats, found: Sequence[RulesScore], off: OffIn) -> list[Judged]:
    """Return what is said of each comment; `probabilities` (comments, outputs)."""
    rounded = np.round(probabilities.astype(np.float64), PROBABILITY_DECIMALS)
    raised: list[set[str]] = [set() for _ in found]
    for row, column in np.argwhere(rounded[:, len(SENTIMENT) :] >= THRESHOLD).tolist():
        raised[row].add(FLAGS[column])
    feelings = rounded[:, : len(SENTIMENT)].tolist()
    return [
        _judged(_with_rules(flags, rules, off), _sentiment(*feeling), rules)
        for flags, feeling, rules in zip(raised, feelings, found, strict=True)
    ]


def _judged(raised: set[str], sentiment: Sentiment, found: RulesScore) -> Judged:
    if not raised:
        return Judged(sentiment, (), (), ())
    if "spam" in raised:  # An advertisement asks and praises as part of the game.
        return Judged(sentiment, ("spam",), (), ())
    signals = tuple([name for name in SIGNALS if name in raised])
    topics = () if "giveaway" in raised else tuple([name for name in TOPICS if name in raised])
    return Judged(sentiment, signals, topics, _friction(raised, found))


def _friction(raised: set[str], found: RulesScore) -> tuple[Friction, ...]:
    if raised.isdisjoint(FRICTION_CATEGORIES):  # As most are.
        return ()
    severity = 1 + sum(name in raised for name in SEVERITY)
    return tuple(
        Friction(category, severity, _evidence(category, found))
        for category in FRICTION_CATEGORIES
        if category in raised
    )


def _with_rules(raised: set[str], found: RulesScore, off: OffIn) -> set[str]:
    """Apply what rules know better: a question mark asks; a head without data is silent."""
    for name, languages in off.items():
        if found.reading.language in languages:
            raised.discard(name)
            raised |= {signal for signal in found.signals if signal == name}
    if "question" in found.signals and found.reading.has_question_mark:
        raised.add("question")
    if not found.reading.has_words:  # A bare "??" wonders; there is nothing to answer.
        raised.discard("question")
    if "spam" in found.signals and found.reading.has_url:
        raised.add("spam")
    return raised


def _sentiment(negative: float, _: float, positive: float) -> Sentiment:
    """Return three that sum to exactly 1."""
    return Sentiment(negative, round(1.0 - negative - positive, PROBABILITY_DECIMALS), positive)


def _evidence(category: FrictionCategory, found: RulesScore) -> str:
    """Return the words that speak of a friction: a pack's, else a topic's, else the comment's."""
    for friction in found.friction:
        if friction.category == category:
            return friction.evidence
    for topic in _TOPIC_OF.get(category, ()):
        for match in found.reading.of_kind("topic"):
            if match.entry.label == topic:
                return found.reading.words(match)
    return found.reading.form.strip()[:EVIDENCE_MAX_CHARACTERS]
