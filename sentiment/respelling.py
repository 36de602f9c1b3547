"""Respell many texts at once, character by character, their words between single spaces."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import CODE_POINTS, code_points, text_of

Codes = NDArray[np.uint32]
SPACE: Final = ord(" ")

# What a character becomes is a code point, or one of these, which are none.
_UNREAD: Final = 0  # The rule has not been asked yet.
_APART: Final = 1 << 21  # Beside a code point: it stands between spaces.
_NOTHING: Final = _APART - 1
_BORDER: Final = _APART - 2  # Between two texts.


class Respelling:
    """What characters become: `rule` is asked once about each that is met."""

    def __init__(
        self, rule: Callable[[str], str], are_seams: Callable[[Codes], NDArray[np.bool_]]
    ) -> None:
        """Take a rule that returns a character, one between two spaces, or none.

        `are_seams` tells of each respelt character but the first whether a space belongs before it.
        """
        self._rule = rule
        self._are_seams = are_seams
        self._table = np.zeros(CODE_POINTS, np.uint32)  # Of what is yet unread, no page is taken.

    def of(self, texts: Sequence[str]) -> list[str]:
        """Return the words of each text, respelt, between single spaces: none at the ends."""
        text = " \n ".join(["", *texts, ""])
        lengths = np.fromiter(map(len, ["", *texts]), np.int64, len(texts) + 1)
        codes = self._respelt(code_points(text))
        codes[np.cumsum(lengths + 3) - 2] = _BORDER
        codes = self._spaced(codes)
        borders = np.flatnonzero(codes == _BORDER)
        codes[borders] = SPACE
        text = text_of(codes)
        return [text[last + 2 : border - 1] for last, border in pairwise(borders.tolist())]

    def _respelt(self, codes: Codes) -> Codes:
        found = self._table.take(codes)
        unread = set(codes[found == _UNREAD].tolist())
        for code in unread:
            self._table[code] = _code_of(self._rule(chr(code)))
        return self._table.take(codes) if unread else found

    def _spaced(self, codes: Codes) -> Codes:
        """Return code points, with a space wherever one belongs and nowhere two."""
        if (codes == _NOTHING).any():
            codes = codes[codes != _NOTHING]
        is_space = codes == SPACE
        codes = codes[~(is_space & np.append(False, is_space[:-1]))]
        is_apart = codes >= _APART
        codes &= _APART - 1
        is_space = codes == SPACE
        are_gaps = is_apart[1:] | is_apart[:-1] | self._are_seams(codes)
        are_gaps &= ~(is_space[1:] | is_space[:-1])
        return np.insert(codes, np.flatnonzero(are_gaps) + 1, SPACE)


def _code_of(respelt: str) -> int:
    character = respelt.strip() or respelt[:1]
    if not character:
        return _NOTHING
    return ord(character) | (_APART if len(respelt) > 1 else 0)
