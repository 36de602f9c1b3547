"""Read the bags: sums of hashed n-gram embeddings and two dense layers, in numpy.

All that is summed is whole: a text's logits are its own to the last bit, with any texts beside it,
on any processor.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.word_sums import ROWS_TOGETHER, Table, WordSums

# An embedding is a number from -431 to 431: of 76, as many n-grams as the longest word has whose
# sum is kept, the sum fits in 16 bits.
ROW_LEVELS: Final = 431
# A layer multiplies numbers from -255 to 255. Of so many products the sum is below 2^24: exact in
# single precision, in whatever order it is taken.
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
    share_unit: np.float32  # What 1 of the columns stands for, beside 1 of the gate.
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
        table = np.empty((buckets, width + len(bags)), np.int16)
        first = 0
        for place, tensors in enumerate(bags):
            codes = unpacked(tensors["table"].astype(np.uint8, copy=False))
            gates = tensors["gates"].astype(np.float32)
            scales = gates * tensors["scales"].astype(np.float32)
            columns, gate = slice(first, first + codes.shape[1]), width + place
            first = columns.stop
            table[:, gate], gate_unit = _whole(gates, ROW_LEVELS)
            unit = _write_whole(table[:, columns], codes, scales)
            dense = _dense(tensors, "hidden"), _dense(tensors, "output")
            self._layers.append(Layers(columns, gate, unit / gate_unit, *dense))
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
        for columns, gate, share_unit, hidden, output in self._layers:
            # Of no words the sum is 0, and so is what it is multiplied by.
            word_shares = share_unit * word_roots / np.maximum(sums.words[:, gate], 1)
            gram_shares = share_unit * gram_roots / np.maximum(sums.grams[:, gate], 1)
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


def _whole(values: Floats, levels: int) -> tuple[Floats, np.float32]:
    """Return values as whole numbers up to so many levels, and what 1 of them stands for."""
    unit = np.abs(values).max(initial=SMALLEST) / np.float32(levels)
    return np.rint(values / unit), unit


def _write_whole(table: Table, codes: NDArray[np.int8], scales: Floats) -> np.float32:
    """Write what `_whole` makes of the codes, each row by its scale; return the unit."""
    largest = (np.abs(codes).max(axis=1, initial=0) * scales).max(initial=SMALLEST)
    unit = largest / np.float32(ROW_LEVELS)
    factors = (scales / unit)[:, None]
    for start in range(0, len(codes), ROWS_TOGETHER):  # The whole is too large to be held twice.
        part = slice(start, start + ROWS_TOGETHER)
        table[part] = np.rint(codes[part] * factors[part])
    return np.float32(unit)


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
    return Dense(*_whole(weight, LEVELS), tensors[f"{name}.bias"].astype(np.float32))
