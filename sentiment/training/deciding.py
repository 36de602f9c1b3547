"""How the parts' votes add up: fitted on rows that none of them was trained on."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from resonance.sentiment.model.decision import PARTS, Decision, FlagMix, SentimentMix, Tier
from resonance.sentiment.model.heads import FLAGS, SENTIMENT
from resonance.sentiment.training.mix import OWN
from resonance.sentiment.training.rows import UNKNOWN, Row, Targets, targets

Floats = NDArray[np.float32]

RULES_SCALE: Final = 2.0  # A rule's 0 or 1 beside logits.
PULL: Final = 0.02  # Towards even weights: the fit has few rows.
THRESHOLD_TRUST: Final = 0.5  # Of the way to the threshold that was best here.
STEPS: Final = 300
# Where general sets judge a flag as we do, they take part; elsewhere only our own rows do.
SHARED_FLAGS: Final = frozenset({"question", "toxic", "spam"})
ROWS_OF_A_SET: Final = 400

_FLAG_PARTS: Final = ("flag_bag", "transformer", "rules")
_SENTIMENT_PARTS: Final = ("sentiment_bag", "flag_bag", "transformer", "rules")


def decide(rows: Sequence[Row], parts: Mapping[str, Floats], version: str) -> Decision:
    """Return how the logits in `parts` (rows, outputs), by name, add up in each tier.

    `parts["rules"]` holds 0 or 1 for flags, and log probabilities of sentiment.
    """
    labels = targets(rows)
    fast = {name: logits for name, logits in parts.items() if name != "transformer"}
    return Decision(
        version=version,
        model=_tier(rows, labels, parts),
        fast=_tier(rows, labels, fast),
        off={},
    )


def _tier(rows: Sequence[Row], labels: Targets, parts: Mapping[str, Floats]) -> Tier:
    flags = {name: _flag_mix(rows, labels, parts, column) for column, name in enumerate(FLAGS)}
    return Tier(sentiment=_sentiment_mix(rows, labels, parts), flags=flags)


def set_weights(rows: Sequence[Row]) -> Floats:
    """Return weights that make each set of a language count alike, small ones less."""
    keys = [(row.source, row.language) for row in rows]
    counts = Counter(keys)
    return np.array([min(counts[key], ROWS_OF_A_SET) / counts[key] for key in keys], np.float32)


def _sentiment_mix(
    rows: Sequence[Row], labels: Targets, parts: Mapping[str, Floats]
) -> SentimentMix:
    judged = (labels.sentiment != UNKNOWN) & labels.has_neutral
    weights = torch.from_numpy(set_weights([row for row, j in zip(rows, judged, strict=True) if j]))
    names = [name for name in _SENTIMENT_PARTS if name in parts]
    votes = torch.from_numpy(np.stack([parts[name][judged][:, : len(SENTIMENT)] for name in names]))
    truth = torch.from_numpy(labels.sentiment[judged])
    shares = torch.full((len(names),), 1 / len(names), requires_grad=True)
    biases = torch.zeros(len(SENTIMENT), requires_grad=True)

    def cost() -> torch.Tensor:
        logits = (shares[:, None, None] * votes).sum(0) + biases
        losses = torch.nn.functional.cross_entropy(logits, truth, reduction="none")
        return (losses * weights).sum() / weights.sum() + PULL * biases.square().sum()

    _minimise([shares, biases], cost)
    by_name = dict(zip(names, shares.detach().tolist(), strict=True))
    first, second, third = (round(bias, 4) for bias in biases.detach().tolist())
    return SentimentMix(
        tuple(round(by_name.get(name, 0.0), 4) for name in PARTS), (first, second, third)
    )


def _flag_mix(
    rows: Sequence[Row], labels: Targets, parts: Mapping[str, Floats], column: int
) -> FlagMix:
    name = FLAGS[column]
    ours = np.array([row.source in OWN or name in SHARED_FLAGS for row in rows])
    chosen = ours & (labels.flag_weights[:, column] >= 1.0)
    truth = labels.flags[chosen, column]
    weights = set_weights([row for row, taken in zip(rows, chosen, strict=True) if taken])
    names = [part for part in _FLAG_PARTS if part in parts]
    scale = {"rules": RULES_SCALE}
    votes = torch.from_numpy(
        np.stack([parts[n][chosen][:, len(SENTIMENT) + column] * scale.get(n, 1.0) for n in names])
    )
    shares = torch.full((len(names),), 1 / len(names), requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    wanted, weighed = torch.from_numpy(truth), torch.from_numpy(weights)

    def cost() -> torch.Tensor:
        logits = (shares[:, None] * votes).sum(0) + bias
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, wanted, reduction="none"
        )
        return (losses * weighed).mean() + PULL * (shares - 1 / len(names)).square().sum()

    _minimise([shares, bias], cost)
    with torch.no_grad():
        logits = ((shares[:, None] * votes).sum(0) + bias).numpy()
    threshold = THRESHOLD_TRUST * best_threshold(logits, truth, weights)
    by_name = {n: s * scale.get(n, 1.0) for n, s in zip(names, shares.tolist(), strict=True)}
    return FlagMix(
        weights=tuple(round(by_name.get(part, 0.0), 4) for part in PARTS),
        bias=round(float(bias.item()) - threshold, 4),
    )


def best_threshold(logits: Floats, truth: Floats, weights: Floats) -> float:
    """Return the logit above which raising the flag gives the best F1."""
    order = np.argsort(-logits, kind="stable")
    hits = np.cumsum(truth[order] * weights[order])
    raised = np.cumsum(weights[order])
    scores = 2 * hits / (raised + (truth * weights).sum() + 1e-9)
    best = int(scores.argmax())
    beyond = logits[order[best + 1]] if best + 1 < len(order) else logits[order[best]] - 1.0
    return float((logits[order[best]] + beyond) / 2)


def _minimise(parameters: Sequence[torch.Tensor], cost: Callable[[], torch.Tensor]) -> None:
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = cost()
        value.backward()
        optimizer.step()
        with torch.no_grad():
            parameters[0].clamp_(min=0.0)  # No part votes against itself.
