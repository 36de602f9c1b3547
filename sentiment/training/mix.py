"""What a training run reads: open sets, our comments, questions; with weak negatives."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from resonance.sentiment.training.comments import OWN_FLAG_WEIGHT, labelled, read_comments, split_of
from resonance.sentiment.training.lessons import lesson_rows
from resonance.sentiment.training.rows import UNKNOWN, Row, merged, sentiment_index
from resonance.sentiment.training.sources import read_sources
from resonance.sentiment.training.templates import expand, roughen, without_question_marks
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, TOPICS

AUTHORED_HELD_OUT_SHARE: Final = 0.12
AUTHORED_COPIES: Final = 3  # One as written, the others roughened.
QUESTION_COPIES: Final = 2
UNMARKED: Final = 0.7  # Of the rows that say whether they ask: stripped of question mark and point.

LIKE_VIEWERS: Final = frozenset({"templates", "authored"})  # Written to be like a stream's chat.
LESSON_WEIGHT_MIN: Final = 0.4
LESSON_WEIGHT_MAX: Final = 2.5

# Text in which a phenomenon all but never occurs teaches its head what it is not. Only where the
# set does not judge the head itself, and with a small weight: a few rows are wrong.
WEAK: Final = 0.5
NOT_TOXIC: Final = frozenset({"mabsa", "bitext", "banking77", "hint3", "3i4k", "prdect", "nusax"})
MAY_BE_SPAM: Final = frozenset({"umsab", "arsarcasm2", "wisesight", "ytspam"})
MAY_BE_SHOPPING: Final = frozenset(
    {"wisesight", "prdect", "smsa", "bitext", "banking77", "hint3", "cip", "mabsa", "nusax"}
)
SHOPPING_FLAGS: Final = (
    *("complaint", "purchase_intent", "product_request", "order_code", "cancel", "giveaway"),
    *(topic for topic in TOPICS if topic not in ("quality", "host_stream")),
    *(category for category in FRICTION_CATEGORIES if category != "taboo_etiquette"),
)


def read_mix(data: Path, ours: Path, seed: int) -> list[Row]:
    """Return all rows: `data` holds the open sets, `ours` what we wrote ourselves."""
    rows = merged(read_sources(data / "text" / "train", seed))
    random = np.random.default_rng(seed)
    for row in rows:
        add_weak_negatives(row)
        # Questions lose their mark, and statements their point: chat seldom writes either.
        if "question" in row.flags and random.random() < UNMARKED:
            row.text = without_question_marks(row.text).rstrip(".。…! ")
    own = [*own_rows(ours, seed)]
    weigh_lessons(own)
    return [*rows, *own]


def own_rows(ours: Path, seed: int) -> Iterator[Row]:
    """Yield our comments and questions; what is held out to judge by says "test"."""
    random = np.random.default_rng(seed)
    for path in sorted((ours / "authored").glob("*.tsv")):
        for columns in read_comments(path):
            split = split_of(columns[0], AUTHORED_HELD_OUT_SHARE)
            yield labelled(columns, "authored", split)
            for _ in range(AUTHORED_COPIES - 1 if split == "train" else 0):
                text = roughen(columns[0], random)
                yield labelled([text, *columns[1:]], "authored", split)
    yield from expand(ours, seed)
    for path in sorted((ours / "questions").glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            text, label = line.split("\t")
            split = split_of(text, AUTHORED_HELD_OUT_SHARE)
            for copy in range(QUESTION_COPIES if split == "train" else 1):
                shown = text.rstrip(".。 ").lower() if copy else text
                row = Row(text=shown, language=path.stem, source="questions", split=split)
                row.flags["question"] = float(label == "question")
                row.flag_weights["question"] = OWN_FLAG_WEIGHT
                yield row
    yield from lesson_rows(ours / "lessons", seed)


def weigh_lessons(rows: Sequence[Row]) -> None:
    """Weigh lessons by how frequent their labels are among our other comments; the mean is 1.

    Who writes to teach a flag writes more complaints and fewer questions than viewers do, and a
    model raises what it was shown too often. The weight of a set of labels is its share there by
    its share among lessons (the usual correction of label shift), within bounds: rare sets shall
    neither fall silent nor shout.
    """
    lessons = [row for row in rows if row.source == "lessons"]
    wanted = Counter(
        _raised(row) for row in rows if row.source in LIKE_VIEWERS and row.split == "train"
    )
    found = Counter(map(_raised, lessons))
    odds = len(lessons) / max(1, wanted.total())
    weights = {
        labels: min(LESSON_WEIGHT_MAX, max(LESSON_WEIGHT_MIN, wanted[labels] / count * odds))
        for labels, count in found.items()
    }
    mean = sum(weights[labels] * count for labels, count in found.items()) / max(1, len(lessons))
    for row in lessons:
        factor = weights[_raised(row)] / mean
        row.flag_weights = {name: row.flag_weights.get(name, 1.0) * factor for name in row.flags}


def _raised(row: Row) -> frozenset[str]:
    return frozenset(name for name, value in row.flags.items() if value)


def add_weak_negatives(row: Row) -> None:
    """Teach heads that the row's set does not judge what they are not."""
    weak = []
    if row.source in NOT_TOXIC or row.sentiment == sentiment_index("positive"):
        weak.append("toxic")
    if row.source not in MAY_BE_SPAM:
        weak.append("spam")
    if row.source not in MAY_BE_SHOPPING:
        weak += SHOPPING_FLAGS
    if row.sentiment not in (UNKNOWN, sentiment_index("positive")):
        weak.append("praise")
    for name in weak:
        if name not in row.flags:
            row.flags[name] = 0.0
            row.flag_weights[name] = WEAK


# What the bag for flags reads of general text: enough to know what is none of its business.
FLAG_ROWS_OF_A_SET: Final = 1_500
WEAK_ROWS: Final = 90_000
OWN: Final = frozenset({"authored", "templates", "questions", "lessons"})
OWN_COPIES: Final = 2
ONCE: Final = frozenset({"questions", "lessons"})  # They come in two forms, or are many.


def for_flags(rows: Sequence[Row], seed: int) -> list[int]:
    """Return the places of the rows for flags: all of ours, and a share of each open set."""
    taken: Counter[tuple[str, str]] = Counter()
    chosen, weak = [], []
    for place in np.random.default_rng(seed).permutation(len(rows)).tolist():
        row = rows[place]
        if row.source in OWN:
            chosen += [place] * (1 if row.source in ONCE else OWN_COPIES)
        elif any(row.flag_weights.get(name, 1.0) > WEAK for name in row.flags):
            taken[row.source, row.language] += 1
            if taken[row.source, row.language] <= FLAG_ROWS_OF_A_SET:
                chosen.append(place)
        elif row.flags:
            weak.append(place)
    return [*chosen, *weak[:WEAK_ROWS]]
