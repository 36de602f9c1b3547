"""Train the bag: embeddings of hashed words and character n-grams, summed, and a hidden layer."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resonance.sentiment.model.form import with_edges
from resonance.sentiment.model.traits import TRAITS
from resonance.sentiment.ngrams import features
from resonance.sentiment.training.losses import OUTPUT_COUNT, Batch, loss
from resonance.sentiment.training.rows import Row, targets

CHUNK_ROWS: Final = 20_000  # Texts hashed at once.
WARMEST: Final = 6.0  # A feature weighs at most e^6 times another.

Ragged = tuple[NDArray[np.int32], NDArray[np.int64]]  # Ids of all rows, and where each row starts.


@dataclass(frozen=True, slots=True)
class BagSettings:
    """What a bag is made of and how long it learns."""

    buckets: int = 2**17
    dimensions: int = 32
    hidden: int = 256
    epochs: int = 2
    batch_rows: int = 512
    embedding_rate: float = 2e-3
    dense_rate: float = 1e-3
    feature_dropout: float = 0.5  # The one setting that mattered most: words must not stand alone.
    dropout: float = 0.3
    traits_dropout: float = 0.15  # Of a row's traits together: the words must do without, too.
    sentiment_share: float = 1.0  # Of the loss, and
    flag_share: float = 0.5  # of one flag's: a bag learns one or the other, or both get worse.
    seed: int = 0


class Bag(nn.Module):
    """Two gated sums (words, characters) and traits -> hidden layer -> outputs."""

    def __init__(self, settings: BagSettings) -> None:
        super().__init__()
        scale = 0.3 / math.sqrt(settings.dimensions)
        self.embedding = nn.Embedding(
            settings.buckets, settings.dimensions, sparse=True, padding_idx=0
        )
        nn.init.uniform_(self.embedding.weight, -scale, scale)
        self.gate = nn.Embedding(settings.buckets, 1, sparse=True)
        nn.init.zeros_(self.gate.weight)
        self.hidden = nn.Linear(2 * settings.dimensions + len(TRAITS), settings.hidden)
        self.output = nn.Linear(settings.hidden, OUTPUT_COUNT)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(
        self, words: Sequence[Tensor], characters: Sequence[Tensor], traits: Tensor
    ) -> Tensor:
        """Return logits (rows, outputs); words and characters are ids and row starts."""
        pooled = torch.cat([self.pooled(*words), self.pooled(*characters)], 1)
        hidden = torch.relu(self.hidden(torch.cat([self.dropout(pooled), traits], 1)))
        logits: Tensor = self.output(self.dropout(hidden))
        return logits

    def pooled(self, ids: Tensor, starts: Tensor) -> Tensor:
        """Return the sum of a row's embeddings, weighed by their gates: (rows, dimensions).

        The weights of a row sum to the root of their number: long texts speak louder, not shout.
        """
        counts = starts[1:] - starts[:-1]
        gates = self.gate(ids)[:, 0].clamp(-WARMEST, WARMEST).exp()
        rows = torch.repeat_interleave(torch.arange(len(counts)), counts)
        sums = torch.zeros(len(counts)).index_add(0, rows, gates) + 1e-6
        weights = gates * (counts.clamp(min=1).float().sqrt() / sums)[rows]
        return nn.functional.embedding_bag(
            ids,
            self.embedding.weight,
            starts[:-1],
            mode="sum",
            per_sample_weights=weights,
            sparse=True,
        )


def hashed(texts: Sequence[str], buckets: int) -> tuple[Ragged, Ragged]:
    """Return the hashed words and characters of texts in the model's form."""
    parts = [
        features([with_edges(text) for text in texts[start : start + CHUNK_ROWS]], buckets)
        for start in range(0, len(texts), CHUNK_ROWS)
    ]
    return _joined([p[0:2] for p in parts]), _joined([p[2:4] for p in parts])


def _joined(parts: Sequence[Ragged]) -> Ragged:
    ids, starts = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    for part_ids, part_starts in parts:
        ids.append(part_ids)
        starts.append(part_starts[1:] + starts[-1][-1])
    return np.concatenate(ids), np.concatenate(starts)


def taken(
    ragged: Ragged, index: NDArray[np.int64], drop: float, random: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Return some rows' ids and starts as tensors, each id left out with probability `drop`."""
    ids, starts = ragged
    counts = starts[index + 1] - starts[index]
    rows = np.repeat(np.arange(len(index)), counts)
    before = np.cumsum(counts) - counts
    chosen = ids[np.repeat(starts[index] - before, counts) + np.arange(counts.sum())]
    if drop:
        keep = random.random(len(chosen), np.float32) >= drop
        chosen, rows = chosen[keep], rows[keep]
    new = np.zeros(len(index) + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=len(index)), out=new[1:])
    return torch.from_numpy(chosen.astype(np.int64)), torch.from_numpy(new)


def train_bag(
    rows: Sequence[Row],
    texts: Sequence[str],
    traits: NDArray[np.float32],
    settings: BagSettings,
    teacher: NDArray[np.float32] | None = None,
    report: Callable[[str], None] = print,
) -> Bag:
    """Return a bag trained on `texts`, the model's forms of `rows`; same seed, same bag.

    `traits` (rows, traits) is what the rules saw in them.
    `teacher` holds probabilities of sentiment (rows, 3) that the bag shall follow as well.
    """
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    words, characters = hashed(texts, settings.buckets)
    labels = Batch(targets(rows))
    bag = Bag(settings)
    sparse = torch.optim.SparseAdam(
        [bag.embedding.weight, bag.gate.weight], lr=settings.embedding_rate
    )
    dense = torch.optim.AdamW(
        [*bag.hidden.parameters(), *bag.output.parameters()],
        lr=settings.dense_rate,
        weight_decay=0.01,
    )
    size = min(settings.batch_rows, len(rows))
    steps = settings.epochs * (len(rows) // size)
    step = 0
    for epoch in range(settings.epochs):
        order = random.permutation(len(rows))
        total = 0.0
        for start in range(0, len(rows) - size + 1, size):
            index = order[start : start + size]
            remaining = max(0.02, 1 - step / steps)
            _set_rate(sparse, settings.embedding_rate * remaining)
            _set_rate(dense, settings.dense_rate * remaining)
            kept = random.random((len(index), 1), np.float32) >= settings.traits_dropout
            logits = bag(
                taken(words, index, settings.feature_dropout, random),
                taken(characters, index, settings.feature_dropout, random),
                torch.from_numpy(traits[index] * kept),
            )
            chosen = torch.from_numpy(index)
            follow = None if teacher is None else torch.from_numpy(teacher[index])
            shares = settings.sentiment_share, settings.flag_share
            batch_loss = loss(logits, labels.take(chosen), shares, follow)
            sparse.zero_grad()
            dense.zero_grad()
            batch_loss.backward()
            sparse.step()
            dense.step()
            total += batch_loss.item()
            step += 1
        report(
            f"bag epoch {epoch + 1}/{settings.epochs}: loss {total * settings.epochs / steps:.4f}"
        )
    bag.eval()
    return bag


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def bag_logits(
    bag: Bag, texts: Sequence[str], traits: NDArray[np.float32], batch_rows: int = 1024
) -> NDArray[np.float32]:
    """Return logits (texts, outputs) of texts in the model's form, with their traits."""
    words, characters = hashed(texts, bag.embedding.num_embeddings)
    random = np.random.default_rng(0)  # Nothing is dropped.
    parts = []
    with torch.no_grad():
        for start in range(0, len(texts), batch_rows):
            index = np.arange(start, min(len(texts), start + batch_rows))
            logits = bag(
                taken(words, index, 0.0, random),
                taken(characters, index, 0.0, random),
                torch.from_numpy(traits[index]),
            )
            parts.append(logits.numpy())
    return np.concatenate(parts) if parts else np.zeros((0, OUTPUT_COUNT), np.float32)
