"""Train the small transformer: a ModernBERT of two layers, as any Hugging Face model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import ModernBertConfig, ModernBertForSequenceClassification

from resonance.sentiment.model.heads import OUTPUTS
from resonance.sentiment.training.losses import OUTPUT_COUNT, Batch, loss
from resonance.sentiment.training.rows import Row, targets

PADDING_ID: Final = 0
UNKNOWN_ID: Final = 1
SPECIAL_IDS: Final = 5
SORTED_BATCHES: Final = 50  # Batches whose texts are sorted by length together.
CHECKPOINT_STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class TransformerSettings:
    """What the transformer is made of and how long it learns."""

    dimensions: int = 128
    layers: int = 2
    epochs: int = 3
    batch_rows: int = 256
    rate: float = 2e-3
    warm_up_steps: int = 200
    dropout: float = 0.1
    token_dropout: float = 0.1
    tokens_max: int = 48
    sentiment_share: float = 1.0
    flag_share: float = 0.5
    seed: int = 0


def make_model(vocabulary: int, settings: TransformerSettings) -> Any:
    """Return an untrained model; its configuration needs no code but the library's own."""
    options: dict[str, Any] = {  # What every configuration takes has no types.
        "vocab_size": vocabulary,
        "hidden_size": settings.dimensions,
        "intermediate_size": 2 * settings.dimensions,
        "num_hidden_layers": settings.layers,
        "num_attention_heads": settings.dimensions // 32,
        "max_position_embeddings": 512,
        "classifier_pooling": "mean",
        "global_attn_every_n_layers": 1,
        "attention_dropout": settings.dropout,
        "mlp_dropout": settings.dropout,
        "embedding_dropout": settings.dropout,
        "classifier_dropout": 2 * settings.dropout,
        "pad_token_id": PADDING_ID,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "cls_token_id": 2,
        "sep_token_id": 3,
        "num_labels": OUTPUT_COUNT,
        "id2label": dict(enumerate(OUTPUTS)),
        "label2id": {name: index for index, name in enumerate(OUTPUTS)},
        "problem_type": "multi_label_classification",
    }
    config = ModernBertConfig(**options)
    config._attn_implementation = "sdpa"  # noqa: SLF001 # The documented way to choose it.
    return ModernBertForSequenceClassification(config)


class TransformerRun:
    """One training run; it goes on where its checkpoint stops."""

    def __init__(
        self, tokenizer: Tokenizer, settings: TransformerSettings, directory: Path
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self._tokenizer = tokenizer
        self._directory = directory
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = make_model(tokenizer.get_vocab_size(), settings).to(self._device)
        self._optimizer = torch.optim.AdamW(self._groups(), lr=settings.rate)

    def start_from(self, other: "TransformerRun") -> None:
        """Take over the weights of another run; the rates and moments begin anew."""
        self.model.load_state_dict(other.model.state_dict())

    def start_from_file(self, path: Path) -> None:
        """Take over weights as they are shipped, in half precision."""
        self.model.load_state_dict({k: v.float() for k, v in load_file(path).items()})

    def _groups(self) -> list[dict[str, Any]]:
        named = list(self.model.named_parameters())
        decayed = [p for name, p in named if p.ndim > 1 and "embed" not in name]
        kept = [p for name, p in named if p.ndim <= 1 or "embed" in name]
        return [{"params": decayed, "weight_decay": 0.05}, {"params": kept, "weight_decay": 0.0}]

    def train(
        self,
        rows: Sequence[Row],
        texts: Sequence[str],
        teacher: NDArray[np.float32] | None = None,
        report: Callable[[str], None] = print,
    ) -> None:
        """Train on `texts`, the model's forms of `rows`, for the settings' epochs."""
        first = self._resume()
        if first >= self.settings.epochs * -(-len(texts) // self.settings.batch_rows):
            self.model.eval()  # It is done: each later step asks for it again.
            return
        ids = encoded(self._tokenizer, texts, self.settings.tokens_max)
        labels = Batch(targets(rows), self._device)
        batches = [
            batch for epoch in range(self.settings.epochs) for batch in self._batches(ids, epoch)
        ]
        total = 0.0
        self.model.train()
        for step in range(first, len(batches)):
            self._set_rate(step, len(batches))
            chosen = torch.from_numpy(batches[step])
            inputs, mask = self._padded([ids[i] for i in batches[step]], step)
            logits = self.model(input_ids=inputs, attention_mask=mask).logits
            follow = None
            if teacher is not None:
                follow = torch.from_numpy(teacher[batches[step]]).to(self._device)
            shares = self.settings.sentiment_share, self.settings.flag_share
            batch_loss = loss(logits, labels.take(chosen.to(self._device)), shares, follow)
            self._optimizer.zero_grad()
            batch_loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self._optimizer.step()
            total += batch_loss.item()
            if (step + 1) % CHECKPOINT_STEPS == 0 or step + 1 == len(batches):
                self._save(step + 1)
                report(
                    f"transformer step {step + 1}/{len(batches)}: {total / CHECKPOINT_STEPS:.4f}"
                )
                total = 0.0
        self.model.eval()

    def _batches(self, ids: Sequence[list[int]], epoch: int) -> Iterator[NDArray[np.int64]]:
        """Yield the epoch's batches of rows, texts of about one length together."""
        random = np.random.default_rng([self.settings.seed, epoch])
        size = self.settings.batch_rows
        lengths = np.array([len(text) for text in ids])
        order = random.permutation(len(ids))
        batches = []
        for start in range(0, len(order), size * SORTED_BATCHES):
            part = order[start : start + size * SORTED_BATCHES]
            part = part[np.argsort(lengths[part], kind="stable")]
            batches += [part[i : i + size] for i in range(0, len(part), size)]
        yield from (batches[i] for i in random.permutation(len(batches)))

    def _padded(self, ids: Sequence[list[int]], step: int) -> tuple[Tensor, Tensor]:
        inputs, mask = padded(ids)
        random = np.random.default_rng([self.settings.seed, 1, step])
        hidden = (random.random(inputs.shape) < self.settings.token_dropout) & (
            inputs >= SPECIAL_IDS
        )
        inputs[hidden] = UNKNOWN_ID
        return torch.from_numpy(inputs).to(self._device), torch.from_numpy(mask).to(self._device)

    def _set_rate(self, step: int, steps: int) -> None:
        warm = min(1.0, (step + 1) / self.settings.warm_up_steps)
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.rate * warm * max(0.02, 1 - step / steps)

    def _save(self, step: int) -> None:
        """Write the checkpoint; tensors only, and whole or not at all."""
        self._directory.mkdir(parents=True, exist_ok=True)
        tensors = {f"model.{k}": v.contiguous() for k, v in self.model.state_dict().items()}
        for index, state in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{k}": v.contiguous() for k, v in state.items()}
        path = self._directory / "checkpoint.safetensors"
        save_file(tensors, path.with_suffix(".part"), {"step": str(step)})
        path.with_suffix(".part").replace(path)

    def _resume(self) -> int:
        """Load the checkpoint, if there is one; return the step to go on with."""
        path = self._directory / "checkpoint.safetensors"
        if not path.exists():
            return 0
        tensors = load_file(path)
        self.model.load_state_dict(
            {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}
        )
        state = self._optimizer.state_dict()
        for key, value in tensors.items():
            if key.startswith("optimizer."):
                _, index, name = key.split(".")
                state["state"].setdefault(int(index), {})[name] = value
        self._optimizer.load_state_dict(state)
        steps = next(s for s in state["state"].values())["step"]
        return int(steps.item())

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return logits (texts, outputs) of texts in the model's form."""
        ids = encoded(self._tokenizer, texts, 2 * self.settings.tokens_max)
        order = np.argsort([len(text) for text in ids], kind="stable")
        result = np.zeros((len(texts), OUTPUT_COUNT), np.float32)
        with torch.no_grad():
            for start in range(0, len(order), 512):
                part = order[start : start + 512]
                inputs, mask = padded([ids[i] for i in part])
                output = self.model(
                    input_ids=torch.from_numpy(inputs).to(self._device),
                    attention_mask=torch.from_numpy(mask).to(self._device),
                )
                result[part] = output.logits.float().cpu().numpy()
        return result


def encoded(tokenizer: Tokenizer, texts: Sequence[str], tokens_max: int) -> list[list[int]]:
    """Return the token ids of each text, at most `tokens_max`."""
    return [encoding.ids[:tokens_max] for encoding in tokenizer.encode_batch(list(texts))]


def padded(ids: Sequence[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and mask as arrays (texts, longest)."""
    longest = max(map(len, ids))
    inputs = np.full((len(ids), longest), PADDING_ID, np.int64)
    mask = np.zeros_like(inputs)
    for row, text in enumerate(ids):
        inputs[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return inputs, mask
