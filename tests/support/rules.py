"""The alert rules as files: what promtool says of them, as they are or with a fault put in."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

PROJECT = Path(__file__).parents[2]
RULES = PROJECT / "deploy/prometheus/rules"
CASES = PROJECT / "tests/deploy/rules"  # Promtool's own format: `promtool test rules FILE`.


class Answer(NamedTuple):
    """What a tool came to."""

    passed: bool
    text: str


def alerts() -> Iterator[dict[str, Any]]:
    """Yield every alert of the rules."""
    for path in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


def ask(*command: str | Path) -> Answer:
    """Run a tool that checks."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Answer(done.returncode == 0, done.stdout + done.stderr)


def answer_of(subject: str) -> Answer:
    """Return what the cases of one subject say of the rules as they are."""
    return ask("promtool", "test", "rules", CASES / f"{subject}.yml")


def answer_with_fault(cases: str, rules: str, right: str, wrong: str, folder: Path) -> Answer:
    """Return what the cases say when the file `rules` has `wrong` in place of `right`."""
    for path in RULES.glob("*.yml"):
        (folder / path.name).write_text(path.read_text("utf-8"))
    spoilt = folder / f"{rules}.yml"
    text = spoilt.read_text("utf-8")
    assert right in text, f"{rules}.yml has no longer: {right}"
    spoilt.write_text(text.replace(right, wrong))
    text = (CASES / f"{cases}.yml").read_text("utf-8")
    (folder / "cases.yml").write_text(text.replace("../../../deploy/prometheus/rules/", ""))
    return ask("promtool", "test", "rules", folder / "cases.yml")
