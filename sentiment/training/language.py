"""Train the language detector: `python -m resonance.sentiment.training.language --data DIR`.

Wants torch, brotli and lingua-language-detector 1.3.5, whose n-gram frequencies are readable files.
Ten minutes on one core; the same seed gives the same weights on the same machine.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import nn

from resonance.sentiment.language.own import (
    BUCKETS,
    NGRAM_MAX,
    OWN_LANGUAGES,
    READ_MAX_CHARACTERS,
)
from resonance.sentiment.ngrams import features
from resonance.sentiment.training.language_samples import Sample, read_samples

SENTIMENT: Final = Path(__file__).parents[1]
WIDTH: Final = 18  # 2.4 MB as bytes.
EPOCHS: Final = 3
BATCH: Final = 1_024
LEARNING_RATE: Final = 5e-3
FIRST_DEVIATION: Final = 0.1
PADDING: Final = 0  # No n-gram has this id.
DROPPED_SHARE: Final = 0.25  # Of n-grams, at random: the rest must do.
HELD_OUT: Final = 20_000  # Texts, to watch the training by.
CHUNK: Final = 20_000
STEP: Final = 127  # Largest of an int8.


class Bags(NamedTuple):
    """Texts as lists of ids, end to end."""

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return ids, offsets and labels of some texts."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        ends = np.cumsum(sizes)
        places = np.repeat(self.offsets[rows] - (ends - sizes), sizes) + np.arange(ends[-1])
        return (
            torch.from_numpy(self.ids[places]),
            torch.from_numpy(ends - sizes),
            torch.from_numpy(self.labels[rows]),
        )


class Model(nn.Module):
    """A sum of the rows of n-grams, scaled by their number, then one matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, WIDTH, mode="sum", padding_idx=PADDING)
        nn.init.normal_(self.table.weight, std=FIRST_DEVIATION)
        self.output = nn.Linear(WIDTH, len(OWN_LANGUAGES))

    def forward(self, ids: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        """Return logits [texts, languages]."""
        ends = torch.cat([offsets[1:], torch.tensor([len(ids)])])
        scale = (ends - offsets).clamp(min=1).float().rsqrt()
        if self.training:
            ids = ids.masked_fill(torch.rand(len(ids)) < DROPPED_SHARE, PADDING)
            scale = scale / (1 - DROPPED_SHARE)
        logits: torch.Tensor = self.output(self.table(ids, offsets) * scale[:, None])
        return logits


def bags(samples: Sequence[Sample]) -> Bags:
    """Return the samples as the detector reads them: words, then n-grams, of each text."""
    ids, sizes = [], []
    for start in range(0, len(samples), CHUNK):
        texts = [sample.text for sample in samples[start : start + CHUNK]]
        found = features(texts, BUCKETS, nmax=NGRAM_MAX, wbig=False, maxc=READ_MAX_CHARACTERS)
        words, grams = np.diff(found.word_offsets), np.diff(found.gram_offsets)
        owners = np.concatenate(
            [np.repeat(np.arange(len(texts)), words), np.repeat(np.arange(len(texts)), grams)]
        )
        ids.append(np.concatenate([found.words, found.grams])[np.argsort(owners, kind="stable")])
        sizes.append(words + grams)
    labels = [OWN_LANGUAGES.index(sample.language) for sample in samples]
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    return Bags(np.concatenate(ids), offsets, np.array(labels))


def trained(data: Bags, seed: int, epochs: int) -> Model:
    """Return a model that has read every text `epochs` times."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    order = random.permutation(len(data.labels))
    held_out, rest = order[:HELD_OUT], order[HELD_OUT:]
    schedule = torch.optim.lr_scheduler.LinearLR(
        optimizer, 1.0, 0.01, total_iters=epochs * (len(rest) // BATCH)
    )
    shares = np.bincount(data.labels, minlength=len(OWN_LANGUAGES)) / len(data.labels)
    loss = nn.CrossEntropyLoss(
        weight=torch.tensor(1 / np.sqrt(shares * len(shares)), dtype=torch.float32)
    )
    for epoch in range(epochs):
        model.train()
        for rows in _batches(random.permutation(rest)):
            ids, offsets, labels = data.take(rows)
            value = loss(model(ids, offsets), labels)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
        ids, offsets, labels = data.take(held_out)
        model.eval()
        with torch.no_grad():
            logits = model(ids, offsets)
        right = (logits.argmax(1) == labels).float().mean().item()
        print(f"epoch {epoch + 1}: held out {right:.4f}, loss {loss(logits, labels).item():.4f}")
    return model


def _batches(order: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(order) - BATCH + 1, BATCH):
        yield order[start : start + BATCH]


def save(model: Model, path: Path) -> None:
    """Write the weights as the detector reads them: the table as int8, a scale for each column."""
    table = model.table.weight.detach().numpy()
    scale = np.abs(table).max(axis=0) / STEP
    output = model.output.weight.detach().numpy().T * scale[:, None]
    save_file(
        {
            "table": np.round(table / scale).astype(np.int8),
            # safetensors writes memory as it lies.
            "output": np.ascontiguousarray(output, np.float32),
            "bias": model.output.bias.detach().numpy(),
        },
        path,
    )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=SENTIMENT / "language" / "weights.safetensors")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # The sum of rows gains nothing by a second, and seeds stay seeds.
    samples = read_samples(arguments.data, SENTIMENT / "training" / "texts", arguments.seed)
    print(f"{len(samples)} samples")
    data = bags(samples)
    del samples
    save(trained(data, arguments.seed, arguments.epochs), arguments.out)


if __name__ == "__main__":
    main()
