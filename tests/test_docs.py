"""The documents say what the code does, and every link in them leads somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from resonance.agents.cli.main import app
from resonance.streams import topics
from resonance.streams.reasons import Reason

PROJECT = Path(__file__).parents[1]
ASYNCAPI = PROJECT / "docs/asyncapi.yaml"
PAGES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md") for path in PROJECT.glob(pattern)
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def test_asyncapi_is_what_the_types_give() -> None:
    made = subprocess.run(
        [sys.executable, PROJECT / "docs/asyncapi.py"], capture_output=True, check=True
    )
    assert made.stdout.decode() == ASYNCAPI.read_text("utf-8"), "run `make docs`"


def test_the_readme_shows_what_the_demo_prints() -> None:
    done = subprocess.run([sys.executable, PROJECT / "docs/readme.py", "--check"], check=False)
    assert done.returncode == 0, "run `make docs`"


def test_the_first_screen_is_a_sentence_a_command_and_its_output() -> None:
    lines = (PROJECT / "README.md").read_text("utf-8").splitlines()
    assert lines[0] == "# Resonance"
    assert lines[2].endswith(".")
    assert lines[4:6] == ["```console", lines[5]]
    assert lines.index("```") < 25


def test_asyncapi_names_every_topic_and_every_reason() -> None:
    described = yaml.safe_load(ASYNCAPI.read_text("utf-8"))
    assert set(described["channels"]) == {spec.name for spec in topics.ALL}
    assert set(described["components"]["schemas"]["Reason"]["enum"]) == set(Reason)


def test_every_reference_within_asyncapi_leads_somewhere() -> None:
    text = ASYNCAPI.read_text("utf-8")
    described = yaml.safe_load(text)
    references = set(re.findall(r"\$ref: '#/([^']+)'", text))
    assert references
    for reference in references:
        place = described
        for step in reference.split("/"):
            assert step in place, reference
            place = place[step]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    for target in LINK.findall(text):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        linked = (page.parent / name) if name else page
        assert linked.exists(), f"{page.name} links to {target}"
        if heading and linked.suffix == ".md":
            assert heading in _anchors(linked), f"{page.name} links to {target}"


def test_every_command_that_a_page_shows_exists() -> None:
    shown = re.findall(
        r"^\$ resonance ([\w-]+)",
        "\n".join(page.read_text("utf-8") for page in PAGES),
        re.MULTILINE,
    )
    known = {command.name for command in app.registered_commands}
    assert set(shown) <= known | {group.name for group in app.registered_groups}


def test_every_target_that_a_page_shows_exists() -> None:
    shown = re.findall(
        r"^\$ make (\w+)", "\n".join(page.read_text("utf-8") for page in PAGES), re.MULTILINE
    )
    targets = re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(shown) <= set(targets)


def test_every_decision_is_listed() -> None:
    folder = PROJECT / "docs/decisions"
    listed = (folder / "README.md").read_text("utf-8")
    for record in folder.glob("*.md"):
        assert record.name == "README.md" or f"({record.name})" in listed


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
