"""`resonance demo`: the whole product in one process, on a scripted stream."""

from pathlib import Path
from typing import Annotated, Final

import typer

DEFAULT_PORT: Final = 8080
DURATION_SECONDS: Final = 120

HELP: Final = """Play a scripted cross-border live stream, and watch it on the board.

Starts an embedded broker, the scoring and engagement workers and the board in one process; needs
no Kafka. Two minutes at live pace, then a summary by market; the board stays open until Ctrl-C.

Examples:

  resonance demo

  resonance demo --headless --json

  resonance demo --dump events.jsonl
"""


def register(app: typer.Typer) -> None:
    """Add `demo` to the command line."""
    app.command(name="demo", help=HELP)(demo)


def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="No board and no waiting: as a finite file.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON instead of a table.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_535,
            help=f"The board's port; without it {DEFAULT_PORT}, or the next one that is free.",
        ),
    ] = None,
    duration: Annotated[
        int, typer.Option(min=10, max=DURATION_SECONDS, help="Seconds of the stream to play.")
    ] = DURATION_SECONDS,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Keep the board open after the stream.")
    ] = True,
    dump: Annotated[
        Path | None,
        typer.Option(
            help="Play nothing: write the events as JSON lines to this file, for `resonance replay`"
            " or `resonance import`. `-` is standard output."
        ),
    ] = None,
) -> None:
    """Run the demo: exit 0 at its end, 130 when it is interrupted before."""
    from resonance.agents.demo import run

    if dump is not None:
        run.dump(dump, duration_seconds=duration)
        return
    options = run.Options(
        headless=headless,
        as_json=as_json,
        port=port,
        duration_seconds=duration,
        serve=serve,
    )
    raise typer.Exit(run.run(options))
