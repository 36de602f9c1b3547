"""What the rules saw in a comment, as numbers.

The part of the model's input that every language shares: what one language's comments teach is
known in all.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.reading import Reading
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

WEIGHT_MAX: Final = 3.0  # More phrases for a label make it no surer.
VALENCE_MAX: Final = 4.0
LONG_WORDS: Final = 12

_LABELS: Final[tuple[tuple[str, str], ...]] = (
    *(("signal", label) for label in SIGNALS),
    *(("topic", label) for label in TOPICS),
    *(("friction", label) for label in FRICTION_CATEGORIES),
)
_LABEL_INDEX: Final = {pair: index for index, pair in enumerate(_LABELS)}
_WORDS: Final = (
    *("praised", "blamed", "praise_negated", "blame_negated", "negators", "losses", "claims"),
    *("emoji_praise", "emoji_blame", "question_mark", "exclamation", "laughter", "link"),
    *("wordless", "digits", "words", "long"),
)
_WORD_INDEX: Final = {name: index for index, name in enumerate(_WORDS, start=len(_LABELS))}
_LANGUAGE_INDEX: Final = {
    language: index for index, language in enumerate(LANGUAGES, start=len(_LABELS) + len(_WORDS))
}

TRAITS: Final[tuple[str, ...]] = (*(":".join(pair) for pair in _LABELS), *_WORDS, *LANGUAGES)
LANGUAGE_TRAITS: Final = slice(len(_LABELS) + len(_WORDS), len(TRAITS))


def traits(reading: Reading) -> NDArray[np.float32]:
    """Return one number for each of `TRAITS`, of about unit size."""
    values = [0.0] * len(TRAITS)
    _add_matches(values, reading)
    for valence in reading.emoji:
        _add(values, "emoji_praise" if valence > 0 else "emoji_blame", abs(valence) / 2)
    text = reading.normalised
    words = len(reading.form.split())
    values[_WORD_INDEX["question_mark"]] = float(reading.has_question_mark)
    values[_WORD_INDEX["exclamation"]] = float("!" in text)
    values[_WORD_INDEX["laughter"]] = float(reading.laughs)
    values[_WORD_INDEX["link"]] = float(reading.has_url)
    values[_WORD_INDEX["wordless"]] = float(not reading.has_words)
    values[_WORD_INDEX["digits"]] = float(any(map(str.isdigit, text)))
    values[_WORD_INDEX["words"]] = min(words, LONG_WORDS) / LONG_WORDS
    values[_WORD_INDEX["long"]] = float(words > LONG_WORDS)
    if reading.language in _LANGUAGE_INDEX:
        values[_LANGUAGE_INDEX[reading.language]] = 1.0
    result = np.array(values, np.float32)
    np.minimum(result, WEIGHT_MAX, out=result)
    return result


def _add_matches(values: list[float], reading: Reading) -> None:
    for match in reading.matches:
        kind, label, weight = match.entry.kind, match.entry.label, match.entry.weight
        if (kind, label) in _LABEL_INDEX:
            values[_LABEL_INDEX[kind, label]] += weight
        elif kind == "valence":
            name = "praised" if weight > 0 else "blamed"
            if reading.is_negated(match):
                name = "praise_negated" if weight > 0 else "blame_negated"
            _add(values, name, min(abs(weight), VALENCE_MAX) / 2)
        elif kind in {"negator", "loss", "claim"}:
            _add(values, {"negator": "negators", "loss": "losses", "claim": "claims"}[kind], 1.0)


def _add(values: list[float], name: str, amount: float) -> None:
    values[_WORD_INDEX[name]] += amount
