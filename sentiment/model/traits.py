"""What the rules saw in a comment, as numbers.

The part of the model's input that every language shares: what one language's comments teach is
known in all.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.matching import Match
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.reading import Reading
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

WEIGHT_MAX: Final = 3.0  # More phrases for a label make it no surer.
VALENCE_MAX: Final = 4.0
LONG_WORDS: Final = 12

_DECIMAL: Final = re.compile(r"\d")

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
_LABEL_COLUMNS: Final = {
    kind: {label: column for column, (of, label) in enumerate(_LABELS) if of == kind}
    for kind in ("signal", "topic", "friction")
}
_COUNTED: Final = {
    "negator": _COLUMN["negators"],
    "loss": _COLUMN["losses"],
    "claim": _COLUMN["claims"],
}


def traits(reading: Reading) -> NDArray[np.float32]:
    """Return one number for each of `TRAITS`, of about unit size."""
    row: NDArray[np.float32] = traits_of([reading])[0]
    return row


def traits_of(readings: Sequence[Reading]) -> NDArray[np.float32]:
    """Return the traits of each reading: (readings, traits)."""
    columns: list[int] = []
    amounts: list[float] = []
    counts = []
    for reading in readings:
        before = len(columns)
        _add_opinions(reading, columns, amounts)
        counts.append(len(columns) - before)
    rows = np.repeat(np.arange(len(readings)), counts)
    places = rows * len(TRAITS) + np.array(columns, np.int64)
    sums = np.bincount(places, amounts, minlength=len(readings) * len(TRAITS))
    result = sums.reshape(len(readings), len(TRAITS)).astype(np.float32)
    for name, values in _looks(readings).items():
        result[:, _COLUMN[name]] = values
    return np.minimum(result, WEIGHT_MAX, out=result)


def _add_opinions(reading: Reading, columns: list[int], amounts: list[float]) -> None:
    """Add what phrases, emoji and the language say, by column; a column may come again."""
    for kind, matches in reading.by_kind.items():
        if kind in _LABEL_COLUMNS:
            of_label = _LABEL_COLUMNS[kind]
            for match in matches:
                columns.append(of_label[match.entry.label])
                amounts.append(match.entry.weight)
        elif kind == "valence":
            for match in matches:
                column, amount = _valence(reading, match)
                columns.append(column)
                amounts.append(amount)
        elif kind in _COUNTED:
            columns.append(_COUNTED[kind])
            amounts.append(float(len(matches)))
    for valence in reading.emoji:
        columns.append(_COLUMN["emoji_praise" if valence > 0 else "emoji_blame"])
        amounts.append(abs(valence) / 2)
    if reading.language in LANGUAGES:
        columns.append(_COLUMN[reading.language])
        amounts.append(1.0)


def _valence(reading: Reading, match: Match) -> tuple[int, float]:
    weight = match.entry.weight
    name = "praised" if weight > 0 else "blamed"
    if reading.is_negated(match):
        name = "praise_negated" if weight > 0 else "blame_negated"
    return _COLUMN[name], min(abs(weight), VALENCE_MAX) / 2


def _looks(readings: Sequence[Reading]) -> dict[str, Sequence[bool] | NDArray[np.generic]]:
    """Return what is to be seen without the packs: a value of each reading."""
    words = np.array([len(reading.form.split()) for reading in readings])
    return {
        "question_mark": [reading.has_question_mark for reading in readings],
        "exclamation": ["!" in reading.normalised for reading in readings],
        "laughter": [reading.laughs for reading in readings],
        "link": [reading.has_url for reading in readings],
        "wordless": [not reading.has_words for reading in readings],
        "digits": [has_digits(reading.normalised) for reading in readings],
        "words": np.minimum(words, LONG_WORDS) / LONG_WORDS,
        "long": words > LONG_WORDS,
    }


def has_digits(text: str) -> bool:
    """Tell whether any character is a digit, of whatever script."""
    if _DECIMAL.search(text):  # Faster to find, and nearly all there are.
        return True
    return not text.isascii() and any(map(str.isdigit, text))
