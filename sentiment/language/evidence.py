"""What the steps of the chain look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.matching import Span, Spelling, SpellingTable

PHRASE_WEIGHT: Final = 0.6  # Of a phrase that is in a pack for what it means.
LETTER_WEIGHT: Final = 1.0

# Letters that, among ours, one Latin language alone writes.
_LETTERS: Final = {
    **dict.fromkeys("ğşı", "tr"),
    **dict.fromkeys("ơưđăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "vi"),
    **dict.fromkeys("ñ", "es"),
    **dict.fromkeys("ãõ", "pt"),
    **dict.fromkeys("œûëîùÿ", "fr"),
    **dict.fromkeys("äß", "de"),
    **dict.fromkeys("ìò", "it"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A comment and its stream."""

    normalised: str
    form: str  # The matching form.
    spans: Sequence[Span]  # In the order of `PhraseFinder.find`.
    languages: tuple[str, ...]  # The stream's, when known.
    markets: tuple[str, ...]
    detector: Detector

    def of_words(self) -> dict[str, float]:
        """Return how much the known words and letters speak for each language."""
        found: dict[str, float] = {}
        for _, _, spelling in self.spans:
            for language, amount in _VOTES[spelling]:
                found[language] = found.get(language, 0.0) + amount
        if not self.normalised.isascii():
            for letter in _LETTERS.keys() & self.normalised:
                language = _LETTERS[letter]
                found[language] = found.get(language, 0.0) + LETTER_WEIGHT
        return found


def _votes(spelling: Spelling) -> tuple[tuple[str, float], ...]:
    """Return how much a phrase speaks for each language that has it.

    It counts for the words it covers, and is shared among the languages.
    """
    if not spelling.text[0] == spelling.text[-1] == " ":
        return ()  # Word parts coincide across languages.
    weights: dict[str, float] = {}
    for entry in spelling.entries:
        weight = entry.weight if entry.kind == "marker" else PHRASE_WEIGHT
        weights[entry.language] = max(weight, weights.get(entry.language, 0.0))
    words = spelling.text.count(" ", 1)
    return tuple((language, weight * words / len(weights)) for language, weight in weights.items())


_VOTES: Final = SpellingTable(_votes)
