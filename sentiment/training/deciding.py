"""How the parts' votes add up: fitted on rows that none of them was trained on."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from resonance.sentiment.model.decision import PARTS, Decision, FlagMix, SentimentMix, Tier, softmax
from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, SENTIMENT
from resonance.sentiment.training.choosing import (
    best_threshold,
    frequency_thresholds,
    macro_f1,
    mean_average_precision,
)
from resonance.sentiment.training.mix import OWN
from resonance.sentiment.training.rows import UNKNOWN, Row, Targets, targets
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

Floats = NDArray[np.float32]

RULES_SCALE: Final = 2.0  # A rule's 0 or 1 beside logits.
PULL: Final = 0.02  # Towards even weights: the fit has few rows.
THRESHOLD_TRUST: Final = 0.5  # Of the way to the threshold that was best here.
STEPS: Final = 300
NEWTON_STEPS: Final = 30
# Where general sets judge a flag as we do, they take part; elsewhere only our own rows do.
SHARED_FLAGS: Final = frozenset({"question", "toxic", "spam"})
OWN_FLAGS: Final = tuple(
    name for name in (*SIGNALS, *TOPICS, *FRICTION_CATEGORIES) if name not in SHARED_FLAGS
)
RULES_VOTES: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # Of a rule, beside the bag's logit.
TRANSFORMER_VOTES: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7)
BIASES: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, -0.25, -0.5)
FREQUENCY_TRUST: Final = 0.25  # Of the way to raising a flag as often as it holds.
ROWS_OF_A_SET: Final = 400
# Reviews and films are not chat: beside posts and comments they count a quarter.
CHAT_LIKE: Final = OWN | {"umsab"}
OTHER_SHARE: Final = 0.25

# Sets whose classes are alike frequent by design: what the models lean to in them is their fault.
BALANCED: Final = frozenset({"umsab"})
BALANCED_ROWS_MIN: Final = 100  # Of a language.

_FLAG_PARTS: Final = ("flag_bag", "rules")
# Where general sets teach it, its share can be fitted for the flag alone.
_TRANSFORMER_FLAGS: Final = frozenset({"question"})
# The bags for sentiment have three votes together, the transformer one. Fitted, it got as much
# weight as they: the fit sees one bag, as the others were not trained for it.
_VOTES: Final = {"sentiment_bag": 0.75, "transformer": 0.25}
_BESIDE: Final = ("flag_bag",)  # The bags have seen what the rules found: they vote once.


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
    return Tier(
        sentiment=_sentiment_mix(rows, labels, parts), flags=_flag_mixes(rows, labels, parts)
    )


def decide_flags(rows: Sequence[Row], parts: Mapping[str, Floats], known: Decision) -> Decision:
    """Return `known` with the votes on flags fitted anew; those on sentiment stay."""
    labels = targets(rows)
    fast = {name: logits for name, logits in parts.items() if name != "transformer"}
    return msgspec.structs.replace(
        known,
        model=msgspec.structs.replace(known.model, flags=_flag_mixes(rows, labels, parts)),
        fast=msgspec.structs.replace(known.fast, flags=_flag_mixes(rows, labels, fast)),
    )


def _flag_mixes(
    rows: Sequence[Row], labels: Targets, parts: Mapping[str, Floats]
) -> dict[str, FlagMix]:
    together = own_mixes(rows, labels, parts)
    return {
        name: together[name] if name in together else _flag_mix(rows, labels, parts, column)
        for column, name in enumerate(FLAGS)
    }


def own_mixes(
    rows: Sequence[Row], labels: Targets, parts: Mapping[str, Floats]
) -> dict[str, FlagMix]:
    """Return the votes on the flags that our comments alone judge.

    The parts have one share each in all of them: few of our comments carry any one flag, and shares
    that were fitted for each lost three points of F1 on comments that the fit had not seen. Shares
    are those that rank best (mean average precision), as F1 asks of one threshold alone and chose
    worse; the bias is that of the best macro-F1. It moves from the common one towards what makes
    the flag as frequent as it is, a share of the way that such comments bore out.
    """
    columns = [FLAG_INDEX[name] for name in OWN_FLAGS]
    ours = np.array([row.source in OWN for row in rows])
    chosen = ours & (labels.flag_weights[:, columns] >= 1.0).all(axis=1)
    truth = labels.flags[chosen][:, columns] > 0
    logits = {
        name: parts[name][chosen][:, [len(SENTIMENT) + column for column in columns]]
        for name in (*_FLAG_PARTS, "transformer")
        if name in parts
    }

    def votes(of_rules: float, of_transformer: float) -> Floats:
        result = logits["flag_bag"] + of_rules * (logits["rules"] - 0.5)
        if of_transformer:
            result += of_transformer * logits["transformer"]
        return result.astype(np.float32, copy=False)

    def ranking(shares: tuple[float, float]) -> float:
        return mean_average_precision(votes(*shares), truth)

    offered = TRANSFORMER_VOTES if "transformer" in logits else (0.0,)
    # Of equals the first.
    of_rules, of_transformer = max(product(RULES_VOTES, offered), key=ranking)
    voted = votes(of_rules, of_transformer)
    bias = max(BIASES, key=lambda some: macro_f1(voted + some > 0, truth))
    by_name = {"flag_bag": 1.0, "rules": of_rules, "transformer": of_transformer}
    weights = tuple(by_name.get(part, 0.0) for part in PARTS)
    moved = FREQUENCY_TRUST * frequency_thresholds(voted + np.float32(bias), truth)
    return {
        name: FlagMix(weights=weights, bias=round(bias - of_rules / 2 - threshold, 4))
        for name, threshold in zip(OWN_FLAGS, moved.tolist(), strict=True)
    }


def set_weights(rows: Sequence[Row]) -> Floats:
    """Return weights that make each set of a language count alike, small and distant ones less."""
    keys = [(row.source, row.language) for row in rows]
    counts = Counter(keys)
    shares = [1.0 if row.source in CHAT_LIKE else OTHER_SHARE for row in rows]
    alike = [min(counts[key], ROWS_OF_A_SET) / counts[key] for key in keys]
    return np.array(alike, np.float32) * np.array(shares, np.float32)


def _sentiment_mix(
    rows: Sequence[Row], labels: Targets, parts: Mapping[str, Floats]
) -> SentimentMix:
    judged = (labels.sentiment != UNKNOWN) & labels.has_neutral
    weights = torch.from_numpy(set_weights([row for row, j in zip(rows, judged, strict=True) if j]))
    voters = {name: vote for name, vote in _VOTES.items() if name in parts}
    names = ["voters", *_BESIDE]
    logits = {name: parts[name][judged][:, : len(SENTIMENT)] for name in (*voters, *_BESIDE)}
    mean = sum(vote * logits[name] for name, vote in voters.items()) / sum(voters.values())
    votes = torch.from_numpy(np.stack([mean, *(logits[name] for name in _BESIDE)]))
    truth = torch.from_numpy(labels.sentiment[judged])
    shares = torch.full((len(names),), 1 / len(names), requires_grad=True)
    biases = torch.zeros(len(SENTIMENT), requires_grad=True)

    def cost() -> torch.Tensor:
        mixed = (shares[:, None, None] * votes).sum(0) + biases
        losses = torch.nn.functional.cross_entropy(mixed, truth, reduction="none")
        return (losses * weights).sum() / weights.sum() + PULL * biases.square().sum()

    _minimise([shares, biases], cost)
    by_name = dict(zip(names, shares.detach().tolist(), strict=True))
    together = by_name.pop("voters") / sum(voters.values())
    by_name |= {name: vote * together for name, vote in voters.items()}
    first, second, third = (round(bias, 4) for bias in biases.detach().tolist())
    mix = SentimentMix(
        tuple(round(by_name.get(name, 0.0), 4) for name in PARTS), (first, second, third)
    )
    return msgspec.structs.replace(mix, offsets=offsets_by_language(rows, parts, mix))


def offsets_by_language(
    rows: Sequence[Row], parts: Mapping[str, Floats], mix: SentimentMix
) -> dict[str, tuple[float, float, float]]:
    """Return by how much a language's sets have shifted its logits, where that is no chance."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.source in BALANCED and row.sentiment != UNKNOWN:
            places.setdefault(row.language, []).append(place)
    logits = sum(
        weight * parts[name][:, : len(SENTIMENT)]
        for name, weight in zip(PARTS, mix.weights, strict=True)
        if name in parts and weight
    ) + np.array(mix.biases, np.float32)
    found = {}
    for language, chosen in sorted(places.items()):
        if len(chosen) >= BALANCED_ROWS_MIN:
            truth = np.array([rows[place].sentiment for place in chosen])
            offset = shrunk_offset(logits[chosen], truth)
            if offset.any():
                first, second, third = (round(float(shift), 4) for shift in offset)
                found[language] = (first, second, third)
    return found


def shrunk_offset(logits: Floats, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what to add to logits (rows, classes) that they lean as the truth does.

    By maximum likelihood, then pulled to nothing by the share that is expected of chance alone.
    """
    offset = np.zeros(logits.shape[1])
    counts = np.bincount(truth, minlength=logits.shape[1])
    for _ in range(NEWTON_STEPS):
        shares = softmax((logits + offset).astype(np.float32)).astype(np.float64)
        curvature = np.diag(shares.sum(0)) - shares.T @ shares
        covariance = np.linalg.pinv(curvature, rcond=1e-6)  # To all classes the same is nothing.
        offset -= covariance @ (shares.sum(0) - counts)
    offset -= offset.mean()
    by_chance = float(np.trace(covariance))
    squared = float(offset @ offset)
    shrunk: NDArray[np.float64] = offset * (1 - by_chance / max(squared, by_chance))
    return shrunk


def _flag_mix(
    rows: Sequence[Row], labels: Targets, parts: Mapping[str, Floats], column: int
) -> FlagMix:
    name = FLAGS[column]
    ours = np.array([row.source in OWN or name in SHARED_FLAGS for row in rows])
    chosen = ours & (labels.flag_weights[:, column] >= 1.0)
    truth = labels.flags[chosen, column]
    weights = set_weights([row for row, taken in zip(rows, chosen, strict=True) if taken])
    wanted_parts = (*_FLAG_PARTS, *(("transformer",) if name in _TRANSFORMER_FLAGS else ()))
    names = [part for part in wanted_parts if part in parts]
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


def _minimise(parameters: Sequence[torch.Tensor], cost: Callable[[], torch.Tensor]) -> None:
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = cost()
        value.backward()
        optimizer.step()
        with torch.no_grad():
            parameters[0].clamp_(min=0.0)  # No part votes against itself.
