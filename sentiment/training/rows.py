"""A training row: a text and what is known of it. What nobody judged is masked, not guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, SENTIMENT

UNKNOWN: Final = -1  # Of sentiment: nobody judged it.


@dataclass(slots=True)
class Row:
    """One text with its labels; equal texts of a language share a row."""

    text: str
    language: str
    source: str  # The data set it came from.
    split: str  # "train", "val", or "test" of our own templates.
    sentiment: int = UNKNOWN  # Index into SENTIMENT.
    has_neutral: bool = True  # False: the set knows no neutral, its logit takes no part.
    weight: float = 1.0  # Of the sentiment loss.
    flags: dict[str, float] = field(default_factory=dict)  # Name -> 0.0 or 1.0, where judged.
    flag_weights: dict[str, float] = field(default_factory=dict)  # Where it is not 1.


class Targets(NamedTuple):
    """The labels of many rows as arrays; rows in the first dimension."""

    sentiment: NDArray[np.int64]
    has_neutral: NDArray[np.bool_]
    weight: NDArray[np.float32]
    flags: NDArray[np.float32]
    flag_weights: NDArray[np.float32]  # 0 where masked.


def targets(rows: Sequence[Row]) -> Targets:
    """Return the labels of `rows` as arrays."""
    flags = np.zeros((len(rows), len(FLAGS)), np.float32)
    flag_weights = np.zeros_like(flags)
    for index, row in enumerate(rows):
        for name, value in row.flags.items():
            column = FLAG_INDEX[name]
            flags[index, column] = value
            flag_weights[index, column] = row.flag_weights.get(name, 1.0)
    return Targets(
        sentiment=np.array([row.sentiment for row in rows], np.int64),
        has_neutral=np.array([row.has_neutral for row in rows], np.bool_),
        weight=np.array([row.weight for row in rows], np.float32),
        flags=flags,
        flag_weights=flag_weights,
    )


def sentiment_index(label: str) -> int:
    """Return the output of a sentiment label."""
    return SENTIMENT.index(label)


def merged(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each text of a language: what two sets know of it is known of it."""
    kept: dict[tuple[str, str], Row] = {}
    for row in rows:
        known = kept.setdefault((row.language, row.text), row)
        if known is row:
            continue
        if known.sentiment == UNKNOWN:
            known.sentiment, known.has_neutral = row.sentiment, row.has_neutral
            known.weight = row.weight
        known.flags |= row.flags
        known.flag_weights |= row.flag_weights
        if row.split != "train":
            known.split = row.split
    return list(kept.values())
