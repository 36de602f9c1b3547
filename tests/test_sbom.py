"""The bill of materials: valid, complete, the same anywhere, and silent about where it was made."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def made(path: Path) -> bytes:
    folder = Path(sys.executable).parent
    subprocess.run(["sh", ".ci/make_sbom", folder, path], cwd=PROJECT, check=True)
    return path.read_bytes()


@pytest.fixture(scope="module")
def sbom(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made(tmp_path_factory.mktemp("sbom") / "first.json")


def test_it_is_valid_cyclonedx(sbom: bytes) -> None:
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 # Slow, and for this test alone.
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(sbom.decode()) is None
    assert validator.validate_str(sbom.decode().replace('"version"', '"verzion"')) is not None


def test_it_lists_what_the_lock_pins_with_every_hash_and_nothing_else(sbom: bytes) -> None:
    components = json.loads(sbom)["components"]
    lock = (PROJECT / "requirements.lock").read_text("utf-8")
    listed = {(one["name"].lower(), one["version"]) for one in components}
    assert listed == {(name.lower(), version) for name, version in _PINNED.findall(lock)}
    hashes = {
        found["content"]
        for one in components
        for reference in one["externalReferences"]
        for found in reference.get("hashes", ())
    }
    assert hashes == set(_HASH.findall(lock))


def test_the_same_lock_gives_the_same_bytes(sbom: bytes, tmp_path: Path) -> None:
    assert made(tmp_path / "second.json") == sbom


def test_it_tells_no_path_and_no_time(sbom: bytes) -> None:
    text = sbom.decode()
    assert str(PROJECT) not in text
    assert str(Path.home()) not in text
    assert "file:" not in text
    assert "timestamp" not in json.loads(text)["metadata"]
