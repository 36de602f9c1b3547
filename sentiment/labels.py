"""Signals and topics: what a comment wants and what it is about."""

import re
from typing import Final

from resonance.sentiment.asking import asks
from resonance.sentiment.reading import Reading
from resonance.sentiment.valence import spoken_valences
from resonance.sentiment.vocabulary import SIGNALS, TOPICS, Signal, Topic

FLAG_MIN: Final = 0.95  # Weights add up to 1; the slack is for binary fractions.
COMPLAINT_VALENCE: Final = -1.0  # One weak word against it, and none for it.
CLAIM_MAX_WORDS: Final = 8  # A longer sentence with a number in it is talk, not an order.

# A code alone: "17", "b22", "jn-204", "12 xl", "24x2". Not a poll's "1", nor a price.
_BARE_CODE: Final = re.compile(
    r"^(?:#|no\.? ?|n°|№)?(?:[a-z]{1,3}[- ]?)?\d{1,3}"
    r"(?:[ -]?(?:xs|s|m|l|xl|xxl|[2-5]xl))?(?: ?[x×*] ?\d{1,2})?$"
)
_POLL_OR_LUCK: Final = re.compile(r"^(?:[0-5]|1+|5{3,}|6{3,}|8{3,}|520|886|233+)$")
_PLUS_ONE: Final = re.compile(r"^\+ ?\d{1,2}$")
_NUMBER: Final = re.compile(r"\d")


def find_signals(reading: Reading) -> tuple[Signal, ...]:
    """Return the signals of a comment, in vocabulary order."""
    weights = _weights(reading, "signal")
    if (reading.has_question_mark and reading.has_words) or asks(reading):
        weights["question"] = 1.0
    if _is_claim(reading):
        weights["order_code"] = 1.0
    if reading.has_url:
        weights["spam"] = 1.0
    if _is_bad_word_on_a_topic(reading):
        weights["complaint"] = 1.0
    if not weights:
        return ()
    # An advertisement or a lucky draw asks and praises as part of the game.
    if weights.get("spam", 0.0) >= FLAG_MIN:
        return ("spam",)
    raised = _raised(weights)
    return tuple([signal for signal in SIGNALS if signal in raised]) if raised else ()


def find_topics(reading: Reading, signals: tuple[Signal, ...]) -> tuple[Topic, ...]:
    """Return what a comment is about, in vocabulary order; spam is about nothing."""
    if not reading.of_kind("topic") or "spam" in signals or "giveaway" in signals:
        return ()
    raised = _raised(_weights(reading, "topic"))
    return tuple([topic for topic in TOPICS if topic in raised]) if raised else ()


def _weights(reading: Reading, kind: str) -> dict[str, float]:
    """Return how much the words of one kind speak for each label that has any."""
    if len(matches := reading.of_kind(kind)) == 1:
        return {matches[0].entry.label: matches[0].entry.weight}
    # Two packs, or two spellings, may say the same of the same words.
    places: dict[tuple[int, str], float] = {}
    for match in matches:
        places.setdefault((match.start, match.entry.label), match.entry.weight)
    weights: dict[str, float] = {}
    for (_, label), weight in places.items():
        weights[label] = weights.get(label, 0.0) + weight
    return weights


def _raised(weights: dict[str, float]) -> set[str]:
    return {label for label, weight in weights.items() if weight >= FLAG_MIN}


def _is_bad_word_on_a_topic(reading: Reading) -> bool:
    """Tell whether more is said against than for something that is on offer: a complaint."""
    topics = reading.of_kind("topic")
    if not topics or reading.has_question_mark:
        return False
    return (
        sum(spoken_valences(reading)) <= COMPLAINT_VALENCE
        and max(match.entry.weight for match in topics) >= FLAG_MIN
    )


def _is_claim(reading: Reading) -> bool:
    """Tell whether the comment claims an item: a code alone, or a claim word beside a number."""
    if not _NUMBER.search(reading.normalised):
        return False
    text = reading.normalised.strip(" .!,~")
    if _PLUS_ONE.match(text) or (_BARE_CODE.match(text) and not _POLL_OR_LUCK.match(text)):
        return True
    if reading.form.count(" ") - 1 > CLAIM_MAX_WORDS or "?" in reading.normalised:
        return False
    for match in reading.of_kind("claim"):
        before = reading.form[: match.start].rstrip().rpartition(" ")[2]
        # A word of a script without spaces ends at its last letter, others at the space after it.
        end = match.end - (reading.form[match.end - 1] == " ")
        after = reading.form[end:].lstrip().partition(" ")[0]
        if _NUMBER.search(before + after):
            return True
    return False
