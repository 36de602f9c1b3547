"""Load any Hugging Face text classifier, and ask it for the sentiment of texts."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from resonance.agents.errors import UsageError
from resonance.agents.hugging_face.files import ModelFiles, find_model
from resonance.agents.hugging_face.labels import CLASSES, SentimentLabel, label_classes
from resonance.agents.settings import Settings
from resonance.sentiment.sentiment_model import Probabilities, SentimentModel
from resonance.sentiment.text import TEXT_MAX_CODE_POINTS

BATCH_TEXTS: Final = 32
TOKENS_MAX: Final = 256  # Of a text; a comment has 20.
PROBE: Final = ("ok", "ok")  # Two: some models answer one text, but not a batch.
SAYS_NOTHING: Final = Probabilities(0.0, 1.0, 0.0)


def load_sentiment_model(settings: Settings) -> SentimentModel | None:
    """Return the model that `model` names, or None if the setting is empty.

    Raises:
        UsageError: the extra is not installed, the model is not safe to read, cannot be read, is
            no classifier, or its labels are not understood.
        ServiceUnreachable: it has to be fetched from the hub, which does not answer.
    """
    if not settings.model:
        return None
    files = find_model(settings.model)
    transformers, torch = _libraries()
    torch.set_num_threads(settings.model_threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        return _load(transformers, torch, files, settings.model_labels)
    except UsageError:
        raise
    except Exception as error:  # Whatever the libraries say about files that they cannot use.
        why = str(error).strip().partition("\n")[0][:200]
        message = f"the model {files.name} cannot be read: {type(error).__name__}: {why}"
        raise UsageError(message) from error


def _libraries() -> tuple[Any, Any]:
    """Return transformers and torch; imported here, as they take seconds and gigabytes."""
    try:
        import torch  # noqa: PLC0415
        import transformers  # noqa: PLC0415
    except ImportError as error:
        message = "`model` needs PyTorch: pip install 'resonance-live[torch]', or unset `model`"
        raise UsageError(message) from error
    return transformers, torch


def _load(transformers: Any, torch: Any, files: ModelFiles, mapping: str) -> "HuggingFaceModel":
    local = {"local_files_only": True, "trust_remote_code": False}
    config = transformers.AutoConfig.from_pretrained(files.folder, **local)
    meanings = label_classes([config.id2label[i] for i in range(len(config.id2label))], mapping)
    if config.problem_type == "multi_label_classification":
        message = f"the model {files.name} gives a text several labels; sentiment takes one"
        raise UsageError(message)
    network, loaded = transformers.AutoModelForSequenceClassification.from_pretrained(
        files.folder,
        config=config,
        use_safetensors=True,
        dtype=torch.float32,
        attn_implementation="eager",  # A configuration may ask for one from the hub, with code.
        output_loading_info=True,
        **local,
    )
    if loaded["missing_keys"]:
        # They would be drawn at random, and every answer with them.
        message = (
            f"the weights of {files.name} lack {min(loaded['missing_keys'])}: it is no text "
            "classifier yet. Take one that was trained for sentiment"
        )
        raise UsageError(message)
    tokenizer = transformers.AutoTokenizer.from_pretrained(files.folder, **local)
    limits = (TOKENS_MAX, tokenizer.model_max_length, _positions(config))
    model = HuggingFaceModel(network, tokenizer, meanings, min(limits), files.version(meanings))
    model.shares(PROBE)
    return model


def _positions(config: Any) -> int:
    """Return how many tokens the model has places for; two fewer, as RoBERTa counts from 2."""
    return int(getattr(config, "max_position_embeddings", None) or TOKENS_MAX + 2) - 2


class HuggingFaceModel:
    """A text classifier as a `SentimentModel`, run by PyTorch on the processor."""

    def __init__(
        self,
        network: Any,
        tokenizer: Any,
        meanings: Sequence[SentimentLabel],
        tokens_max: int,
        version: str,
    ) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._meanings = meanings
        self._tokens_max = tokens_max
        self._version = version

    @property
    def version(self) -> str:
        """The model's name, with fingerprints of its weights and of its other files."""
        return self._version

    def probabilities(self, texts: Sequence[str]) -> list[Probabilities]:
        """Return the probabilities of each text, in order; a model without neutral gives it 0."""
        return [_probabilities(self._meanings, shares) for shares in self.shares(texts)]

    def shares(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the softmax over the model's own labels, for each text."""
        if not texts:
            return []
        import torch  # noqa: PLC0415 - loaded already.

        # The tokenizer is no Python: lone surrogates have no bytes for it.
        readable = [
            text[:TEXT_MAX_CODE_POINTS].encode("utf-8", "replace").decode() for text in texts
        ]
        tokens = self._tokenizer(readable, truncation=True, max_length=self._tokens_max)
        by_length: dict[int, list[int]] = defaultdict(list)
        for index, ids in enumerate(tokens["input_ids"]):
            by_length[len(ids)].append(index)
        found: list[list[float]] = [[]] * len(texts)
        with torch.inference_mode():
            for indices in by_length.values():  # Of one length: nothing is filled up.
                for start in range(0, len(indices), BATCH_TEXTS):
                    batch = indices[start : start + BATCH_TEXTS]
                    given = {
                        name: torch.tensor([column[index] for index in batch])
                        for name, column in tokens.items()
                    }
                    shares = torch.softmax(self._network(**given).logits, dim=-1).tolist()
                    for index, row in zip(batch, shares, strict=True):
                        found[index] = row
        return found


def _probabilities(meanings: Sequence[SentimentLabel], shares: Sequence[float]) -> Probabilities:
    """Return the three classes' shares, rounded so that their sum is 1.

    >>> _probabilities(("negative", "positive", "positive"), (0.33333, 0.33333, 0.33334))
    Probabilities(negative=0.3333, neutral=0.0, positive=0.6667)
    """
    if not all(map(math.isfinite, shares)):
        return SAYS_NOTHING  # Weights overflow on rare texts; a comment must not stop a worker.
    sums = dict.fromkeys(CLASSES, 0.0)
    for meaning, share in zip(meanings, shares, strict=True):
        sums[meaning] += share
    rounded = {name: round(share, 4) for name, share in sums.items()}
    largest = max(CLASSES, key=lambda name: rounded[name])
    others = sum(share for name, share in rounded.items() if name != largest)
    return Probabilities(**(rounded | {largest: round(1.0 - others, 4)}))
