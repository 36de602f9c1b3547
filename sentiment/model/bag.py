"""Read the bags: sums of hashed n-gram embeddings and two dense layers, in numpy."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.word_sums import WordSums

# A layer multiplies whole numbers from -255 to 255. Of so many products the sum is below 2^24 and
# exact in single precision, in whatever order it is taken: a text's logits are its own to the last
# bit, with any texts beside it, on any processor.
LEVELS: Final = 255
INPUTS_MAX: Final = (1 << 24) // LEVELS**2
SMALLEST: Final = np.float32(1e-20)  # What is below is nothing: a row of zeros has no largest.

Floats = NDArray[np.float32]
Tensors = Mapping[str, NDArray[np.generic]]


class Dense(NamedTuple):
    """One layer: whole weights (inputs, outputs), what 1 of them stands for, bias (outputs)."""

    weight: Floats
    unit: np.float32
    bias: Floats


class Layers(NamedTuple):
    """What one bag computes of a text's sums, which stand in these columns of the table."""

    columns: slice
    gate: int
    hidden: Dense
    output: Dense


class Bags:
    """Trained bags of the same hashes, from the tensors of their safetensors files.

    Their embeddings stand side by side in one table: a text's n-grams are looked up once for all.
    """

    def __init__(self, bags: Sequence[Tensors]) -> None:
        self._layers: list[Layers] = []
        width = sum(2 * tensors["table"].shape[1] for tensors in bags)
        buckets = len(bags[0]["table"]) if bags else 0
        table = np.empty((buckets, width + len(bags)), np.float32)
        first = 0
        for place, tensors in enumerate(bags):
            codes = unpacked(tensors["table"].astype(np.uint8, copy=False))
            gate = width + place
            table[:, gate] = tensors["gates"]
            scales = tensors["scales"].astype(np.float32) * table[:, gate]
            columns = slice(first, first + codes.shape[1])
            first = columns.stop
            # Straight to their place: the whole is too large to be held twice, or filled twice.
            np.multiply(codes, scales[:, None], out=table[:, columns])
            self._layers.append(
                Layers(columns, gate, _dense(tensors, "hidden"), _dense(tensors, "output"))
            )
        self._sums = WordSums(table)

    def learn(self, words: Sequence[str]) -> None:
        """Sum words before a text has them, so that the first texts are no slower."""
        self._sums.learn(words)

    def logits(self, texts: Sequence[str], traits: Floats) -> list[Floats]:
        """Return (texts, outputs) of each bag."""
        sums = self._sums.of(texts)
        word_roots = np.sqrt(sums.word_counts.astype(np.float32))
        gram_roots = np.sqrt(sums.gram_counts.astype(np.float32))
        results = []
        for columns, gate, hidden, output in self._layers:
            word_shares = word_roots / (sums.words[:, gate] + np.float32(1e-6))
            gram_shares = gram_roots / (sums.grams[:, gate] + np.float32(1e-6))
            inputs = np.empty((len(texts), len(hidden.weight)), np.float32)
            width = columns.stop - columns.start
            words, grams, others = np.split(inputs, (width, 2 * width), axis=1)
            np.multiply(sums.words[:, columns], word_shares[:, None], out=words)
            np.multiply(sums.grams[:, columns], gram_shares[:, None], out=grams)
            others[:] = traits
            inner = _through(inputs, hidden)
            results.append(_through(np.maximum(inner, 0.0, out=inner), output))
        return results


def unpacked(halves: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Return the codes (rows, columns), from -7 to 7, of half bytes: two columns in each."""
    codes = np.empty((len(halves), 2 * halves.shape[1]), np.int8)
    codes[:, 0::2] = (halves & 0x0F).astype(np.int8) - 8
    codes[:, 1::2] = (halves >> 4).astype(np.int8) - 8
    return codes


def _through(rows: Floats, layer: Dense) -> Floats:
    """Return what a layer makes of rows of inputs; it rounds them, each by its own largest."""
    largest = np.maximum(rows.max(axis=1), -rows.min(axis=1))
    units = np.maximum(largest, SMALLEST)[:, None] / np.float32(LEVELS)
    rows *= 1 / units
    products: Floats = np.rint(rows, out=rows) @ layer.weight
    products *= units * layer.unit
    products += layer.bias
    return products


def _dense(tensors: Tensors, name: str) -> Dense:
    weight = np.ascontiguousarray(tensors[f"{name}.weight"].astype(np.float32).T)
    if len(weight) > INPUTS_MAX:
        msg = f"{name}: {len(weight)} inputs, at most {INPUTS_MAX} are summed without rounding"
        raise ValueError(msg)
    unit = np.maximum(np.abs(weight).max(), SMALLEST) / np.float32(LEVELS)
    return Dense(np.rint(weight / unit), unit, tensors[f"{name}.bias"].astype(np.float32))
