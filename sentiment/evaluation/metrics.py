"""Precision, recall, F1, confusion and calibration, counted as the field counts them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final

import msgspec

CALIBRATION_BINS: Final = 15  # As Guo et al. 2017 and most papers since.
DECIMALS: Final = 4


class ClassFigures(msgspec.Struct, frozen=True):
    """How well one class or label is found; shares from 0 to 1."""

    n: int  # Texts that have it.
    precision: float
    recall: float
    f1: float


class Confusion:
    """Counts of (truth, predicted), for texts with one class each."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, truth: str, predicted: str) -> None:
        """Count one text."""
        self._counts[truth, predicted] += 1

    @property
    def n(self) -> int:
        """How many texts were counted."""
        return self._counts.total()

    @property
    def accuracy(self) -> float:
        """Share of texts whose class was found; 0 of none."""
        right = sum(
            count for (truth, predicted), count in self._counts.items() if truth == predicted
        )
        return share(right, self.n)

    def table(self) -> dict[str, dict[str, int]]:
        """Return the counts by truth, then by what was predicted."""
        names = self._names()
        return {truth: {name: self._counts[truth, name] for name in names} for truth in names}

    def classes(self) -> dict[str, ClassFigures]:
        """Return the figures of each class that occurs or was predicted."""
        return {
            name: _figures(
                self._counts[name, name],
                sum(self._counts[other, name] for other in self._names() if other != name),
                sum(self._counts[name, other] for other in self._names() if other != name),
            )
            for name in self._names()
        }

    def _names(self) -> list[str]:
        return sorted({name for pair in self._counts for name in pair})


class LabelTally:
    """Right, surplus and missed labels, for texts with any number of them."""

    def __init__(self) -> None:
        self._right: Counter[str] = Counter()
        self._surplus: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()
        self._exact = self.n = 0

    def add(self, truth: Iterable[str], predicted: Iterable[str]) -> None:
        """Count one text."""
        truth, predicted = set(truth), set(predicted)
        self._right.update(truth & predicted)
        self._surplus.update(predicted - truth)
        self._missed.update(truth - predicted)
        self._exact += truth == predicted
        self.n += 1

    @property
    def accuracy(self) -> float:
        """Share of texts whose labels are exactly those found; 0 of none."""
        return share(self._exact, self.n)

    def classes(self) -> dict[str, ClassFigures]:
        """Return the figures of each label that some text has; others have no recall to judge."""
        return {
            name: _figures(self._right[name], self._surplus[name], self._missed[name])
            for name in sorted(self._right.keys() | self._missed.keys())
        }


def macro_f1(classes: dict[str, ClassFigures]) -> float:
    """Return the mean F1 of the classes; 0 of none."""
    return share(sum(figures.f1 for figures in classes.values()), len(classes))


def calibration_error(
    confidences: Sequence[float], right: Sequence[bool], bins: int = CALIBRATION_BINS
) -> float:
    """Return the expected calibration error, from 0 to 1: how far confidence is from accuracy.

    Texts are put into `bins` intervals (a, b] of equal width by confidence; the error is the mean
    of |accuracy - mean confidence| over intervals, weighted by their texts.
    """
    totals = [[0, 0.0, 0] for _ in range(bins)]  # Texts, sum of confidence, right.
    for confidence, was_right in zip(confidences, right, strict=True):
        place = min(max(ceil(confidence * bins) - 1, 0), bins - 1)
        cell = totals[place]
        cell[0] += 1
        cell[1] += confidence
        cell[2] += was_right
    return share(sum(abs(hits - sure) for _, sure, hits in totals), len(confidences))


def share(part: float, whole: float) -> float:
    """Return part / whole to four decimals; 0 of nothing."""
    return round(part / whole, DECIMALS) if whole else 0.0


def _figures(right: int, surplus: int, missed: int) -> ClassFigures:
    return ClassFigures(
        n=right + missed,
        precision=share(right, right + surplus),
        recall=share(right, right + missed),
        f1=share(2 * right, 2 * right + surplus + missed),
    )
