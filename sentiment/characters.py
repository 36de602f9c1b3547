"""The characters of many texts in one array, where numpy looks at them all at once."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

CODE_POINTS: Final = 0x110000  # All of Unicode: the length of a table by code point.
SCRIPTS_END: Final = 0x40000  # Behind it are tags, selectors and what is private: no letter.
MANY_TEXTS: Final = 12  # From here on arrays pay.


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code point of each character; any string will do."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def begins_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return where each text begins, where all are read as one with a character between two."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    return np.cumsum(lengths) - lengths


def place_at(begins: NDArray[np.int64], characters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which of the texts that begin there each character is of, by the texts' places."""
    return np.searchsorted(begins, characters, side="right") - 1


def text_of(codes: NDArray[np.uint32]) -> str:
    """Return the text whose code points these are."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def characters_that(tell: Callable[[NDArray[np.str_]], NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Return what is told of each character, by code point: false of those without a script."""
    found = np.zeros(CODE_POINTS, np.bool_)
    found[:SCRIPTS_END] = tell(np.arange(SCRIPTS_END, dtype=np.uint32).view("U1"))
    return found


@cache
def are_letters() -> NDArray[np.bool_]:
    """Tell letters from all else, by code point."""
    return characters_that(np.strings.isalpha)


@cache
def are_letters_or_digits() -> NDArray[np.bool_]:
    """Tell letters and digits from all else, by code point."""
    return characters_that(np.strings.isalnum)
