"""What the steps of the chain look at."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.matching import Match

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
    matches: tuple[Match, ...]
    languages: tuple[str, ...]  # The stream's, when known.
    markets: tuple[str, ...]
    detector: Detector

    def of_words(self) -> dict[str, float]:
        """Return how much the known words and letters speak for each language.

        A phrase counts for the letters it covers, and is shared among the languages that have it.
        """
        owners: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
        for match in self.matches:
            start, end, entry = match.start, match.end, match.entry
            if not self.form[end - 1] == self.form[start] == " ":
                continue  # Word parts coincide across languages.
            weight = entry.weight if entry.kind == "marker" else PHRASE_WEIGHT
            owner = owners[start, end]
            owner[entry.language] = max(weight, owner.get(entry.language, 0.0))
        found: dict[str, float] = defaultdict(float)
        for (start, end), owner in owners.items():
            words = self.form.count(" ", start + 1, end)
            for language, weight in owner.items():
                found[language] += weight * words / len(owner)
        for letter in set(self.normalised) & _LETTERS.keys():
            found[_LETTERS[letter]] += LETTER_WEIGHT
        return found
