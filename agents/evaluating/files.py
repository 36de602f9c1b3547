"""Which files of a folder `resonance evaluate` can judge, and how."""

from fnmatch import fnmatch
from pathlib import Path
from typing import Final, Literal, NamedTuple

from resonance.sentiment.evaluation.authored import AUTHORED_COLUMNS, SHORT_COLUMNS
from resonance.sentiment.evaluation.judging import knows

TESTS: Final = "text/test"
FOLDERS: Final = (".", "text", TESTS, "authored", "lid", "chat")


class DataFile(NamedTuple):
    """One file and what is in it; set, task and language are a labelled set's."""

    path: Path
    kind: Literal["labelled", "authored", "short", "chat"]
    set: str
    task: str = ""
    language: str = ""

    @property
    def name(self) -> str:
        """What `--sets` is matched with: `umsab-sentiment.ar`, `authored.ar`, `chat`."""
        parts = f"{self.set}-{self.task}" if self.task else self.set
        return f"{parts}.{self.language}" if self.language else parts


def find_files(data: Path, pattern: str = "*") -> tuple[list[DataFile], list[str]]:
    """Return the files that can be judged and match, and the names of the others.

    Folders that are not of the layout are named without looking into them.
    """
    found: list[DataFile] = []
    skipped: list[str] = []
    for folder in FOLDERS:
        for path in sorted((data / folder).iterdir()) if (data / folder).is_dir() else ():
            relative = path.relative_to(data).as_posix()
            if path.is_dir():
                # What lies above the tests is no folder left out.
                if relative not in FOLDERS and not TESTS.startswith(f"{relative}/"):
                    skipped.append(f"{relative}/")
            elif (file := _data_file(path, folder)) is None:
                skipped.append(relative)
            elif fnmatch(file.name, pattern) or fnmatch(file.set, pattern):
                found.append(file)
    return found, skipped


def _data_file(path: Path, folder: str) -> DataFile | None:
    if folder == "chat":
        return DataFile(path, "chat", "chat")
    stem, _, language = path.name.removesuffix(".tsv").partition(".")
    name, _, task = stem.rpartition("-")
    if path.suffix != ".tsv":
        return None
    if name and language and knows(task) and folder in {".", TESTS}:
        return DataFile(path, "labelled", name, task, language)
    columns = _columns(path)
    if columns == AUTHORED_COLUMNS and folder != TESTS:
        return DataFile(path, "authored", "authored", language=stem)
    if columns == SHORT_COLUMNS and folder == "lid":
        return DataFile(path, "short", stem)
    return None


def _columns(path: Path) -> int:
    """Return how many columns the first line has."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline(1 << 16).count("\t") + 1
