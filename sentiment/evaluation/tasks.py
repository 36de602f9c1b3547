"""What sets of labelled texts ask, and what a score answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from resonance.sentiment.scores import Score
from resonance.sentiment.vocabulary import Signal

SENTIMENT: Final = "sentiment"
QUESTION: Final = "question"
TOPIC: Final = "topic"
SENTIMENT_CLASSES: Final = ("negative", "neutral", "positive")
NONE: Final = "none"


class Task(NamedTuple):
    """One question with one answer a text."""

    classes: Mapping[str, str]  # The data's label to ours; rows with another label are left out.
    answer: Callable[[Score], str]


def _flag(signal: Signal, otherwise: str) -> Callable[[Score], str]:
    return lambda score: signal if signal in score.signals else otherwise


def _complaint_or_purchase(score: Score) -> str:
    """Return the graver of two signals, for sets that know no text with both."""
    for signal in ("complaint", "purchase_intent"):
        if signal in score.signals:
            return signal
    return NONE


_TOXIC: Final = {
    **dict.fromkeys(("toxic", "offensive", "abusive", "hate", "hateful"), "toxic"),
    **dict.fromkeys(("nontoxic", "non_toxic", "not_toxic", "clean", NONE), "nontoxic"),
    **dict.fromkeys(
        ("not_offensive", "non_offensive", "not-offensive", "nonoffensive"), "nontoxic"
    ),
}
_OFFENCE: Final = Task(_TOXIC, _flag("toxic", "nontoxic"))

TASKS: Final[dict[str, Task]] = {
    SENTIMENT: Task(
        {name: name for name in SENTIMENT_CLASSES}, lambda score: most_likely(score)[0]
    ),
    QUESTION: Task(
        {"question": "question", "not_question": "not_question"}, _flag("question", "not_question")
    ),
    "toxicity": _OFFENCE,
    "offensive": _OFFENCE,
    "spam": Task({"spam": "spam", "ham": "ham"}, _flag("spam", "ham")),
    # Thanks are praise to us.
    "praise": Task({"praise": "praise", "gratitude": "praise", NONE: NONE}, _flag("praise", NONE)),
    "purchase": Task(
        {"purchase_intent": "purchase_intent", NONE: NONE}, _flag("purchase_intent", NONE)
    ),
    "complaint": Task({"complaint": "complaint", NONE: NONE}, _flag("complaint", NONE)),
    "signal": Task(
        {name: name for name in ("complaint", "purchase_intent", NONE)}, _complaint_or_purchase
    ),
}

# The data's topic to ours. The seller's service is no topic of ours.
TOPICS: Final = {
    "shipping": "shipping",
    "payment": "payment",
    "price": "price",
    "aftersales": "returns",
    "size": "size_units",
    "quality": "quality",
    "trust": "authenticity",
}


def most_likely(score: Score, among: Iterable[str] = SENTIMENT_CLASSES) -> tuple[str, float]:
    """Return the likeliest sentiment among some, and its probability among them."""
    shares = {name: getattr(score.sentiment, name) for name in among}
    name = max(shares, key=shares.__getitem__)
    total = sum(shares.values())
    return name, shares[name] / total if total else 1 / len(shares)


def topics_of(label: str) -> set[str]:
    """Return our topics of a set's label: `price,size`, or `mentioned|negative`."""
    mentioned = label.partition("|")[0]
    return {TOPICS[name] for name in mentioned.split(",") if name in TOPICS}


def without_question_marks(text: str) -> str:
    """Return the text as live chat asks: nobody types the mark."""
    return text.replace("¿", "").rstrip(" \t?？؟")
