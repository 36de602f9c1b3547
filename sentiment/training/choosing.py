"""What votes and thresholds are chosen by: figures of logits beside what is true."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def macro_f1(raised: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Return the mean over flags of F1, each from (rows, flags); 0 where nothing is to be found."""
    hits = (raised & truth).sum(axis=0)
    return float((2 * hits / np.maximum(1, raised.sum(axis=0) + truth.sum(axis=0))).mean())


def mean_average_precision(logits: Floats, truth: NDArray[np.bool_]) -> float:
    """Return the mean over flags of average precision, each from (rows, flags).

    That is the mean precision at the ranks of the rows that hold the flag; 0 where none does. Equal
    logits rank in the order of their rows.
    """
    order = np.argsort(-logits, axis=0, kind="stable")
    hits = np.take_along_axis(truth, order, axis=0)
    precisions = np.cumsum(hits, axis=0) / np.arange(1, len(hits) + 1)[:, None]
    of_flags = (precisions * hits).sum(axis=0) / np.maximum(1, hits.sum(axis=0))
    return float(of_flags.mean())


def frequency_thresholds(logits: Floats, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return for each column the logit that as many rows exceed as hold the flag.

    0 where no row holds it, or all do: nothing lies between the two kinds.
    """
    thresholds = np.zeros(truth.shape[1])
    for column, count in enumerate(truth.sum(axis=0).tolist()):
        if 0 < count < len(truth):
            above = np.sort(logits[:, column])[::-1][count - 1 : count + 1]
            thresholds[column] = above.mean()
    return thresholds


def best_threshold(logits: Floats, truth: Floats, weights: Floats) -> float:
    """Return the logit above which raising the flag gives the best F1."""
    order = np.argsort(-logits, kind="stable")
    hits = np.cumsum(truth[order] * weights[order])
    raised = np.cumsum(weights[order])
    scores = 2 * hits / (raised + (truth * weights).sum() + 1e-9)
    best = int(scores.argmax())
    beyond = logits[order[best + 1]] if best + 1 < len(order) else logits[order[best]] - 1.0
    return float((logits[order[best]] + beyond) / 2)
