"""`resonance replay`: fold a recording without a broker, and sum it up by market."""

import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from resonance.agents.errors import UsageError

if TYPE_CHECKING:
    from resonance.streams.importers.load import Imported
    from resonance.streams.replay import Replay

HELP: Final = """Fold recordings as live, without a broker, and sum them up by market.

The same functions as live, on a virtual clock: the same files give the same bytes, and those of the
`windows` topic after `resonance import --to kafka`.

Examples:

  resonance replay chat.json --market US

  resonance replay chat.json orders.csv --json > result.json
"""
AS_FAST_AS_POSSIBLE: Final = "max"
SPEED_MAX: Final = 1_000_000.0


def register(app: typer.Typer) -> None:
    """Add `replay` to the command line."""
    app.command(name="replay", help=HELP)(replay)


def replay(
    files: Annotated[list[Path], typer.Argument(help="Recordings that belong together.")],
    *,
    format_name: Annotated[
        str, typer.Option("--format", help="The files' format; auto looks at the content.")
    ] = "auto",
    markets: Annotated[
        list[str] | None, typer.Option("--market", help="A market the stream targets, as in US.")
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="A language of the stream, as in en.")
    ] = None,
    stream: Annotated[
        str | None, typer.Option(help="The stream's id.", show_default="from the file")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="The channel's id.", show_default="from the file")
    ] = None,
    platform: Annotated[
        str | None, typer.Option(help="The platform.", show_default="from the file")
    ] = None,
    speed: Annotated[
        str, typer.Option(help="Times the pace of the recording, or `max`.", metavar="N|max")
    ] = AS_FAST_AS_POSSIBLE,
    windows: Annotated[
        Path | None,
        typer.Option(help="Also write every window row to this file: key, tab, value."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print totals, markets and windows as JSON.")
    ] = False,
) -> None:
    """Run the command: data on standard output, everything else on standard error."""
    # Imported here: `resonance --help` must not wait for any of it.
    from resonance.agents.cli.progress import import_progress
    from resonance.agents.importing.options import stream_options
    from resonance.streams.importers.load import events_of_files
    from resonance.streams.importers.outcomes import BrokenFileError
    from resonance.streams.replay import report

    pace = _speed(speed)
    options = stream_options(markets or [], languages or [], stream, channel, platform)
    with ExitStack() as stack:
        progress = stack.enter_context(import_progress())
        reading = progress.add_task("Reading", total=_size_bytes(files))
        try:
            imported = stack.enter_context(
                events_of_files(
                    files,
                    options,
                    format_name=format_name,
                    on_bytes=lambda count: progress.advance(reading, count),
                )
            )
        except BrokenFileError as error:
            raise UsageError(str(error)) from error
        folding = progress.add_task("Folding", total=imported.event_count)
        run = _fold(imported, pace, lambda count: progress.advance(folding, count))
    result = report(run.rows)
    if windows is not None:
        lines = sorted(run.rows.items())
        windows.write_bytes(b"".join(b"%s\t%s\n" % (k.encode(), v) for k, v in lines))
    _tell_skipped(imported)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, separators=(",", ":")))
    else:
        _print_tables(result)


def _fold(imported: "Imported", pace: float | None, on_events: Any) -> "Replay":
    from resonance.agents.settings import load_settings
    from resonance.agents.viewer_key import ensure_viewer_key
    from resonance.sentiment.score import Scorer
    from resonance.streams.events import Versions
    from resonance.streams.fold.settings import FoldSettings
    from resonance.streams.replay import BATCH_EVENTS, Replay, paced
    from resonance.streams.scoring import ScoringHop

    settings = load_settings(environ=os.environ)
    scorer = Scorer()
    run = Replay(
        ScoringHop(scorer, ensure_viewer_key(settings), Versions(*scorer.versions)),
        FoldSettings(
            allowed_lateness_ms=round(settings.allowed_lateness_seconds * 1000),
            burst_size=settings.duplicate_burst_size,
        ),
    )
    started_seconds = time.monotonic()

    def wait_until_seconds(due_seconds: float) -> None:
        time.sleep(max(0.0, started_seconds + due_seconds - time.monotonic()))

    events = iter(imported) if pace is None else paced(imported, pace, wait_until_seconds)
    step = BATCH_EVENTS if pace is None else 1
    for number, event in enumerate(events, start=1):
        run.feed(event)
        if number % step == 0:
            on_events(step)
    run.advance()
    return run


def _speed(text: str) -> float | None:
    """Return how many times the recording's pace, or None for as fast as possible."""
    if text == AS_FAST_AS_POSSIBLE:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= SPEED_MAX:
        message = f"--speed {text}: give a number above 0, as in 10, or `{AS_FAST_AS_POSSIBLE}`"
        raise UsageError(message)
    return speed


def _size_bytes(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())


def _tell_skipped(imported: "Imported") -> None:
    summary = imported.summary
    typer.echo(f"{summary.rows} rows read, {summary.converted} converted", err=True)
    for reason, count in sorted(summary.skipped.items()):
        typer.echo(f"  {count} skipped: {reason} ({summary.examples[reason]})", err=True)


def _print_tables(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for stream in result["streams"]:
        table = Table(title=f"Stream {stream['stream']}", box=None, pad_edge=False)
        for title in ("Market", "Comments", "Commenters", "Negative", "Questions", "Orders", "GMV"):
            table.add_column(title, justify="left" if title in {"Market", "GMV"} else "right")
        for market, summed in [*stream["markets"].items(), ("all", stream["totals"])]:
            share = summed["negative_share"]
            negative = "–" if share["value"] is None else f"{share['value']:.1%} of {share['n']}"
            gmv = ", ".join(f"{amount} {code}" for code, amount in summed["gmv_minor"].items())
            table.add_row(
                market,
                str(summed["comments"]),
                str(summed["commenters"]),
                negative,
                str(summed["questions"]["asked"]),
                str(summed["orders"]),
                f"{gmv} minor units" if gmv else "–",
            )
        console.print(table)
