"""The loss of many heads at once: what a row does not judge takes no part."""

from typing import Final

import torch
from torch import Tensor, nn

from resonance.sentiment.model.heads import FLAGS, SENTIMENT
from resonance.sentiment.training.rows import UNKNOWN, Targets

LABEL_SMOOTHING: Final = 0.05
IMPOSSIBLE: Final = -1e4

_NEUTRAL: Final = SENTIMENT.index("neutral")


class Batch:
    """The labels of one batch as tensors."""

    def __init__(self, labels: Targets, device: str = "cpu") -> None:
        self._tensors = [torch.from_numpy(part).to(device) for part in labels]

    def take(self, index: Tensor) -> list[Tensor]:
        """Return sentiment, has_neutral, weight, flags and flag_weights of some rows."""
        return [part[index] for part in self._tensors]


def loss(
    logits: Tensor,
    labels: list[Tensor],
    shares: tuple[float, float],
    teacher: Tensor | None = None,
) -> Tensor:
    """Return the mean loss of a batch; `logits` (rows, outputs).

    `shares` weigh sentiment and each flag. With a teacher's probabilities (rows, 3) the student
    follows them on every row, labelled or not.
    """
    sentiment, has_neutral, weight, flags, flag_weights = labels
    rows = len(logits)
    scores = logits[:, : len(SENTIMENT)]
    hidden = torch.zeros_like(scores)
    hidden[:, _NEUTRAL] = torch.where(has_neutral, 0.0, IMPOSSIBLE)
    judged = sentiment != UNKNOWN
    total = nn.functional.cross_entropy(
        (scores + hidden)[judged], sentiment[judged], reduction="none"
    )
    smooth = -nn.functional.log_softmax(scores[judged], -1).mean(-1)
    total = (1 - LABEL_SMOOTHING) * total + LABEL_SMOOTHING * smooth
    result = shares[0] * (total * weight[judged]).sum() / rows
    smoothed = flags * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2
    flag_losses = nn.functional.binary_cross_entropy_with_logits(
        logits[:, len(SENTIMENT) :], smoothed, reduction="none"
    )
    result = result + shares[1] * (flag_losses * flag_weights).sum() / rows
    if teacher is not None:
        follow = -(teacher * nn.functional.log_softmax(scores, -1)).sum(-1)
        result = result + shares[0] * follow.mean()
    return result


OUTPUT_COUNT: Final = len(SENTIMENT) + len(FLAGS)
