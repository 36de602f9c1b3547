"""Read the bag: sums of hashed n-gram embeddings and two dense layers, in numpy."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.ngrams import Features, Ids, Offsets

Floats = NDArray[np.float32]


class Dense(NamedTuple):
    """One layer: weight (inputs, outputs), bias (outputs)."""

    weight: Floats
    bias: Floats


class BagModel:
    """A trained bag, from the tensors of its safetensors file."""

    def __init__(self, tensors: dict[str, NDArray[np.generic]]) -> None:
        self._table = unpacked(tensors["table"].astype(np.uint8, copy=False))
        self._gates: Floats = tensors["gates"].astype(np.float32)
        self._scales: Floats = tensors["scales"].astype(np.float32) * self._gates
        self._hidden = Dense(_transposed(tensors["hidden.weight"]), _float(tensors["hidden.bias"]))
        self._output = Dense(_transposed(tensors["output.weight"]), _float(tensors["output.bias"]))

    @property
    def buckets(self) -> int:
        """How many hashes there are: what `features` must be asked with."""
        return len(self._table)

    def logits(self, features: Features, traits: Floats) -> Floats:
        """Return (texts, outputs) of hashed texts; each has at least one word and one n-gram."""
        words = self._pooled(features.words, features.word_offsets)
        grams = self._pooled(features.grams, features.gram_offsets)
        joined = np.concatenate([words, grams, traits], axis=1)
        hidden = np.maximum(joined @ self._hidden.weight + self._hidden.bias, 0.0)
        logits: Floats = hidden @ self._output.weight + self._output.bias
        return logits

    def _pooled(self, ids: Ids, offsets: Offsets) -> Floats:
        """Return the weighed sum of each text's embeddings: (texts, dimensions)."""
        starts, counts = offsets[:-1], np.diff(offsets)
        sums = np.add.reduceat(self._gates[ids], starts)
        shares = np.sqrt(counts.astype(np.float32)) / (sums + np.float32(1e-6))
        rows = self._table[ids] * self._scales[ids][:, None]
        pooled: Floats = np.add.reduceat(rows, starts, axis=0) * shares[:, None]
        return pooled


def unpacked(halves: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Return the codes (rows, columns), from -7 to 7, of half bytes: two columns in each."""
    codes = np.empty((len(halves), 2 * halves.shape[1]), np.int8)
    codes[:, 0::2] = (halves & 0x0F).astype(np.int8) - 8
    codes[:, 1::2] = (halves >> 4).astype(np.int8) - 8
    return codes


def _float(tensor: NDArray[np.generic]) -> Floats:
    return tensor.astype(np.float32)


def _transposed(tensor: NDArray[np.generic]) -> Floats:
    return np.ascontiguousarray(tensor.astype(np.float32).T)
