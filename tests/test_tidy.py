"""What the code itself promises: where it lies, how long it is, what it never says."""

import ast
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROOMS = ("agents", "sentiment", "streams")
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 70
MAX_MEDIAN_FILE_LINES = 100

# Joined from halves, or this file would not be tidy itself.
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.])/(wo" + r"rk|ro" + r"ot|ho" + r"me/\w+)/",
    "a folder that is gone tomorrow": r"(?<![\w.])/t" + r"mp/",
    "a package registry": r"pypi\." + r"org|python" + r"hosted|registry\.npm" + r"js",
    "a conflict that was not resolved": r"^(<" + r"{6}<|>" + r"{6}>)",
}
TEXT_ENDINGS = {
    ".css", ".csv", ".html", ".js", ".json", ".lock", ".md", ".properties", ".py", ".sh", ".toml",
    ".tsv", ".txt", ".xml", ".yaml", ".yml", "",
}  # fmt: skip


def _tracked() -> list[Path]:
    """Return the files under version control; of an unpacked source distribution, all there are."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = [PROJECT / name for name in listed.stdout.split("\0") if name]
    return [path for path in found if path.is_file() and not path.is_symlink()]


PYTHON = sorted(
    path
    for folder in (*ROOMS, "bench", "deploy", "docs", "tests")
    for path in (PROJECT / folder).rglob("*.py")
)


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.fixture(scope="module")
def pyproject() -> dict[str, dict]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


def test_the_packages_on_disk_are_the_packages_installed(pyproject: dict) -> None:
    on_disk = {
        "resonance." + ".".join(folder.relative_to(PROJECT).parts)
        for room in ROOMS
        for folder in [PROJECT / room, *(PROJECT / room).rglob("*")]
        if folder.is_dir()
        and folder.name != "__pycache__"
        and "training" not in folder.parts  # What makes the models needs no installing.
        and any(path.is_file() for path in folder.iterdir())
    }
    assert set(pyproject["tool"]["setuptools"]["packages"]) == on_disk


def test_every_kind_of_data_file_is_installed(pyproject: dict) -> None:
    endings = {
        path.suffix
        for room in ROOMS
        for path in (PROJECT / room).rglob("*.*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    patterns = pyproject["tool"]["setuptools"]["package-data"]["*"]
    unlisted = {e for e in endings if not any(Path(f"x{e}").match(p) for p in patterns)}
    assert unlisted - {".typed"} == set()


def test_no_test_imports_a_room_by_its_bare_name() -> None:
    loaded = [name for name in sys.modules if name.partition(".")[0] in ROOMS]
    assert loaded == []


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_a_file_and_its_functions_fit_in_the_head(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # A command's signature is the list of its options: there, only the body counts.
            start = node.body[0].lineno if "cli" in path.parts else node.lineno
            lines = (node.end_lineno or start) - start + 1
            assert lines <= MAX_FUNCTION_LINES, f"{node.name}: {lines} lines"


def test_most_files_are_short() -> None:
    files = [path for path in PYTHON if _name(path).startswith(ROOMS)]
    counts = sorted(path.read_text("utf-8").count("\n") for path in files)
    counts = [count for count in counts if count > 1]  # A folder's one-line docstring is no file.
    assert counts[len(counts) // 2] <= MAX_MEDIAN_FILE_LINES


def test_nothing_under_version_control_names_a_machine_or_a_registry() -> None:
    found = [
        f"{_name(path)}: {what}"
        for path in _tracked()
        if path.suffix in TEXT_ENDINGS
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, path.read_text("utf-8", errors="replace"), re.MULTILINE)
    ]
    assert found == []


def test_test_files_have_names_of_their_own() -> None:
    names = sorted(path.name for path in (PROJECT / "tests").rglob("test_*.py"))
    assert [name for name, following in pairwise(names) if name == following] == []


def test_no_secret_or_recording_is_under_version_control() -> None:
    banned = {".key", ".pem", ".parquet", ".pickle", ".pkl"}
    assert [_name(path) for path in _tracked() if path.suffix in banned] == []
