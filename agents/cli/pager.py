"""`resonance pager`: Alertmanager's webhook in, explained pages out."""

import asyncio
import os
from typing import Annotated, Final

import typer

from resonance.agents.terminal.serving import serve_until_stopped

HELP: Final = """Tell people what Alertmanager tells us, with the comments behind it.

Adds the topics, three comments, the product on screen, how sure it is, and links. Says when it is
over; repeats only when it gets worse. Falls Alertmanager's watchdog silent, it says so. Receivers
are those that are set: Slack, any webhook, PagerDuty, e-mail; their secrets are read from files.

Example: `RESONANCE_PAGER_SLACK_URL_FILE=slack.secret resonance pager`
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="pager", help=HELP)(pager)


def pager(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="pager_host")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on; 0 takes a free one.",
            show_default="pager_port",
            min=0,
            max=65_535,
        ),
    ] = None,
) -> None:
    """Run until stopped: exit 0 by SIGTERM, 130 by Ctrl-C."""
    # Imported here: `resonance --help` must not wait for a web server.
    from resonance.agents.logs import set_up_logging
    from resonance.agents.pager.service import serve_pager
    from resonance.agents.settings import load_settings

    overrides = {"pager_host": host, "pager_port": port}
    settings = load_settings(environ=os.environ, overrides=overrides)
    set_up_logging(settings)

    def tell(url: str, receivers: list[str]) -> None:
        typer.echo(url)
        typer.echo(f"Telling {', '.join(receivers)}", err=True)

    async def serve(stop: asyncio.Event) -> None:
        await serve_pager(settings, stop=stop, opened=tell)

    raise typer.Exit(serve_until_stopped(serve))
