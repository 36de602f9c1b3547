"""`resonance config show`: every setting in force, and where its value came from."""

import json
import os
from typing import Annotated

import msgspec
import typer

from resonance.agents.settings import Found, find_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    commands = typer.Typer(
        no_args_is_help=True,
        help="Look at the settings.",
        epilog="Example: `resonance config show`",
    )
    commands.command(
        "show",
        epilog="Example: `RESONANCE_BOARD_PORT=9000 resonance config show --json`",
    )(show)
    app.add_typer(commands, name="config")


def show(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print every setting, its value, and where the value came from."""
    found = find_settings(environ=os.environ)
    typer.echo(json.dumps(_rows(found), indent=2) if as_json else _table(found))


def _rows(found: Found) -> dict[str, dict[str, object]]:
    values = msgspec.to_builtins(found.settings, enc_hook=str)
    return {
        name: {"value": values[name], "source": source} for name, source in found.sources.items()
    }


def _table(found: Found) -> str:
    lines = [
        (name, "none" if row["value"] is None else json.dumps(row["value"]), str(row["source"]))
        for name, row in _rows(found).items()
    ]
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    return "\n".join(
        f"{name:{widths[0]}}  {value:{widths[1]}}  {source}" for name, value, source in lines
    )
