"""The comments by which the privacy filter is judged, and how they judge it.

A file per language in `tests/sentiment/personal_data`; a row is `what<TAB>text`, with {braces}
around what identifies somebody. Half of them, by hash, the filter was tuned on (`dev`); the other
half (`held`) gives the figures.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, NamedTuple

from resonance.sentiment.privacy import find_personal_data

FOLDER: Final = Path(__file__).parents[1] / "sentiment" / "personal_data"
COVERED_MIN: Final = 0.6  # Of a span's characters, and every digit of it: a town may be left.
RIGHT_MIN: Final = 0.5  # Of what is masked, that has to be masked.


class Case(NamedTuple):
    """One comment with its private spans; `what` is their kind, or what kind of harmless it is."""

    language: str
    what: str
    text: str
    private: tuple[tuple[int, int], ...]
    split: Literal["dev", "held"]


def read_cases() -> list[Case]:
    """Return every case, by language."""
    return [
        _case(path.stem, *line.split("\t"))
        for path in sorted(FOLDER.glob("*.tsv"))
        for line in path.read_text("utf-8").splitlines()
    ]


def _case(language: str, what: str, marked: str) -> Case:
    text, private, start = "", [], 0
    for character in marked:
        if character == "{":
            start = len(text)
        elif character == "}":
            private.append((start, len(text)))
        else:
            text += character
    held = sha256(text.encode()).digest()[0] % 2
    return Case(language, what, text, tuple(private), "held" if held else "dev")


class Tally:
    """How many private spans were masked, and how many masks were right."""

    def __init__(self) -> None:
        self.private: Counter[str] = Counter()
        self.masked: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.right: Counter[str] = Counter()

    def add(self, case: Case) -> bool:
        """Count one case under its language, its kinds and "all"; tell whether it went well."""
        masks = find_personal_data(case.text)
        hidden = {i for mask in masks for i in range(mask.start, mask.end)}
        private = {i for start, end in case.private for i in range(start, end)}
        well = True
        for start, end in case.private:
            digits = {i for i in range(start, end) if case.text[i].isdecimal()}
            covered = len(hidden & set(range(start, end))) / (end - start)
            masked = digits <= hidden and covered >= COVERED_MIN
            self._count(self.private, case.language, case.what)
            if masked:
                self._count(self.masked, case.language, case.what)
            well &= masked
        for mask in masks:
            span = set(range(mask.start, mask.end))
            right = len(span & private) / len(span) >= RIGHT_MIN
            self._count(self.found, case.language, mask.kind)
            if right:
                self._count(self.right, case.language, mask.kind)
            well &= right
        return well

    @staticmethod
    def _count(counter: Counter[str], *keys: str) -> None:
        counter.update((*keys, "all"))

    def recall(self, key: str) -> float:
        """Return how much of what is private was masked; 1 where there was nothing to mask."""
        return self.masked[key] / self.private[key] if self.private[key] else 1.0

    def precision(self, key: str) -> float:
        """Return how much of what was masked is private; 1 where nothing was masked."""
        return self.right[key] / self.found[key] if self.found[key] else 1.0


def judge(cases: Iterable[Case]) -> tuple[Tally, list[Case]]:
    """Return the tally of the cases, and those that went wrong."""
    tally = Tally()
    return tally, [case for case in cases if not tally.add(case)]
