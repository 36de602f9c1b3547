"""What users install is the wheel, so the wheel is what is tried: built, installed, run."""

import json
import os
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

PROJECT = Path(__file__).parents[1]
ROOMS = ("agents", "sentiment", "streams")
NOT_INSTALLED = {".pyc"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    # From a copy: building leaves folders behind, and must not need what git ignores.
    checkout = folder / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_bytes((PROJECT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, checkout]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return folder


@pytest.fixture(scope="module")
def python(built: Path) -> Iterator[Path]:
    """A fresh environment with the wheel; what it depends on is lent by the running one."""
    [wheel] = built.glob("*.whl")
    environment = built / "environment"
    venv.create(environment, with_pip=False)
    [packages] = environment.glob("lib/python*/site-packages")
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
    # Lent as a folder only: the .pth file of the editable install in it must not be followed.
    lent = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "lent.pth").write_text(lent)
    return environment / "bin/python"


def test_the_wheel_holds_our_namespace_and_nothing_else(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    tops = {name.partition("/")[0] for name in ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"resonance"}


def test_the_wheel_holds_every_file_of_the_rooms(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    on_disk = {
        f"resonance/{path.relative_to(PROJECT)}"
        for room in ROOMS
        for path in (PROJECT / room).rglob("*")
        if path.is_file() and path.suffix not in NOT_INSTALLED
        # What makes the models is for the checkout alone.
        if "training" not in path.relative_to(PROJECT).parts
    }
    installed = {name for name in ZipFile(wheel).namelist() if name.startswith("resonance/")}
    assert installed == on_disk


def test_the_source_distribution_holds_the_licence_and_no_data_of_others(built: Path) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml"} <= names
    assert not any(name.startswith((".cache", "shared")) for name in names)


def test_the_installed_command_scores_a_text(python: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [python, "-m", "resonance.agents.cli", "score", "where is my parcel?", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    score = json.loads(done.stdout)
    assert score["language"] == "en"
    assert "question" in score["signals"]


def test_the_installed_code_is_the_wheels_not_the_checkouts(python: Path, tmp_path: Path) -> None:
    script = "import resonance.sentiment; print(resonance.sentiment.__file__)"
    done = subprocess.run(
        [python, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert str(python.parents[1]) in done.stdout


def test_bare_room_names_are_not_installed(python: Path, tmp_path: Path) -> None:
    for room in ROOMS:
        script = f"import importlib.util as u, sys; sys.exit(u.find_spec({room!r}) is not None)"
        assert subprocess.run([python, "-c", script], cwd=tmp_path, check=False).returncode == 0
