"""Sets of labelled texts against the scores of their texts."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from resonance.sentiment.evaluation.metrics import (
    ClassFigures,
    Confusion,
    LabelTally,
    calibration_error,
    macro_f1,
)
from resonance.sentiment.evaluation.tasks import (
    NONE,
    QUESTION,
    SENTIMENT,
    SENTIMENT_CLASSES,
    TASKS,
    TOPIC,
    TOPICS,
    most_likely,
    topics_of,
    without_question_marks,
)
from resonance.sentiment.scores import Score

LABELLED_COLUMNS: Final = 2  # `text, label`, and what else there is.
SEED: Final = b"resonance"  # Which rows stand for a set does not change from run to run.


class LabelledSet(NamedTuple):
    """One file of a set: texts of one language with the labels of one task."""

    name: str
    task: str
    language: str
    rows: tuple[tuple[str, str], ...]  # Text, label.

    @property
    def texts(self) -> list[str]:
        """The texts as they are scored: a question without its mark."""
        texts = [text for text, _ in self.rows]
        return [without_question_marks(text) for text in texts] if self.task == QUESTION else texts


class SetFigures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How well one set was scored; shares from 0 to 1."""

    set: str
    task: str
    language: str
    n: int
    unusable: int = 0  # Rows whose label the task does not know.
    macro_f1: float
    accuracy: float
    classes: dict[str, ClassFigures]
    confusion: dict[str, dict[str, int]] | None = None
    calibration_error: float | None = None


class Mistake(NamedTuple):
    """One text that was scored wrongly, and how sure the score was."""

    set: str
    language: str
    truth: str
    predicted: str
    confidence: float
    text: str


def knows(task: str) -> bool:
    """Tell whether sets of a task can be judged."""
    return task in TASKS or task == TOPIC


def parse_labelled(text: str) -> tuple[tuple[str, str], ...]:
    """Return text and label of each line of a file; lines with fewer columns are left out."""
    lines = (line.split("\t") for line in text.split("\n"))
    return tuple((row[0], row[1].strip()) for row in lines if len(row) >= LABELLED_COLUMNS)


def sample(rows: Sequence[tuple[str, str]], limit: int | None) -> tuple[tuple[str, str], ...]:
    """Return at most `limit` rows, the same ones every time, in their order."""
    if limit is None or len(rows) <= limit:
        return tuple(rows)
    by_hash = sorted(
        range(len(rows)),
        key=lambda i: sha256(SEED + rows[i][0].encode("utf-8", "replace")).digest(),
    )
    return tuple(rows[i] for i in sorted(by_hash[:limit]))


def judge(data: LabelledSet, scores: Sequence[Score]) -> tuple[SetFigures, list[Mistake]]:
    """Return the figures of a set and what went wrong; `scores` are those of `data.texts`."""
    return _judge_topics(data, scores) if data.task == TOPIC else _judge_classes(data, scores)


def _judge_classes(data: LabelledSet, scores: Sequence[Score]) -> tuple[SetFigures, list[Mistake]]:
    task = TASKS[data.task]
    truths = [task.classes.get(label) for _, label in data.rows]
    # A set without a neutral class asks which of two: so is it answered.
    asked = [name for name in SENTIMENT_CLASSES if name in truths]
    confusion, mistakes = Confusion(), []
    confidences, right = [], []
    for (text, _), truth, score in zip(data.rows, truths, scores, strict=True):
        if truth is None:
            continue
        predicted, confidence = task.answer(score), 1.0
        if data.task == SENTIMENT:
            predicted, confidence = most_likely(score, asked)
        confusion.add(truth, predicted)
        confidences.append(confidence)
        right.append(truth == predicted)
        if truth != predicted:
            mistakes.append(Mistake(data.name, data.language, truth, predicted, confidence, text))
    classes = confusion.classes()
    figures = SetFigures(
        set=data.name,
        task=data.task,
        language=data.language,
        n=confusion.n,
        unusable=truths.count(None),
        macro_f1=macro_f1(classes),
        accuracy=confusion.accuracy,
        classes=classes,
        confusion=confusion.table(),
        calibration_error=calibration_error(confidences, right) if data.task == SENTIMENT else None,
    )
    return figures, mistakes


def _judge_topics(data: LabelledSet, scores: Sequence[Score]) -> tuple[SetFigures, list[Mistake]]:
    tally, mistakes = LabelTally(), []
    known = set(TOPICS.values())  # A topic that the sets do not ask for is no mistake.
    for (text, label), score in zip(data.rows, scores, strict=True):
        truth, predicted = topics_of(label), known & set(score.topics)
        tally.add(truth, predicted)
        if truth != predicted:
            wanted, said = (",".join(sorted(topics)) or NONE for topics in (truth, predicted))
            mistakes.append(Mistake(data.name, data.language, wanted, said, 1.0, text))
    classes = tally.classes()
    figures = SetFigures(
        set=data.name,
        task=data.task,
        language=data.language,
        n=tally.n,
        macro_f1=macro_f1(classes),
        accuracy=tally.accuracy,
        classes=classes,
    )
    return figures, mistakes
