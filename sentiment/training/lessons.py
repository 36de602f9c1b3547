"""Lessons: short comments written to teach what templates miss; none of them is held out.

A heading names the labels of the lines below it: `# sentiment signals topics friction`, names of
one kind joined by commas, `-` for none.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from resonance.sentiment.training.comments import labelled
from resonance.sentiment.training.rows import Row
from resonance.sentiment.training.templates import roughen

HEADING: Final = "# "
HEADING_LABELS: Final = 4
NO_MARKET: Final = "-"


def read_lessons(path: Path) -> Iterator[list[str]]:
    """Yield text, language, market, sentiment, signals, topics, friction of each line.

    Raises `ValueError` with file and line where a heading is malformed or missing.
    """
    labels: list[str] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.startswith(HEADING):
            labels = line.removeprefix(HEADING).split(" ")
            if len(labels) != HEADING_LABELS:
                message = f"{path.name}, line {number}: {len(labels)} labels, not {HEADING_LABELS}"
                raise ValueError(message)
            continue
        if not labels:
            message = f"{path.name}, line {number}: a comment stands before the first heading"
            raise ValueError(message)
        yield [line, path.stem, NO_MARKET, *labels]


def lesson_rows(directory: Path, seed: int) -> Iterator[Row]:
    """Yield each lesson as it was written, and once as a hurried viewer types it."""
    for path in sorted(directory.glob("*.md")):
        random = np.random.default_rng([seed, *path.stem.encode()])
        for columns in read_lessons(path):
            shown = [columns[0], roughen(columns[0], random)]
            for text in dict.fromkeys(shown):
                yield labelled([text, *columns[1:]], "lessons", "train")
