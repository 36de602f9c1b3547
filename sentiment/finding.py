"""Find every phrase of every pack in one pass over a batch of texts."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import are_letters, begins_of, code_points, place_at
from resonance.sentiment.columns import Entries, Places, Spellings
from resonance.sentiment.matching import Entry, Spelling
from resonance.sentiment.trie import Trie

Span = tuple[int, int, Spelling]  # What stands at [start, end) of a matching form.

# No phrase holds it: where forms are read as one, none is found from one into the next.
FORM_END: Final = "\n"


class Spans(NamedTuple):
    """What stands in a batch of forms: form by form, from left to right, the longest first."""

    forms: Places  # The form of each span, by its place in the batch.
    starts: Places  # Of [start, end) in that form.
    ends: Places
    spellings: Places  # By their places in `PhraseFinder.spellings`.


class PhraseFinder:
    """All phrases as one trie: a batch is walked once, however many they are."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        columns = entries if isinstance(entries, Entries) else Entries.of(entries)
        self.spellings: Final = Spellings.of(columns)
        self._trie = Trie(self.spellings.texts)

    def find(self, form: str) -> list[Span]:
        """Return every spelling in a matching form, from left to right, the longest first."""
        _, starts, ends, places = map(np.ndarray.tolist, self.find_all([form]))
        found = [self.spellings[place] for place in places]
        return list(zip(starts, ends, found, strict=True))

    def find_all(self, forms: Sequence[str]) -> Spans:
        """Return every spelling in each matching form.

        A letter held down ("cutee", "ขายย") still matches: where no phrase goes on with the
        repeated letter, it is passed over. Never a digit: "cf 11" is not "cf 1".
        """
        codes = code_points(FORM_END.join(forms))
        starts, ends, places = self._trie.walk(codes, _are_again(codes))
        order = np.argsort(starts * (len(codes) + 1) - ends, kind="stable")
        starts = starts[order]
        begins = begins_of(forms)
        of = place_at(begins, starts)
        return Spans(of, starts - begins[of], ends[order] - begins[of], places[order])


def _are_again(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell of each character whether it is a letter that stands just before, too."""
    are_again = np.zeros(len(codes), np.bool_)
    are_again[1:] = (codes[1:] == codes[:-1]) & are_letters().take(codes[1:])
    return are_again
