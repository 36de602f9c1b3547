"""What `resonance import` was asked for, checked; and how the outcome is told."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from resonance.agents.errors import UsageError
from resonance.agents.importing.kafka import KeyBy
from resonance.agents.importing.live import Times
from resonance.agents.settings import Settings, load_settings
from resonance.streams.importers.formats import NAMES
from resonance.streams.importers.load import AUTO, Summary
from resonance.streams.importers.options import Options

STANDARD: Final = Path("-")  # Standard input or output.


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One import; `output` is None when the events go to Kafka."""

    files: tuple[Path, ...]
    options: Options
    output: Path | None
    format_name: str = AUTO
    key_by: KeyBy = "channel"
    broker: str | None = None
    as_json: bool = False
    times: Times = "auto"  # This and the next: of followed inputs.
    end_on_stop: bool = False

    def settings(self) -> Settings:
        """Return the settings in force."""
        overrides = {"broker": self.broker} if self.broker else {}
        return load_settings(environ=os.environ, overrides=overrides)


def check(request: Request, *, to_kafka: bool, follow: bool) -> None:
    """Raise `UsageError` if the parts of a request do not go together."""
    if to_kafka == (request.output is not None):
        message = "say where the events go: either --to kafka or -o FILE"
        raise UsageError(message)
    if request.format_name not in {AUTO, *NAMES}:
        message = f"no format is called {request.format_name!r}. Use {AUTO} or one of: "
        raise UsageError(message + ", ".join(NAMES))
    if follow and len(request.files) != 1:
        message = "--follow reads one input: start one import for each"
        raise UsageError(message)
    if not follow and STANDARD in request.files:
        message = "standard input is read with --follow only: add it, or save the input first"
        raise UsageError(message)


def say(message: str) -> None:
    """Tell the user something, beside the data."""
    typer.echo(message, err=True)


def tell(request: Request, summary: Summary, *, events: int, streams: Sequence[str]) -> None:
    """Tell what came of the rows: in words on stderr, or as JSON where it is in no data's way."""
    if request.as_json:
        outcome = {
            "files": [str(file) for file in request.files],
            "formats": summary.formats,
            "rows": summary.rows,
            "converted": summary.converted,
            "kinds": dict(sorted(summary.kinds.items())),
            "skipped": dict(sorted(summary.skipped.items())),
            "skipped_kinds": dict(sorted(summary.skipped_kinds.items())),
            "events": events,
            "streams": list(streams),
        }
        typer.echo(json.dumps(outcome, ensure_ascii=False), err=request.output == STANDARD)
        return
    verb, target = "sent", "Kafka"
    if request.output is not None:
        verb, target = "written", str(request.output)
    say_rows(summary)
    of_streams = f"{len(streams)} stream{'' if len(streams) == 1 else 's'}"
    say(f"{events} events of {of_streams} {verb} to {target}")


def say_rows(summary: Summary) -> None:
    """Say on stderr what came of the rows, and name every reason and kind that was skipped."""
    skipped = sum(summary.skipped.values())
    say(f"{summary.rows} rows read, {summary.converted} converted, {skipped} skipped")
    if len(summary.kinds) > 1:
        _say_kinds("converted", summary.kinds)
    for reason, count in summary.skipped.most_common():
        say(f"  {count} {reason}, the first in {summary.examples[reason]}")
    _say_kinds("skipped", summary.skipped_kinds)


def _say_kinds(what: str, kinds: Counter[str]) -> None:
    if kinds:
        counts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        say(f"  {what}: {counts}")
