"""From the logits of several models to probabilities: weights, thresholds, what is switched off."""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.model.heads import FLAGS, SENTIMENT
from resonance.sentiment.pack import LANGUAGES

Floats = NDArray[np.float32]

LOGIT_MIN: Final = -80.0  # Of what lies below, the exponential is beyond single precision.
PARTS: Final = ("sentiment_bag", "flag_bag", "transformer", "rules")  # What speaks, in order.


class SentimentMix(msgspec.Struct, frozen=True):
    """The sum of the parts' sentiment logits, after the temperature that makes them honest."""

    weights: tuple[float, ...]  # One for each of `PARTS`; 0 where the tier goes without.
    biases: tuple[float, float, float]
    offsets: dict[
        str, tuple[float, float, float]
    ] = {}  # Language -> what its sets taught too much.


class FlagMix(msgspec.Struct, frozen=True):
    """A flag is raised where the weighed sum of its logits and the bias is above 0."""

    weights: tuple[float, ...]  # One for each of `PARTS`; that of rules multiplies 0 or 1.
    bias: float


class Tier(msgspec.Struct, frozen=True):
    """How one tier decides."""

    sentiment: SentimentMix
    flags: dict[str, FlagMix]


class Decision(msgspec.Struct, frozen=True):
    """What was fitted on held-out rows after training; shipped beside the weights."""

    version: str
    model: Tier
    fast: Tier
    off: dict[str, tuple[str, ...]]  # Flag -> languages without data: there only rules speak.


def mixed(parts: dict[str, Floats], tier: Tier, spoken: Floats) -> Floats:
    """Return (texts, outputs): probabilities of sentiment, then of each flag.

    `parts` holds logits (texts, outputs) by name; "rules" holds 0 or 1 for each flag. `spoken`
    (texts, languages) holds 1 for a text's language among `LANGUAGES`, 0 elsewhere.
    """
    names = [name for name in PARTS if name in parts]
    sentiment = np.zeros_like(parts["sentiment_bag"][:, : len(SENTIMENT)])
    flags = np.zeros_like(parts["flag_bag"][:, len(SENTIMENT) :])
    flag_weights, flag_biases = _flag_table(tier)
    for name in names:
        place = PARTS.index(name)
        if tier.sentiment.weights[place]:
            sentiment += tier.sentiment.weights[place] * parts[name][:, : len(SENTIMENT)]
        if flag_weights[place].any():  # Else a part may be without any.
            flags += flag_weights[place] * parts[name][:, len(SENTIMENT) :]
    sentiment += np.array(tier.sentiment.biases, np.float32)
    sentiment += spoken @ _offset_table(tier.sentiment)  # One term of each sum: nothing is rounded.
    flags += flag_biases
    return np.concatenate([softmax(sentiment), _sigmoid(flags)], axis=1)


def _flag_table(tier: Tier) -> tuple[Floats, Floats]:
    mixes = [tier.flags[name] for name in FLAGS]
    weights = np.array([mix.weights for mix in mixes], np.float32).T
    return weights, np.array([mix.bias for mix in mixes], np.float32)


def _offset_table(mix: SentimentMix) -> Floats:
    none = (0.0, 0.0, 0.0)
    return np.array([mix.offsets.get(language, none) for language in LANGUAGES], np.float32)


def _sigmoid(logits: Floats) -> Floats:
    result: Floats = np.reciprocal(1 + np.exp(-np.maximum(logits, LOGIT_MIN)))
    return result


def softmax(logits: Floats) -> Floats:
    """Return the probabilities (texts, classes) of logits of that shape."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    result: Floats = powers / powers.sum(1, keepdims=True)
    return result
