"""The models that come with the package: read once, from its own files."""

from collections.abc import Sequence
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from resonance.sentiment.model.bag import Bags, Tensors
from resonance.sentiment.model.decision import Decision, mixed
from resonance.sentiment.model.form import with_edges
from resonance.sentiment.model.heads import SENTIMENT
from resonance.sentiment.model.traits import LANGUAGE_TRAITS
from resonance.sentiment.model.transformer import TransformerModel
from resonance.sentiment.pack import common_words

ModelTier = Literal["model", "fast"]
Floats = NDArray[np.float32]

SENTIMENT_FILES: Final = tuple(f"sentiment_bag_{number}.safetensors" for number in (1, 2))
FLAG_FILE: Final = "flag_bag.safetensors"
DECISION_FILE: Final = "decision.json"
TRANSFORMER_FILES: Final = (
    "transformer/model.onnx",
    "transformer/model.safetensors",
    "transformer/tokenizer.json",
)


class ShippedModel:
    """The bags and the transformer of a folder of weights, and how their logits add up."""

    def __init__(self, weights: Traversable) -> None:
        self._weights = weights
        feeling = _of_sentiment(load(self._read(SENTIMENT_FILES[0])))
        self._bags = Bags([feeling, load(self._read(FLAG_FILE))])
        self._bags.learn(common_words())
        self.decision = msgspec.json.decode(self._read(DECISION_FILE), type=Decision)

    def _read(self, name: str) -> bytes:
        return self._weights.joinpath(*name.split("/")).read_bytes()

    @cached_property
    def _second_opinion(self) -> Bags:
        """The other bag for sentiment; the fast tier has it no better by two of them."""
        return Bags([_of_sentiment(load(self._read(SENTIMENT_FILES[1])))])

    @cached_property
    def _transformer(self) -> TransformerModel:
        """The slow part, loaded when it is first asked: the fast tier does without."""
        with as_file(self._weights / "transformer") as path:
            return TransformerModel(path)

    @cached_property
    def version(self) -> str:
        """Which weights: where it differs, scores may differ."""
        digest = sha256()
        for name in (*SENTIMENT_FILES, FLAG_FILE, DECISION_FILE, *TRANSFORMER_FILES):
            digest.update(self._read(name))
        return f"resonance-{self.decision.version}-{digest.hexdigest()[:12]}"

    def probabilities(
        self, forms: Sequence[str], traits: Floats, rules: Floats, tier: ModelTier
    ) -> Floats:
        """Return (texts, outputs): probabilities of each text in the model's form.

        `traits` (texts, traits) and `rules` (texts, outputs) are what the rules found.
        """
        edged = [with_edges(form) for form in forms]
        feeling, flags = self._bags.logits(edged, traits)
        parts = {"sentiment_bag": feeling, "flag_bag": flags, "rules": rules}
        if tier == "model":
            feelings = [feeling, *self._second_opinion.logits(edged, traits)]
            parts["sentiment_bag"] = np.mean(feelings, axis=0, dtype=np.float32)
            parts["transformer"] = self._transformer.logits(forms)
        decided = self.decision.model if tier == "model" else self.decision.fast
        return mixed(parts, decided, traits[:, LANGUAGE_TRAITS])


def _of_sentiment(tensors: Tensors) -> Tensors:
    """Return a bag without its outputs for flags, which no decision reads."""
    read = {name: tensors[name][: len(SENTIMENT)] for name in ("output.weight", "output.bias")}
    return {**tensors, **read}


@cache
def shipped_model() -> ShippedModel:
    """Return the one copy that this process holds."""
    return ShippedModel(files("resonance.sentiment.model") / "weights")
