"""Recordings -> the events of each stream, and the incidents marked in them."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from resonance.agents.errors import UsageError
from resonance.streams.backtest.incidents import BadIncidentError, Incident, incidents_of
from resonance.streams.events import Purchase, RawEvent
from resonance.streams.importers.load import events_of_files
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError

INCIDENTS: Final = "incidents.toml"
TABLE: Final = "incident"
_HEADER: Final = re.compile(r"^\s*\[\[\s*incident\s*\]\]")


def recording_files(named: Sequence[Path]) -> list[Path]:
    """Return the files that were named, those of folders in order of their names.

    Raises `UsageError` when there is none.
    """
    found: list[Path] = []
    for path in named:
        if path.is_dir():
            inside = sorted(file for file in path.glob("*.jsonl") if file.is_file())
            if not inside:
                message = (
                    f"{path}: no *.jsonl in this folder; `resonance alerts generate` makes some"
                )
                raise UsageError(message)
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            message = f"{path}: no such recording; name files, or folders of *.jsonl"
            raise UsageError(message)
    return found


def events_by_stream(path: Path, options: Options) -> dict[str, list[RawEvent]]:
    """Return the events of each stream that a recording holds, in event-time order.

    Orders that name no stream go with each stream of their channel that went on at their time, as
    long as there is one. Raises `UsageError` on a file that is no recording.
    """
    try:
        with events_of_files([path], options) as imported:
            events = list(imported)
    except BrokenFileError as error:
        raise UsageError(str(error)) from error
    streams: dict[str, list[RawEvent]] = {}
    for event in events:
        if event.stream is not None:
            streams.setdefault(event.stream, []).append(event)
    for event in events:
        if isinstance(event, Purchase) and event.stream is None:
            for of_stream in streams.values():
                first, last = of_stream[0], of_stream[-1]
                if event.channel == first.channel and (
                    first.occurred_at_ms <= event.occurred_at_ms <= last.occurred_at_ms
                ):
                    of_stream.insert(-1, event)
    return streams


def read_incidents(path: Path) -> list[Incident]:
    """Return the incidents of a file. Raises `UsageError` naming the line, field and remedy."""
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}; name the file after --incidents"
        raise UsageError(message) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path} is not TOML: {error}"
        raise UsageError(message) from error
    tables = document.get(TABLE, [])
    if document.keys() - {TABLE} or not isinstance(tables, list):
        message = f"{path}: write each incident under a line [[{TABLE}]], and nothing else"
        raise UsageError(message)
    try:
        return incidents_of(tables)
    except BadIncidentError as error:
        line = _line(text, error.number, error.field)
        message = f"{path}, line {line}, `{error.field}` of incident {error.number}: {error.fault}"
        raise UsageError(message) from error


def _line(text: str, number: int, field: str) -> int:
    """Return the line of a field of the table so numbered; without it, the table's own."""
    seen, header = 0, 1
    for line, content in enumerate(text.splitlines(), 1):
        if _HEADER.match(content):
            seen += 1
            header = line if seen == number else header
        elif seen == number and re.match(rf"\s*[\"']?{re.escape(field)}[\"']?\s*=", content):
            return line
    return header
