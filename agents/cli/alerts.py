"""`resonance alerts`: what rules would have paged, in recordings of what has happened."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from resonance.agents.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resonance.agents.backtesting.run import Asked, Played, Rules
    from resonance.streams.backtest.incidents import Incident

BACKTEST_HELP: Final = """Run alert rules over recordings, as Prometheus would have live.

The rules are Prometheus' own files, run by promtool with all their recording rules, `for` and
`keep_firing_for`; the series are what it would have scraped from the board every 2 s. Pages are
held against incidents.toml: of each incident stream, market, from, to and what.

Exit 1: an incident was missed by --rules.

Examples:

  resonance alerts backtest recordings --rules deploy/prometheus/rules

  resonance alerts backtest tuesday.jsonl --incidents incidents.toml --rules rules --json

  resonance alerts backtest recordings --rules rules --against deploy/prometheus/usual.yml
"""
GENERATE_HELP: Final = """Make recordings with incidents in them, from a seed.

Each stream is a file of our own events: markets great and small, moods, negative spikes, giveaways,
votes, raids, copies, quiet nights, and restarts of the connector, after which all comes at once.
incidents.toml beside them says what is wrong where.

Example: resonance alerts generate -o recordings --streams 48 --hours 1 --seed 7
"""
HOURS_MIN: Final = 0.1
PIPE_WIDTH: Final = 200  # In a pipe there is no width to keep to.


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        no_args_is_help=True,
        help="Hold alert rules against recordings.",
        epilog="Example: `resonance alerts backtest recordings --rules deploy/prometheus/rules`",
    )
    commands.command("backtest", help=BACKTEST_HELP)(backtest)
    commands.command("generate", help=GENERATE_HELP)(generate)
    app.add_typer(commands, name="alerts")


def backtest(
    recordings: Annotated[
        list[Path] | None, typer.Argument(help="Recordings, or folders of *.jsonl.")
    ] = None,
    *,
    rules: Annotated[
        Path, typer.Option("--rules", help="A rule file of Prometheus, or a folder of them.")
    ],
    against: Annotated[
        Path | None, typer.Option(help="Other rules, to be shown beside them.")
    ] = None,
    incidents: Annotated[
        Path | None,
        typer.Option(
            help="What is known to have gone wrong.",
            show_default="incidents.toml beside the first recording",
        ),
    ] = None,
    alerts: Annotated[
        list[str] | None, typer.Option("--alert", help="Only this alert; may be repeated.")
    ] = None,
    severity: Annotated[str, typer.Option(help="Alerts of this severity are pages.")] = "page",
    scrape: Annotated[
        int,
        typer.Option(
            min=1, max=60, help="Seconds from scrape to scrape; 10 is quicker, and coarser."
        ),
    ] = 2,
    jobs: Annotated[int, typer.Option(min=1, help="So many recordings at a time.")] = 2,
    pages: Annotated[bool, typer.Option("--pages", help="List every page as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every page.")] = False,
) -> None:
    """Run the command: the answer on standard output, everything else on standard error."""
    # Imported here: `resonance --help` must not wait for any of it.
    import msgspec
    from rich.console import Console

    from resonance.agents.backtesting.outcome import about_streams, outcome
    from resonance.agents.backtesting.recordings import recording_files
    from resonance.agents.backtesting.rule_files import doubts, read_rules
    from resonance.agents.backtesting.run import Asked, Rules
    from resonance.agents.backtesting.tables import print_outcome
    from resonance.agents.settings import load_settings
    from resonance.streams.importers.options import Options

    if not recordings:
        message = (
            "which recordings? Name files or folders; `resonance alerts generate -o recordings` "
            "makes some"
        )
        raise UsageError(message)
    files = recording_files(recordings)
    settings = load_settings(environ=os.environ)
    sides = [read_rules(path) for path in (rules, against) if path is not None]
    for doubt in (doubt for side in sides for doubt in doubts(side)):
        typer.echo(f"resonance: {doubt}", err=True)
    known = _incidents(incidents, files)
    only = frozenset(alerts or ())
    playing = [Rules.of(side, severity, only) for side in sides]
    _refuse_unknown(only, playing)
    asked = Asked(settings, Options(), tuple(playing), severity, scrape * 1000)
    played = _played(files, asked, jobs)
    mine = about_streams(known, played.streams)
    if left := len(known) - len(mine):
        typer.echo(f"{left} incidents are of streams that no recording here holds", err=True)
    names = [str(path) for path in (rules, against) if path is not None]
    found = outcome(names, played, mine)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        console = Console(
            width=None if sys.stdout.isatty() else PIPE_WIDTH, markup=False, highlight=False
        )
        print_outcome(console, found, pages=pages)
    if found.sides[0].missed:
        raise typer.Exit(1)


def _refuse_unknown(alerts: frozenset[str], sides: "list[Rules]") -> None:
    known = {
        name for side in sides for file in side.files for g in file.groups for name in g.alerts
    }
    if unknown := sorted(alerts - known):
        message = f"--alert {unknown[0]}: no rule given here; there are {', '.join(sorted(known))}"
        raise UsageError(message)


def _incidents(named: Path | None, files: "Sequence[Path]") -> "list[Incident]":
    """Return the marked incidents; without a file, none, and say so."""
    from resonance.agents.backtesting.recordings import INCIDENTS, read_incidents

    beside = files[0].parent / INCIDENTS
    if named is None and not beside.is_file():
        typer.echo(
            f"no {INCIDENTS} beside {files[0]}: every page counts as false; --incidents names one",
            err=True,
        )
        return []
    return read_incidents(named or beside)


def _played(files: "Sequence[Path]", asked: "Asked", jobs: int) -> "Played":
    from resonance.agents.backtesting.run import backtest
    from resonance.agents.terminal.progress import progress_bar, size_bytes

    with progress_bar("Playing recordings", size_bytes(files)) as advance:
        return backtest(files, asked, jobs, advance)


def generate(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder to write to; new, or empty.")
    ],
    *,
    streams: Annotated[int, typer.Option(min=1, max=10_000, help="How many streams.")] = 10,
    hours: Annotated[
        float, typer.Option(min=HOURS_MIN, max=24, help="How long each of them is.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same recordings.")] = 7,
) -> None:
    """Run the command."""
    from resonance.agents.backtesting.writing import generate as write
    from resonance.agents.scorers import make_scorer
    from resonance.agents.settings import load_settings
    from resonance.agents.terminal.progress import progress_bar

    scorer = make_scorer(load_settings(environ=os.environ))
    with progress_bar("Generating", streams) as advance:
        count = write(
            output, scorer, streams=streams, seconds=round(hours * 3600), seed=seed, advance=advance
        )
    typer.echo(
        f"{count} events in {streams} recordings. Next: resonance alerts backtest {output} "
        "--rules deploy/prometheus/rules",
        err=True,
    )
