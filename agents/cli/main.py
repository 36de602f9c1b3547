"""The `resonance` command: one file a sub-command, joined here."""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer

from resonance.agents.cli import (
    alerts,
    board,
    compass,
    config,
    dead_letters,
    demo,
    doctor,
    erase,
    evaluate,
    explain,
    import_,
    keys,
    pager,
    replay,
    report,
    score,
    streams,
    topics,
    worker,
)
from resonance.agents.errors import ResonanceError

# In the order that help lists them.
COMMANDS: Final = (
    demo,
    import_,
    worker,
    board,
    pager,
    replay,
    streams,
    report,
    compass,
    score,
    evaluate,
    explain,
    alerts,
    dead_letters,
    doctor,
    keys,
    erase,
    topics,
    config,
)
DISTRIBUTION: Final = "resonance-live"
EXIT_FAULT: Final = 70  # EX_SOFTWARE of sysexits.h: our own fault; 1 means findings.

app = typer.Typer(
    name="resonance",
    no_args_is_help=True,
    help="Live chat analysis for cross-border live commerce.",
    epilog="Example: `resonance demo` plays a scripted stream; nothing else is needed.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"resonance {version(DISTRIBUTION)}")
        raise typer.Exit


@app.callback()
def settings_file(
    config: Annotated[
        Path | None,
        typer.Option(help="Settings file.", show_default="resonance.toml if there is one"),
    ] = None,
    show_version: Annotated[  # noqa: ARG001 - the callback answers it.
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Take the options that stand before the command."""
    if config is not None:
        # As the variable, so that commands and the processes they start read the same file.
        os.environ["RESONANCE_CONFIG"] = str(config)


for command in COMMANDS:
    command.register(app)


def _keep_to_one_thread() -> None:
    """Tell the numeric libraries, which look when they are loaded, to start no threads.

    The matrices of a few dozen comments are small: threads would cost more than they do, and
    take the processor from the other workers of this machine.
    """
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def main() -> None:
    """Run the command line; what a person can mend ends in a sentence, not in a traceback."""
    _keep_to_one_thread()
    try:
        app()
    except ResonanceError as error:
        if "RESONANCE_DEBUG" in os.environ:
            raise
        typer.echo(f"resonance: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if "RESONANCE_DEBUG" in os.environ:
            raise
        kind = type(error).__name__
        remedy = "RESONANCE_DEBUG=1 shows where; please report it"
        # Without the error's own words: they may hold a viewer's text.
        typer.echo(f"resonance: a fault of ours ({kind}). {remedy}", err=True)
        sys.exit(EXIT_FAULT)
