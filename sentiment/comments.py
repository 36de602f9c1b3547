"""A batch of comments with what stands in them, whatever their language is."""

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import (
    CODE_POINTS,
    are_letters,
    are_letters_or_digits,
    begins_of,
    characters_that,
    code_points,
)
from resonance.sentiment.finding import Spans
from resonance.sentiment.laughter import hold_laughter
from resonance.sentiment.matching import matching_forms
from resonance.sentiment.misspelling import mended
from resonance.sentiment.pack import emoji_valences, phrases

# What a text may hold, a bit each.
LETTER: Final = 1
LETTER_OR_DIGIT: Final = 2
DIGIT: Final = 4
DECIMAL: Final = 8  # What `\d` finds.
QUESTION_MARK: Final = 16
EXCLAMATION_MARK: Final = 32
LINK_MARK: Final = 64  # No link goes without a point or a colon.
EMOJI: Final = 128  # With a valence.


class Comments:
    """Comments, and the phrases found in them."""

    def __init__(self, texts: Sequence[str], forms: Sequence[str], spans: Spans) -> None:
        """Take normalised texts without emotes, their matching forms and what stands in these."""
        self.texts = texts
        self.forms = forms
        self.spans = spans

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Comments":
        """Return normalised texts with what stands in them."""
        forms = mended(matching_forms(texts))
        return cls(texts, forms, phrases().find_all(forms))

    def __len__(self) -> int:
        return len(self.texts)

    def hold(self, what: int) -> NDArray[np.bool_]:
        """Tell of each comment whether it holds a character that is `what`: one of the bits."""
        holds: NDArray[np.bool_] = (self._bits & what) != 0
        return holds

    @cached_property
    def hold_laughter(self) -> NDArray[np.bool_]:
        """Whether laughter stands in each comment, of whatever language."""
        return hold_laughter(self.texts)

    @cached_property
    def _bits(self) -> NDArray[np.uint8]:
        if not self.texts:
            return np.zeros(0, np.uint8)
        codes = code_points("\n".join([*self.texts, ""]))
        return np.bitwise_or.reduceat(_bits().take(codes), begins_of(self.texts))


@cache
def _bits() -> NDArray[np.uint8]:
    """Return what each code point is."""
    bits = np.zeros(CODE_POINTS, np.uint8)
    bits[are_letters()] |= LETTER
    bits[are_letters_or_digits()] |= LETTER_OR_DIGIT
    bits[characters_that(np.strings.isdigit)] |= DIGIT
    bits[characters_that(np.strings.isdecimal)] |= DECIMAL
    for marks, bit in (
        ("?？؟¿", QUESTION_MARK),
        ("!", EXCLAMATION_MARK),
        (".:", LINK_MARK),
        (emoji_valences(), EMOJI),
    ):
        bits[[ord(mark) for mark in marks]] |= bit
    return bits
