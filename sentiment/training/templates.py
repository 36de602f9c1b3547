"""Templates of live-commerce comments, filled from word lists and roughened as chat is."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from resonance.sentiment.training.comments import labelled, read_comments, split_of
from resonance.sentiment.training.rows import Row

HELD_OUT_SHARE: Final = 0.2  # Of the templates, never of what one template becomes.
VARIANTS: Final = 4
UNMARKED_SHARE: Final = 0.5  # Of the questions: they lose their mark.
ROUGH_SHARE: Final = 0.15  # Of the texts, for each way of being rough.
MISTYPED_MIN_CHARACTERS: Final = 6

_SLOT: Final = re.compile(r"\{(\w+)\}")
_QUESTION_MARKS: Final = re.compile(r"[?？؟¿]+")
_VOWEL_END: Final = re.compile(r"([aeiouyаеоуы])$")

Slots = Mapping[str, Sequence[str]]


def read_slots(path: Path) -> dict[str, list[str]]:
    """Return the values of each slot; a line is `name<TAB>value|value|...`."""
    slots = {}
    for line in path.read_text("utf-8").splitlines():
        name, values = line.split("\t")
        slots[name] = values.split("|")
    return slots


def expand(directory: Path, seed: int, variants: int = VARIANTS) -> Iterator[Row]:
    """Yield rows of every template file under `directory`; held-out templates say "test".

    Raises `ValueError` where a template names a slot that its language has not.
    """
    for path in sorted((directory / "templates").glob("*.tsv")):
        random = np.random.default_rng([seed, *path.stem.encode()])
        slots = read_slots(directory / "slots" / path.name)
        for columns in read_comments(path):
            split = split_of(columns[0], HELD_OUT_SHARE)
            count = variants if "{" in columns[0] else (variants + 1) // 2
            texts = sorted({fill(columns[0], slots, random) for _ in range(count)})
            if split != "train":  # What is judged on stands once, as its author wrote it.
                texts, count = texts[:1], 1
            for text in texts:
                rough = roughen(text, random) if split == "train" else text
                yield labelled([rough, *columns[1:]], "templates", split)


def fill(template: str, slots: Slots, random: np.random.Generator) -> str:
    """Return the template with a value in each slot."""

    def value(match: re.Match[str]) -> str:
        values = slots.get(match[1])
        if not values:
            message = f"{template!r} names the slot {match[1]!r}, which its language has not"
            raise ValueError(message)
        return values[int(random.integers(len(values)))]

    return _SLOT.sub(value, template)


def roughen(text: str, random: np.random.Generator) -> str:
    """Return a text as a hurried viewer types it: each change now and then."""
    if random.random() < UNMARKED_SHARE:
        text = without_question_marks(text)
    if random.random() < ROUGH_SHARE:
        text = without_marks(text)
    if random.random() < ROUGH_SHARE:
        text = _VOWEL_END.sub(r"\1\1\1", text)
    if random.random() < ROUGH_SHARE:
        text = mistyped(text, random)
    return text


def without_question_marks(text: str) -> str:
    """Return a text as those write who leave the question mark out, the Spanish one too."""
    return _QUESTION_MARKS.sub("", text).rstrip()


def without_marks(text: str) -> str:
    """Return Latin letters without their accents; other scripts need theirs."""
    kept = []
    for character in text:
        plain = unicodedata.normalize("NFD", character)
        kept.append(plain[0] if "LATIN" in unicodedata.name(character, "") else character)
    return "".join(kept)


def mistyped(text: str, random: np.random.Generator) -> str:
    """Return a text of some length with two neighbours swapped, or one letter lost."""
    if len(text) < MISTYPED_MIN_CHARACTERS or "@" in text:
        return text
    place = int(random.integers(1, len(text) - 2))
    if random.integers(2):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + text[place + 1 :]
