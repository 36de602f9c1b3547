"""`resonance evaluate`: how good the scores are, by labelled texts in a folder."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from resonance.agents.errors import UsageError

if TYPE_CHECKING:
    from resonance.agents.evaluating.run import Evaluation, FalseAlarms

HELP: Final = """Measure the scores on labelled texts: F1, calibration, false alarms, speed.

The folder is laid out as text/test/<set>-<task>.<language>.tsv (text, tab, label), with
authored/<language>.tsv, lid/*.tsv and recordings in chat/; any of them may be missing, and sets
may lie in it directly. What is no set is named and left out.

Examples:

  resonance evaluate --data ../data

  resonance evaluate --data ../data --sets "umsab*" --confusions 20

  resonance evaluate --data ../data --json > figures.json
"""
PIPE_WIDTH: Final = 160  # In a pipe there is no width to keep to.


def register(app: typer.Typer) -> None:
    """Add `evaluate` to the command line."""
    app.command(name="evaluate", help=HELP)(evaluate)


def evaluate(
    data: Annotated[
        Path,
        typer.Option(help="The folder with the labelled texts.", envvar="RESONANCE_DATA"),
    ],
    *,
    sets: Annotated[
        str, typer.Option(metavar="PATTERN", help='Only sets whose name matches, as in "umsab*".')
    ] = "*",
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many texts a set, always the same ones.")
    ] = None,
    confusions: Annotated[
        int, typer.Option(min=0, help="Show so many of each set's surest mistakes.")
    ] = 0,
    tier: Annotated[
        Literal["model", "fast", "rules"] | None,
        typer.Option(help="What scores.", show_default="tier"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    with_texts: Annotated[
        bool, typer.Option("--with-texts", help="With --json and --confusions: their texts too.")
    ] = False,
) -> None:
    """Run the command: figures on standard output, everything else on standard error."""
    # Imported here: `resonance --help` must not wait for any of it.
    import msgspec
    from rich.console import Console

    from resonance.agents.evaluating.files import find_files
    from resonance.agents.evaluating.run import Evaluation, means, surest_mistakes
    from resonance.agents.evaluating.tables import print_mistakes, print_tables
    from resonance.agents.scorers import make_scorer
    from resonance.agents.settings import load_settings
    from resonance.agents.terminal.progress import progress_bar, size_bytes

    if not data.is_dir():
        message = f"--data {data}: no such folder"
        raise UsageError(message)
    files, skipped = find_files(data, sets)
    if not files:
        message = (
            f"--data {data}: no set matches --sets {sets}; one is named <set>-<task>.<language>.tsv"
        )
        raise UsageError(message)
    scorer = make_scorer(load_settings(environ=os.environ, overrides={"tier": tier}))
    run = Evaluation(scorer, limit)
    with progress_bar("Scoring", size_bytes([file.path for file in files])) as advance:
        for file in files:
            run.take(file, advance)
        alarms = run.finish()
    for name in (*skipped, *run.skipped):
        typer.echo(f"left out: {name}", err=True)
    if as_json:
        report = _report(run, alarms, [*skipped, *run.skipped], confusions, with_texts)
        typer.echo(msgspec.json.encode(report))
        return
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, markup=False, emoji=False)
    print_tables(console, run.sets, means(run.sets), run.languages, alarms)
    if confusions:
        print_mistakes(console, surest_mistakes(run.mistakes, confusions))
    speed = run.throughput
    typer.echo(f"{speed.texts} texts scored, {speed.texts_per_second:,.0f} a second", err=True)


def _report(
    run: "Evaluation",
    alarms: "list[FalseAlarms]",
    skipped: list[str],
    confusions: int,
    with_texts: bool,
) -> dict[str, Any]:
    """Return the figures as the command prints them; no text leaves unless it is asked for."""
    from resonance.agents.evaluating.run import means, surest_mistakes

    report: dict[str, Any] = {
        "versions": dict(zip(("code", "model", "packs"), run.scorer.versions, strict=True)),
        "sets": run.sets,
        "means": means(run.sets),
        "languages": run.languages,
        "false_alarms": alarms,
        "skipped": skipped,
        "throughput": {
            "texts": run.throughput.texts,
            "seconds": round(run.throughput.seconds, 3),
            "texts_per_second": run.throughput.texts_per_second,
        },
    }
    if confusions and with_texts:
        report["mistakes"] = [m._asdict() for m in surest_mistakes(run.mistakes, confusions)]
    return report
