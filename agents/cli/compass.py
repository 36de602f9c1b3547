"""`resonance compass`: when to go live for which market, by a channel's archived streams."""

import os
from typing import Annotated, Final

import typer

HELP: Final = """Tell when each market buys: local weekday and hour -> orders per commenter-minute.

By the channel's archived streams of the last days before its last one. Each hour is pulled to the
market's own rate as far as it knows little, and has its 95 % interval; an hour of fewer than 2
streams or 100 commenter-minutes is blank. An order is a paid one; a commenter-minute is a viewer
who wrote in that minute.

Examples:

  resonance compass my-shop

  resonance compass my-shop --market DE --market SA --days 180

  resonance compass my-shop --platform tiktok --json | jq '.markets[0].best'
"""
DAYS_MAX: Final = 3_660
PIPE_WIDTH: Final = 100  # In a pipe there is no width to keep to.


def register(app: typer.Typer) -> None:
    """Add `compass` to the command line."""
    app.command(name="compass", help=HELP)(compass)


def compass(
    channel: Annotated[str, typer.Argument(help="The channel, as its streams name it.")],
    *,
    days: Annotated[
        int, typer.Option(min=1, max=DAYS_MAX, help="How far before its last stream to look back.")
    ] = 90,
    markets: Annotated[
        list[str] | None, typer.Option("--market", help="Only this market, as in DE; repeatable.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option(help="Where two platforms have a channel of this name.")
    ] = None,
    archive: Annotated[
        str | None, typer.Option(help="The archive's folder or URL.", show_default="archive")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run the command: the answer on standard output, progress on standard error."""
    import msgspec
    from rich.console import Console

    from resonance.agents.comparing.compass import compass_of_archive
    from resonance.agents.comparing.compass_tables import print_compass
    from resonance.agents.settings import load_settings

    settings = load_settings(environ=os.environ, overrides={"archive": archive})
    made = compass_of_archive(
        settings, channel, platform=platform, days=days, markets=markets or []
    )
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(made), indent=2).decode())
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPE_WIDTH)
    print_compass(console, made)
