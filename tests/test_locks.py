"""The locks hold what pyproject.toml asks for, and nothing that must stay out."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
# Gigabytes that a laptop's demo must not fetch: models run by other means.
TOO_HEAVY = {"torch", "tensorflow", "jax", "triton"}

ASKED = {
    "requirements.lock": PYPROJECT["project"]["dependencies"],
    "requirements-dev.lock": PYPROJECT["dependency-groups"]["dev"],
    "requirements-build.lock": PYPROJECT["dependency-groups"]["build"],
}


def _pinned(lock: str) -> dict[str, set[Version]]:
    """Return the versions of each package; there may be one for each range of Pythons."""
    found: dict[str, set[Version]] = {}
    for name, version in PINNED.findall((PROJECT / lock).read_text("utf-8")):
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_holds_every_direct_dependency_within_its_range(lock: str) -> None:
    pinned = _pinned(lock)
    for line in ASKED[lock]:
        asked = Requirement(line)
        versions = pinned.get(canonicalize_name(asked.name), set())
        assert versions, f"run `make lock`: {lock} has no {asked.name}"
        assert all(version in asked.specifier for version in versions), f"run `make lock`: {line}"


@pytest.mark.parametrize("lock", ASKED)
def test_every_pin_has_a_hash_and_no_registry_is_named(lock: str) -> None:
    text = (PROJECT / lock).read_text("utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry


def test_what_is_developed_with_is_what_runs() -> None:
    running, developing = _pinned("requirements.lock"), _pinned("requirements-dev.lock")
    assert {name: developing.get(name) for name in running} == running


def test_nothing_heavy_is_locked() -> None:
    assert TOO_HEAVY.isdisjoint(_pinned("requirements-dev.lock"))
