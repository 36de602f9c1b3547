"""Friction: where cultures, rules and habits collide in a comment."""

from typing import Final

from resonance.sentiment.reading import Reading
from resonance.sentiment.scores import Friction
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, FrictionCategory, Signal, Topic

QUESTION_SEVERITY: Final = 1
LOSS_SEVERITY: Final = 3

# Doubt about customs or authenticity is friction as soon as it is voiced; money is at stake.
_TOPIC_FRICTION: Final[tuple[tuple[Topic, FrictionCategory], ...]] = (
    ("authenticity", "trust_counterfeit"),
    ("customs_tax", "customs_regulation"),
)


def find_friction(
    reading: Reading, signals: tuple[Signal, ...], topics: tuple[Topic, ...]
) -> tuple[Friction, ...]:
    """Return at most one friction per category, with its severity and the words that say so."""
    if "spam" in signals or not (reading.of_kind("friction") or topics):
        return ()
    found: dict[str, Friction] = {}

    def keep(category: FrictionCategory, severity: int, evidence: str) -> None:
        if category not in found or found[category].severity < severity:
            found[category] = Friction(category, severity, evidence)

    has_loss = bool(reading.of_kind("loss"))
    for match in reading.of_kind("friction"):
        if not reading.is_negated(match):
            severity = LOSS_SEVERITY if has_loss else int(match.entry.weight)
            keep(_category(match.entry.label), severity, reading.words(match))
    for topic, category in _TOPIC_FRICTION:
        voiced = "complaint" in signals or "question" in signals
        if topic not in topics or not voiced:
            continue
        severity = LOSS_SEVERITY if "complaint" in signals else QUESTION_SEVERITY
        for match in reading.of_kind("topic"):
            if match.entry.label == topic and not reading.is_negated(match):
                keep(category, severity, reading.words(match))
                break
    return tuple([found[category] for category in FRICTION_CATEGORIES if category in found])


def _category(label: str) -> FrictionCategory:
    for category in FRICTION_CATEGORIES:
        if category == label:
            return category
    msg = f"a pack names the friction {label!r}"  # Unreachable: packs are checked when read.
    raise AssertionError(msg)
