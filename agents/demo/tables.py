"""The demo's data files: tab-separated, a header line, no quoting (viewers quote a lot)."""

from functools import cache
from importlib.resources import files
from typing import Final

PACKAGE: Final = "resonance.agents.demo"


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of `<name>.tsv`, each by column; empty cells are empty strings."""
    lines = files(PACKAGE).joinpath(f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    columns = lines[0].split("\t")
    return tuple(dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:])


@cache
def texts(language: str) -> dict[str, tuple[str, ...]]:
    """Return what viewers write in `language` (BCP 47 primary tag), by theme."""
    return _by(f"texts/{language}", "theme")


@cache
def oddities() -> dict[str, tuple[str, ...]]:
    """Return what is written in no particular language, by kind: emoji, spam, personal."""
    return _by("oddities", "kind")


def _by(name: str, column: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in table(name):
        found.setdefault(row[column], []).append(row["text"])
    return {key: tuple(values) for key, values in found.items()}
