"""promtool: Prometheus' own code over series that are written down, without a server.

It runs rules with their `for` and `keep_firing_for` as Prometheus does. At each evaluation it is
asked for the alerts that fire, and expected to say none: what it complains about is the answer.
"""

import ast
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from resonance.agents.errors import ServiceUnreachable, UsageError

PROMTOOL: Final = "promtool"
# One processor each, as recordings are played side by side; and rather memory than collecting it.
GO: Final = {"GOMAXPROCS": "1", "GOGC": "800"}
_COUNT: Final = re.compile(r"SUCCESS: (\d+) rules? found")
_TIME: Final = re.compile(r'^\s+expr: ".*", time: (\S+),$')
_GOT: Final = re.compile(r"^\s+got: (?P<samples>\{.*)$")
_SAMPLE: Final = re.compile(r'\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\} [^\s,]+')
_LABEL: Final = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*")')
_DURATION: Final = re.compile(r"(\d+)(ms|[smhdwy])")
_MS: Final = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}


class Case(NamedTuple):
    """What promtool is to play; times are milliseconds since the first sample."""

    rule_files: Sequence[Path]
    group_order: Sequence[str]
    series: dict[str, str]  # Name and labels -> values, in promtool's notation.
    scrape_ms: int
    evaluation_ms: int
    end_ms: int
    expression: str  # Asked at each evaluation; what it gives is returned.


class Answer(NamedTuple):
    """One series that the expression gave at one time."""

    at_ms: int
    labels: dict[str, str]


def check_rules(path: Path) -> int:
    """Return how many rules a file holds. Raises `UsageError` with what is wrong with them."""
    done = _run("check", "rules", str(path))
    count = sum(map(int, _COUNT.findall(done.stdout)))
    if done.returncode != 0 or not count:
        told = [
            line.strip()
            for line in (done.stdout + done.stderr).splitlines()
            if not re.search(r"^\s*$|FAILED:$|^Checking|SUCCESS", line)
        ]
        said = "; ".join(told[:3]) or "no rules"
        message = f"{said}. Mend {path} until `promtool check rules {path}` is content"
        raise UsageError(message)
    return count


def play(case: Case) -> list[Answer]:
    """Return what the expression gives at each evaluation. Raises `UsageError` where rules fail."""
    with TemporaryDirectory(prefix="resonance-backtest-") as folder:
        file = Path(folder) / "case.json"  # JSON is YAML.
        file.write_text(json.dumps(_written(case)), "utf-8")
        done = _run("test", "rules", str(file))
    answers = list(_answers(done.stdout + done.stderr))
    if done.returncode != 0 and not answers:
        said = (done.stderr or done.stdout).strip()[:500].replace("\n", " ")
        message = f"promtool could not run the rules: {said}"
        raise UsageError(message)
    return answers


def _written(case: Case) -> dict[str, object]:
    return {
        "rule_files": [str(path.resolve()) for path in case.rule_files],
        "evaluation_interval": f"{case.evaluation_ms}ms",
        "group_eval_order": list(case.group_order),
        "tests": [
            {
                "interval": f"{case.scrape_ms}ms",
                "input_series": [
                    {"series": series, "values": values} for series, values in case.series.items()
                ],
                "promql_expr_test": [
                    {"expr": case.expression, "eval_time": f"{at_ms}ms", "exp_samples": []}
                    for at_ms in range(0, case.end_ms + 1, case.evaluation_ms)
                ],
            }
        ],
    }


def _answers(text: str) -> Iterator[Answer]:
    at_ms = 0
    for line in text.splitlines():
        if time := _TIME.match(line):
            at_ms = milliseconds(time[1])
        elif got := _GOT.match(line):
            for sample in _SAMPLE.finditer(got["samples"]):
                labels = {name: ast.literal_eval(v) for name, v in _LABEL.findall(sample[1])}
                yield Answer(at_ms, labels)


def milliseconds(duration: str) -> int:
    """Return a duration as Prometheus writes it in milliseconds.

    >>> milliseconds("1m30s")
    90000
    """
    return sum(int(number) * _MS[unit] for number, unit in _DURATION.findall(duration))


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(PROMTOOL)
    if program is None:
        message = (
            "promtool is not here: it comes with Prometheus (Debian's package `prometheus`, or "
            "the release's archive); put it on the PATH"
        )
        raise ServiceUnreachable(message)
    return subprocess.run(  # noqa: S603 - a program found on the PATH, and paths as arguments.
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | GO,
    )
