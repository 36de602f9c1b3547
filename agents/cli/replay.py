"""`resonance replay`: fold a recording without a broker, and sum it up by market."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from resonance.agents.errors import UsageError

if TYPE_CHECKING:
    from resonance.agents.settings import Settings
    from resonance.streams.importers.load import Imported
    from resonance.streams.replay import Replay
    from resonance.streams.windows import WindowRow

HELP: Final = """Fold the past as live and sum it up by market: files, archived streams, a topic.

The same functions as live, on a virtual clock: the same input gives the same bytes, and those of
the `windows` topic. Live topics are only read; `--to kafka` writes to topics of the replay's own.

Examples:

  resonance replay chat.json --market US

  resonance replay --from archive tuesday --speed 10 --to kafka --id tuesday-again

  resonance replay --from archive tuesday --rescore --diff --json

  resonance replay --from archive tuesday --openmetrics tuesday.om --retention-days 400
"""
AS_FAST_AS_POSSIBLE: Final = "max"
SPEED_MAX: Final = 1_000_000.0


def register(app: typer.Typer) -> None:
    """Add `replay` to the command line."""
    app.command(name="replay", help=HELP)(replay)


def replay(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Recordings that belong together; else streams.")
    ] = None,
    *,
    origin: Annotated[
        Literal["file", "archive", "kafka"], typer.Option("--from", help="Where the past lies.")
    ] = "file",
    archive: Annotated[
        str | None, typer.Option(help="The archive's folder or URL.", show_default="archive")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="From kafka: what came at this time or later (ISO 8601).")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="From kafka: what came before.", show_default="now")
    ] = None,
    rescore: Annotated[
        bool, typer.Option("--rescore", help="Score the archived texts anew, with what there is.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="With --rescore: print what that changes.")
    ] = False,
    to: Annotated[
        Literal["memory", "kafka"], typer.Option(help="kafka: also to topics of its own.")
    ] = "memory",
    replay_id: Annotated[
        str | None, typer.Option("--id", help="The topics are replay.ID.events and .windows.")
    ] = None,
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
    tier: Annotated[
        Literal["model", "fast", "rules"] | None,
        typer.Option(help="What scores.", show_default="tier"),
    ] = None,
    windows: Annotated[
        Path | None,
        typer.Option(help="Also write every window row to this file: key, tab, value."),
    ] = None,
    openmetrics: Annotated[
        Path | None,
        typer.Option(help="Also write the board's metrics at their original times, for promtool."),
    ] = None,
    remote_write: Annotated[
        str | None, typer.Option(help="Also send them to a Prometheus, to this URL.")
    ] = None,
    metrics_label: Annotated[
        str, typer.Option(help="Their label `replay`, apart from live; empty for none.")
    ] = "backfill",
    retention_days: Annotated[
        int, typer.Option(min=1, help="How long that Prometheus keeps samples.")
    ] = 15,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print totals, markets and windows as JSON.")
    ] = False,
) -> None:
    """Run the command: data on standard output, everything else on standard error."""
    # Imported here: `resonance --help` must not wait for any of it.
    from resonance.agents.cli.replay_log import LoggedPast, print_changes, replay_logged
    from resonance.agents.cli.replay_metrics import MetricsTarget, write_metrics
    from resonance.agents.importing.options import stream_options
    from resonance.agents.importing.request import say_rows
    from resonance.agents.settings import load_settings
    from resonance.agents.terminal.progress import progress_bar, size_bytes
    from resonance.streams.importers.load import events_of_files
    from resonance.streams.importers.outcomes import BrokenFileError
    from resonance.streams.replay import report

    overrides = {"tier": tier, "archive": archive}
    settings = load_settings(environ=os.environ, overrides=overrides)
    pace, files = _speed(speed), [Path(source) for source in sources or ()]
    if origin == "file":
        _refuse_of_files(rescore=rescore, diff=diff, to=to)
        options = stream_options(
            markets or [], languages or [], stream, channel, platform, settings.max_event_bytes
        )
        try:
            with progress_bar("Reading", size_bytes(files)) as advance:
                imported = events_of_files(
                    files, options, format_name=format_name, on_bytes=advance
                )
        except BrokenFileError as error:
            raise UsageError(str(error)) from error
        with imported, progress_bar("Folding", imported.event_count) as advance:
            rows = _fold(settings, imported, pace, advance).rows
        say_rows(imported.summary)
    else:
        past = replay_logged(
            settings,
            LoggedPast(origin, tuple(sources or ()), since, until),
            speed=pace,
            rescore=rescore or diff,
            replay_id=(replay_id or "") if to == "kafka" else None,
        )
        if diff:
            print_changes(past, as_json=as_json)
            return
        rows = past.past.rows
    if windows is not None:
        lines = sorted(rows.items())
        windows.write_bytes(b"".join(b"%s\t%s\n" % (k.encode(), v) for k, v in lines))
    if openmetrics is not None or remote_write is not None:
        target = MetricsTarget(openmetrics, remote_write, metrics_label, retention_days)
        write_metrics(settings, rows, target)
    if as_json:
        typer.echo(json.dumps(report(rows), ensure_ascii=False, separators=(",", ":")))
    else:
        _print_tables(rows)


def _refuse_of_files(*, rescore: bool, diff: bool, to: str) -> None:
    if rescore or diff or to != "memory":
        message = (
            "recordings are always scored anew, and reach Kafka by `resonance import --to kafka`: "
            "--rescore, --diff and --to are for --from archive and --from kafka"
        )
        raise UsageError(message)


def _fold(
    settings: "Settings",
    imported: "Imported",
    pace: float | None,
    advance: Callable[[int], None],
) -> "Replay":
    from resonance.agents.privacy.viewer_key import ensure_viewer_key
    from resonance.agents.scorers import make_scorer
    from resonance.agents.settings import fold_settings
    from resonance.streams.events import Versions
    from resonance.streams.replay import Replay, paced
    from resonance.streams.scoring import ScoringHop

    scorer = make_scorer(settings)
    run = Replay(
        ScoringHop(scorer, ensure_viewer_key(settings), Versions(*scorer.versions)),
        fold_settings(settings),
    )
    started_seconds = time.monotonic()

    def wait_until_seconds(due_seconds: float) -> None:
        time.sleep(max(0.0, started_seconds + due_seconds - time.monotonic()))

    for event in imported if pace is None else paced(imported, pace, wait_until_seconds):
        run.feed(event)
        advance(1)
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


def _print_tables(rows: dict[str, bytes]) -> None:
    from rich.console import Console

    from resonance.agents.terminal.market_table import market_table
    from resonance.streams.windows import ROOM, decode_row

    # In a pipe there is no width to keep to: the table is as wide as it needs to be.
    console = Console(width=None if sys.stdout.isatty() else 160)
    totals: dict[str, dict[str, WindowRow]] = {}
    for row in map(decode_row, rows.values()):
        if row.start_ms is None and (row.comments or row.purchases or row.market == ROOM):
            totals.setdefault(row.stream, {})[row.market] = row
    for stream, by_market in sorted(totals.items()):
        # The busiest market first, the room as the sum below.
        room = by_market.pop(ROOM)
        busiest = sorted(by_market.items(), key=lambda item: (-item[1].comments, item[0]))
        console.print(market_table(dict([*busiest, ("all", room)]), title=f"Stream {stream}"))
