"""The `resonance` command: one file a sub-command, joined here."""

import typer

app = typer.Typer(
    name="resonance",
    no_args_is_help=True,
    help="Live chat analysis for cross-border live commerce.",
)


def main() -> None:
    """Run the command line."""
    app()
