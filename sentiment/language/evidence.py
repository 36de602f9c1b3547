"""What the steps of the chain look at."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.matching import Span, Spelling, SpellingTable
from resonance.sentiment.pack import LANGUAGES

PHRASE_WEIGHT: Final = 0.6  # Of a phrase that is in a pack for what it means.
LETTER_WEIGHT: Final = 1.0

_COLUMN: Final = {language: column for column, language in enumerate(LANGUAGES)}
# Letters that, among ours, one Latin language alone writes.
_LETTERS: Final = {
    **dict.fromkeys("ğşı", _COLUMN["tr"]),
    **dict.fromkeys("ơưđăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", _COLUMN["vi"]),
    **dict.fromkeys("ñ", _COLUMN["es"]),
    **dict.fromkeys("ãõ", _COLUMN["pt"]),
    **dict.fromkeys("œûëîùÿ", _COLUMN["fr"]),
    **dict.fromkeys("äß", _COLUMN["de"]),
    **dict.fromkeys("ìò", _COLUMN["it"]),
}


class Votes(NamedTuple):
    """How much words speak for languages, vote by vote."""

    columns: Sequence[int]  # Places in `LANGUAGES`; one may come again.
    amounts: Sequence[float]


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """A comment and its stream."""

    normalised: str
    form: str  # The matching form.
    spans: Sequence[Span]  # In the order of `PhraseFinder.find`.
    languages: tuple[str, ...]  # The stream's, when known.
    markets: tuple[str, ...]
    detector: Detector

    def votes(self) -> Votes:
        """Return how much the known words and letters speak for each language."""
        columns: list[int] = []
        amounts: list[float] = []
        for _, _, spelling in self.spans:
            of_phrase = _VOTES[spelling]
            columns += of_phrase.columns
            amounts += of_phrase.amounts
        if not (self.normalised.isascii() or _LETTERS.keys().isdisjoint(self.normalised)):
            letters = _LETTERS.keys() & self.normalised
            columns += [_LETTERS[letter] for letter in letters]
            amounts += [LETTER_WEIGHT] * len(letters)
        return Votes(columns, amounts)


def sums_of_votes(evidences: Sequence[Evidence]) -> NDArray[np.float64]:
    """Return what the votes add up to [comments, languages], in the order of `LANGUAGES`."""
    columns: list[int] = []
    amounts: list[float] = []
    counts = []
    for evidence in evidences:
        votes = evidence.votes()
        columns += votes.columns
        amounts += votes.amounts
        counts.append(len(votes.columns))
    rows = np.repeat(np.arange(len(evidences)), counts)
    places = rows * len(LANGUAGES) + np.array(columns, np.int64)
    sums = np.bincount(places, amounts, len(evidences) * len(LANGUAGES)).astype(np.float64)
    return sums.reshape(len(evidences), len(LANGUAGES))


def _votes(spelling: Spelling) -> Votes:
    """Return how much a phrase speaks for each language that has it.

    It counts for the words it covers, and is shared among the languages.
    """
    if not spelling.text[0] == spelling.text[-1] == " ":
        return Votes((), ())  # Word parts coincide across languages.
    weights: dict[str, float] = {}
    for entry in spelling.entries:
        weight = entry.weight if entry.kind == "marker" else PHRASE_WEIGHT
        weights[entry.language] = max(weight, weights.get(entry.language, 0.0))
    words = spelling.text.count(" ", 1)
    return Votes(
        tuple([_COLUMN[language] for language in weights]),
        tuple([weight * words / len(weights) for weight in weights.values()]),
    )


_VOTES: Final = SpellingTable(_votes)
