"""`resonance board`: the live page, the JSON API and /metrics, over what the workers write."""

import asyncio
import os
from typing import Annotated

import typer

from resonance.agents.terminal.serving import serve_until_stopped

EXAMPLE = "Example: `resonance board --port 8080`, then open http://127.0.0.1:8080"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="board", epilog=EXAMPLE)(board)


def board(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="board_host")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on; 0 takes a free one.",
            show_default="board_port",
            min=0,
            max=65_535,
        ),
    ] = None,
    broker: Annotated[
        str | None, typer.Option(help="Kafka, as host:port[,host:port…].", show_default="broker")
    ] = None,
) -> None:
    """Serve the live page and /metrics until stopped.

    Reads every row of the `windows` topic first; until then all but /healthz answers 503. Prints
    the address once it is open.
    """
    # Imported here: `resonance --help` must not wait for a web server and a Kafka client.
    from resonance.agents.board.service import serve_board
    from resonance.agents.logs import set_up_logging
    from resonance.agents.settings import load_settings

    overrides = {"board_host": host, "board_port": port, "broker": broker}
    settings = load_settings(environ=os.environ, overrides=overrides)
    set_up_logging(settings)

    async def serve(stop: asyncio.Event) -> None:
        typer.echo(f"Reading windows from {settings.broker}", err=True)
        await serve_board(settings, stop=stop, opened=typer.echo)

    raise typer.Exit(serve_until_stopped(serve))
