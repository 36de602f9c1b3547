"""The image: what the Dockerfile copies is there, small and not root; linted where that is."""

import fnmatch
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.servers import skip_or_fail

PROJECT = Path(__file__).parents[2]
DOCKERFILE = PROJECT / "deploy/Dockerfile"
TEXT = DOCKERFILE.read_text("utf-8")
INSTRUCTIONS = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()


def copied() -> list[str]:
    """Return what is copied from the checkout, not from another stage."""
    lines = [i.split()[1:-1] for i in INSTRUCTIONS if re.match(r"COPY (?!--from)", i)]
    return [source for line in lines for source in line]


def sent_to_the_builder(path: str) -> bool:
    """Return whether .dockerignore lets a path through; its last matching line decides."""
    sent = True
    for line in (PROJECT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.lstrip("!")
        parents = [path, *(str(parent) for parent in Path(path).parents)]
        if line and not line.startswith("#") and any(fnmatch.fnmatch(p, pattern) for p in parents):
            sent = line.startswith("!")
    return sent


def linter() -> str:
    """Return the path of hadolint: beside this Python, or wherever it is installed."""
    beside = Path(sys.executable).parent / "hadolint"
    found = str(beside) if beside.exists() else shutil.which("hadolint")
    if found is None:
        skip_or_fail("not installed: hadolint (`make install` brings it)")
    return found


def test_the_linter_finds_nothing():
    answer = subprocess.run([linter(), DOCKERFILE], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_the_linter_would_find_something(tmp_path):
    careless = tmp_path / "Dockerfile"
    careless.write_text("FROM python\nRUN cd x && pip install faust\n")
    assert subprocess.run([linter(), careless], capture_output=True, check=False).returncode == 1


def test_everything_that_is_copied_exists_and_reaches_the_builder():
    assert copied()
    assert [path for path in copied() if not (PROJECT / path.removeprefix("./")).exists()] == []
    assert [path for path in copied() if not sent_to_the_builder(path)] == []


@pytest.mark.parametrize(
    "path",
    [
        "deploy/secrets/viewer.key",
        "resonance.toml",
        ".env",
        ".git/config",
        ".venv/bin/python",
        "tests/conftest.py",
    ],
)
def test_what_has_no_place_in_an_image_never_reaches_the_builder(path):
    assert not sent_to_the_builder(path)


def test_whatever_is_installed_is_pinned_by_its_hash():
    installs = re.findall(r"pip install ([^&\n]+)", "\n".join(INSTRUCTIONS))
    assert len(installs) == 3
    for options in installs:
        assert "--require-hashes" in options or "--no-deps" in options, options


def test_the_image_ends_as_a_user_that_is_not_root():
    users = [line.split()[1] for line in INSTRUCTIONS if line.startswith("USER ")]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1])
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text("utf-8"))["services"]
    assert services["board"]["user"] == users[-1]


def test_what_the_containers_run_beside_our_command_is_in_the_image():
    compose = (PROJECT / "docker-compose.yml").read_text("utf-8")
    scripts = set(re.findall(r"/opt/resonance/(\w+\.py)", compose))
    assert scripts == {"healthcheck.py", "play_demo.py"}
    assert {f"deploy/image/{name}" for name in scripts} <= set(copied())


def test_the_image_has_every_folder_that_a_volume_is_mounted_on_as_its_users_own():
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text("utf-8"))
    ours = [s for s in compose["services"].values() if s["image"].startswith("resonance-live")]
    mounted = {v.split(":")[1] for s in ours for v in s.get("volumes", ())}
    (made,) = (i.split() for i in INSTRUCTIONS if i.startswith("RUN install -d"))
    assert made[:7] == ["RUN", "install", "-d", "-o", "10001", "-g", "10001"]
    assert mounted == set(made[7:])
