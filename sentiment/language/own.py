"""Our own detector: hashed n-grams, a small table of weights, one matrix. Numpy only."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from resonance.sentiment.language.detectors import LogLikelihoods
from resonance.sentiment.pack import common_words
from resonance.sentiment.word_sums import WordSums

# The columns of the weights, in order. Beside ours stand languages that would be taken for ours;
# what a script of its own gives away has no column.
OWN_LANGUAGES: Final = (
    *("en", "es", "pt", "fr", "de", "it", "id", "ms", "vi", "tl", "tr", "hi", "ar"),
    *("nl", "pl", "sv", "da", "no", "fi", "ro", "cs", "hu", "sw", "so"),
    *("fa", "ur", "ru", "uk", "bg", "kk"),
)
BUCKETS: Final = 1 << 17
NGRAM_MAX: Final = 5
READ_MAX_CHARACTERS: Final = 100  # More only makes sure what is sure.
WEIGHTS: Final = "weights.safetensors"


class Weights(NamedTuple):
    """What training leaves: `python -m resonance.sentiment.training.language`."""

    table: NDArray[np.int8]  # [buckets, width]
    output: NDArray[np.float32]  # [width, languages]; holds the scale of the table's columns.
    bias: NDArray[np.float32]  # [languages]


class OwnDetector:
    """Tells 30 languages apart, 13 of Latin script ours; made for texts of a few words."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The BCP 47 tags of the languages it knows."""
        return OWN_LANGUAGES

    def log_likelihoods(self, texts: Sequence[str]) -> LogLikelihoods:
        """Return log likelihoods [texts, languages]: they were trained to need no other scale."""
        weights = read_weights()
        found = _word_sums().of(texts, READ_MAX_CHARACTERS)
        counts = found.word_counts + found.gram_counts
        sums = (found.words + found.grams).astype(np.float64)
        scaled = sums / np.sqrt(np.maximum(counts, 1), dtype=np.float32)[:, None]
        # Not `@`: its last bits depend on how many rows there are.
        logits: LogLikelihoods = np.einsum("td,dl->tl", scaled.astype(np.float32), weights.output)
        return logits + weights.bias


@cache
def _word_sums() -> WordSums:
    sums = WordSums(read_weights().table.astype(np.int16), nmax=NGRAM_MAX, pairs=False)
    sums.learn(common_words())
    return sums


@cache
def read_weights() -> Weights:
    """Return the weights that the package carries."""
    content = (files("resonance.sentiment.language") / WEIGHTS).read_bytes()
    return Weights(**load(content))
