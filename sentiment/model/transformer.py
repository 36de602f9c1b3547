"""Read the transformer: ONNX Runtime and a tokenizer, one thread, no torch."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.model.tokens import TOKENS_MAX, WordTokens

# Texts are padded to one of these by their own length, never to the longest of a batch: a text's
# arithmetic must not depend on its neighbours. All are even: odd ones change the last bits.
PADDED_LENGTHS: Final = (6, 8, 10, 12, 14, 16, 20, 24, 32, 48, TOKENS_MAX)
BATCH_TEXTS: Final = 64
# Kernels take rows by fours, and finish what is left over by other sums: so nothing is left over.
ROWS_MULTIPLE: Final = 4
PADDING_ID: Final = 0

Floats = NDArray[np.float32]


class TransformerModel:
    """A trained transformer, from a directory in the Hugging Face layout with a model.onnx."""

    def __init__(self, directory: Path) -> None:
        # Late: tiers that go without a transformer start sooner, and hold 20 MB less.
        import onnxruntime  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # Two pools of threads (numpy's, ours) would fight.
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            directory / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        self._tokens = WordTokens(Tokenizer.from_file(str(directory / "tokenizer.json")))
        self._outputs: int = self._session.get_outputs()[0].shape[1]

    def logits(self, forms: Sequence[str]) -> Floats:
        """Return (texts, outputs) of texts in the model's form."""
        result = np.zeros((len(forms), self._outputs), np.float32)
        ids = self._tokens.of(forms)
        for length, texts in self._by_length(ids).items():
            for start in range(0, len(texts), BATCH_TEXTS):
                part = texts[start : start + BATCH_TEXTS]
                result[part] = self._run([ids[text] for text in part], length)
        return result

    @staticmethod
    def _by_length(ids: Sequence[Sequence[int]]) -> dict[int, list[int]]:
        lengths = defaultdict(list)
        for text, tokens in enumerate(ids):
            lengths[PADDED_LENGTHS[bisect_left(PADDED_LENGTHS, len(tokens))]].append(text)
        return lengths

    def _run(self, ids: Sequence[Sequence[int]], length: int) -> Floats:
        rows = -(-len(ids) // ROWS_MULTIPLE) * ROWS_MULTIPLE
        lengths = np.ones(rows, np.int64)  # A row of padding alone would divide by its length, 0.
        lengths[: len(ids)] = [len(tokens) for tokens in ids]
        mask = np.arange(length) < lengths[:, None]
        inputs = np.full((rows, length), PADDING_ID, np.int64)
        inputs[: len(ids)][mask[: len(ids)]] = [*chain.from_iterable(ids)]
        logits: Floats = self._session.run(
            ["logits"], {"input_ids": inputs, "attention_mask": mask.astype(np.int64)}
        )[0]
        return logits[: len(ids)]
