"""Texts as tokens, word by word: chat repeats its words, and the latest ones are kept."""

from collections.abc import Sequence
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # Where no transformer runs, it need not be there.
    from tokenizers import Tokenizer

TOKENS_MAX: Final = 64
SPACE: Final = "\u2581"  # As tokens spell it: a text that does is read as a whole.
WORDS_KEPT: Final = 1 << 15  # More only while a batch of more is read.


class WordTokens:
    """A tokenizer of which no token is of two words, as none of ours is."""

    def __init__(self, tokenizer: "Tokenizer") -> None:
        self._tokenizer = tokenizer
        self._model = tokenizer.model
        self._start: list[int] = tokenizer.encode("").ids
        self._kept: dict[str, list[int]] = {}
        self._lock = Lock()

    @property
    def words_kept(self) -> int:
        """How many words need not be read again."""
        return len(self._kept)

    def of(self, forms: Sequence[str]) -> list[list[int]]:
        """Return the first `TOKENS_MAX` tokens of each text in the model's form."""
        words = [[form] if SPACE in form else form.split() for form in forms]
        with self._lock:
            self._read(dict.fromkeys(chain.from_iterable(words)))
            tokens = self._kept.__getitem__
            return [
                [*self._start, *chain.from_iterable(map(tokens, each))][:TOKENS_MAX]
                for each in words
            ]

    def _read(self, words: dict[str, None]) -> None:
        """Have the tokens of these words kept."""
        new = [word for word in words if word not in self._kept]
        if len(self._kept) + len(new) > WORDS_KEPT:
            self._kept.clear()
            new = list(words)
        # Of plain letters nothing is to be normalised or split: the larger part of the work.
        plain = [word for word in new if word.isascii() and word.isalpha() and word.islower()]
        self._kept |= {
            word: [token.id for token in self._model.tokenize(SPACE + word)] for word in plain
        }
        others = [word for word in new if word not in self._kept]
        found = self._tokenizer.encode_batch_fast(others, add_special_tokens=False)
        self._kept |= zip(others, [encoding.ids for encoding in found], strict=True)
