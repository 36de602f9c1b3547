"""What the rules saw in a comment, as numbers.

The part of the model's input that every language shares: what one language's comments teach is
known in all.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.columns import Places
from resonance.sentiment.comments import DIGIT, EXCLAMATION_MARK
from resonance.sentiment.matching import word_count
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.reading import Readings
from resonance.sentiment.sayings import LANGUAGE, NO_LABEL, sayings
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

WEIGHT_MAX: Final = 3.0  # More phrases for a label make it no surer.
VALENCE_MAX: Final = 4.0
LONG_WORDS: Final = 12

_LABELS: Final[tuple[tuple[str, str], ...]] = (
    *(("signal", label) for label in SIGNALS),
    *(("topic", label) for label in TOPICS),
    *(("friction", label) for label in FRICTION_CATEGORIES),
)
_WORDS: Final = (
    *("praised", "blamed", "praise_negated", "blame_negated", "negators", "losses", "claims"),
    *("emoji_praise", "emoji_blame", "question_mark", "exclamation", "laughter", "link"),
    *("wordless", "digits", "words", "long"),
)
TRAITS: Final[tuple[str, ...]] = (*(":".join(pair) for pair in _LABELS), *_WORDS, *LANGUAGES)
LANGUAGE_TRAITS: Final = slice(len(_LABELS) + len(_WORDS), len(TRAITS))

_COLUMN: Final = {name: column for column, name in enumerate(TRAITS)}
_COUNTED: Final = {
    "negator": _COLUMN["negators"],
    "loss": _COLUMN["losses"],
    "claim": _COLUMN["claims"],
}


def traits_of(readings: Readings) -> NDArray[np.float32]:
    """Return one number for each of `TRAITS`, of about unit size: (readings, traits)."""
    opinions = [_labels(readings), _valences(readings), _emoji(readings), _languages(readings)]
    rows, columns, amounts = map(np.concatenate, zip(*opinions, strict=True))
    places = rows * len(TRAITS) + columns
    sums = np.bincount(places, amounts, minlength=len(readings) * len(TRAITS))
    result = sums.reshape(len(readings), len(TRAITS)).astype(np.float32)
    for kind, column in _COUNTED.items():
        counted = readings.of_kind(kind).comments
        result[:, column] = np.bincount(counted, minlength=len(readings))
    for name, values in _looks(readings).items():
        result[:, _COLUMN[name]] = values
    return np.minimum(result, WEIGHT_MAX, out=result)


# Each of these returns rows, columns and amounts; what stands at one place is added up.
Amounts = tuple[Places, Places, NDArray[np.float64]]


def _labels(readings: Readings) -> Amounts:
    """Return how much phrases say for each label."""
    said, matches = sayings(), readings.matches
    entries = matches.entries
    has_label = said.labels[entries] != NO_LABEL
    entries = entries[has_label]
    return matches.comments[has_label], said.labels[entries], said.weights[entries]


def _valences(readings: Readings) -> Amounts:
    matches = readings.of_kind("valence")
    weights = sayings().weights[matches.entries]
    praise = np.where(readings.are_negated, _COLUMN["praise_negated"], _COLUMN["praised"])
    blame = np.where(readings.are_negated, _COLUMN["blame_negated"], _COLUMN["blamed"])
    columns = np.where(weights > 0, praise, blame)
    return matches.comments, columns, np.minimum(np.abs(weights), VALENCE_MAX) / 2


def _emoji(readings: Readings) -> Amounts:
    comments, amounts = readings.emoji
    columns = np.where(amounts > 0, _COLUMN["emoji_praise"], _COLUMN["emoji_blame"])
    return comments, columns, np.abs(amounts) / 2


def _languages(readings: Readings) -> Amounts:
    places = np.array([LANGUAGE.get(language, -1) for language in readings.languages], np.int64)
    ours = np.flatnonzero(places >= 0)
    return ours, LANGUAGE_TRAITS.start + places[ours], np.ones(len(ours))


def _looks(readings: Readings) -> dict[str, NDArray[np.generic]]:
    """Return what is to be seen without the packs: a value of each reading."""
    comments = readings.comments
    words = np.array([word_count(form) for form in comments.forms])
    return {
        "question_mark": readings.have_question_mark,
        "exclamation": comments.hold(EXCLAMATION_MARK),
        "laughter": readings.laugh,
        "link": readings.have_url,
        "wordless": ~readings.have_words,
        "digits": comments.hold(DIGIT),
        "words": np.minimum(words, LONG_WORDS) / LONG_WORDS,
        "long": words > LONG_WORDS,
    }
