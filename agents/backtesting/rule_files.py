"""Rule files as promtool takes them: which groups there are, how often each is asked, by whom.

The files themselves are never changed; this reads only the few keys that say how to run them, and
checks by promtool's own count that none was missed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from resonance.agents.backtesting.promtool import check_rules, milliseconds
from resonance.agents.errors import UsageError

DEFAULT_INTERVAL: Final = "5s"  # evaluation_interval of deploy/prometheus/prometheus.yml.
ENDINGS: Final = {".yml", ".yaml"}
_KEY: Final = re.compile(
    r"""^\s*(?:-\s+)?(?P<key>name|interval|alert|record):\s*["']?(?P<value>[^"'#\s]+)""",
    re.MULTILINE,
)
_RECORDED: Final = re.compile(r"\b[a-zA-Z_]\w*:[a-zA-Z_][\w:]*")
_CLOCK: Final = re.compile(r"\b(hour|minute|month|year|day_of_\w+|days_in_month)\s*\(")


class Group(NamedTuple):
    """One group: how often it is asked, and the names of what it alerts and records."""

    name: str
    interval_ms: int
    alerts: tuple[str, ...]
    records: tuple[str, ...]


class RuleFile(NamedTuple):
    """One file of rules."""

    path: Path
    text: str  # Without comments.
    groups: tuple[Group, ...]

    @property
    def records(self) -> frozenset[str]:
        """The series that its rules record."""
        return frozenset(name for group in self.groups for name in group.records)


class Pass(NamedTuple):
    """One run of promtool: the alerts of all groups of one interval, and the files they need."""

    interval_ms: int
    alerts: frozenset[str]
    files: tuple[RuleFile, ...]


def read_rules(path: Path) -> list[RuleFile]:
    """Return the rule files of a folder, or the one file. Raises `UsageError` on what is none."""
    if path.is_dir():
        paths = sorted(file for file in path.iterdir() if file.suffix in ENDINGS)
        if not paths:
            message = f"{path}: no *.yml in this folder; name one with Prometheus' rule files"
            raise UsageError(message)
    else:
        paths = [path]
    return [_read(file) for file in paths]


def _read(path: Path) -> RuleFile:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"cannot read the rules {path}: {reason}; name a rule file or a folder of them"
        raise UsageError(message) from error
    count = check_rules(path)
    text = re.sub(r"(^|\s)#.*$", "", text, flags=re.MULTILINE)
    groups = _groups(text)
    found = sum(len(group.alerts) + len(group.records) for group in groups)
    if found != count:
        message = (
            f"{path}: promtool counts {count} rules, and {found} can be told apart here; write "
            "each of `name`, `interval`, `alert` and `record` on a line of its own"
        )
        raise UsageError(message)
    return RuleFile(path, text, groups)


def _groups(text: str) -> tuple[Group, ...]:
    groups: list[Group] = []
    for match in _KEY.finditer(text):
        key, value = match["key"], match["value"]
        if key == "name":
            groups.append(Group(value, milliseconds(DEFAULT_INTERVAL), (), ()))
        elif groups:
            last = groups.pop()
            match key:
                case "interval":
                    last = last._replace(interval_ms=milliseconds(value))
                case "alert":
                    last = last._replace(alerts=(*last.alerts, value))
                case _:
                    last = last._replace(records=(*last.records, value))
            groups.append(last)
    return tuple(groups)


def passes(
    files: Sequence[RuleFile], severity: str, alerts: frozenset[str] = frozenset()
) -> list[Pass]:
    """Return how promtool is to be run: it asks all groups at one pace, Prometheus each at its own.

    So there is one pass for each interval that a group of alerts has, with all the files whose
    series these alerts rest on; with `alerts`, for those alone. Raises `UsageError` without an
    alert of that severity.
    """
    if not any(re.search(rf"severity:\s*[\"']?{re.escape(severity)}\b", f.text) for f in files):
        named = ", ".join(str(file.path) for file in files)
        message = f"no alert in {named} has the label severity: {severity}; see --severity"
        raise UsageError(message)
    by_interval: dict[int, set[str]] = {}
    for file in files:
        for group in file.groups:
            if mine := [alert for alert in group.alerts if not alerts or alert in alerts]:
                by_interval.setdefault(group.interval_ms, set()).update(mine)
    return [
        Pass(interval_ms, frozenset(mine), tuple(_needed(files, mine)))
        for interval_ms, mine in sorted(by_interval.items())
    ]


def _needed(files: Sequence[RuleFile], alerts: AbstractSet[str]) -> Iterable[RuleFile]:
    """Return the files with these alerts, and those that record what these ask for."""
    needed = [file for file in files if any(not alerts.isdisjoint(g.alerts) for g in file.groups)]
    for file in needed:  # Grows while it is gone through.
        used = frozenset(_RECORDED.findall(file.text))
        needed += [other for other in files if other not in needed and other.records & used]
    return sorted(needed, key=files.index)


def doubts(files: Sequence[RuleFile]) -> list[str]:
    """Return sentences about what a backtest of these rules cannot tell, or would tell wrong."""
    recorded = frozenset[str]().union(*(file.records for file in files))
    told = []
    for file in files:
        unknown = sorted(frozenset(_RECORDED.findall(file.text)) - recorded)
        if unknown:
            told.append(
                f"{file.path} asks for {', '.join(unknown)}, which no rule given here records: "
                "name the folder of all rule files"
            )
        if clock := _CLOCK.search(file.text):
            told.append(
                f"{file.path} asks for {clock[1]}(): time is counted from each stream's beginning "
                "here, so that this is told wrong"
            )
    return told


def wanted_by(files: Iterable[RuleFile]) -> Callable[[str], bool]:
    """Return what tells of a metric's name whether the rules may ask for it."""
    text = " ".join(file.text for file in files)
    if "__name__" in text:
        return lambda _: True

    @cache  # Asked of every sample of every scrape.
    def wanted(name: str) -> bool:
        return name in text

    return wanted
