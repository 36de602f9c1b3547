"""`resonance streams`: what lies in the archive."""

import os
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

LIST_EXAMPLE: Final = "Example: `resonance streams list --json | jq '.[0].files'`"
COMPACT_EXAMPLE: Final = "Example: `resonance streams compact tuesday`"
ArchivePlace = Annotated[
    str | None, typer.Option("--archive", help="A folder or a URL.", show_default="archive")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        no_args_is_help=True, help="List and tend what is archived.", epilog=LIST_EXAMPLE
    )
    commands.command("list", epilog=LIST_EXAMPLE)(list_streams)
    commands.command("compact", epilog=COMPACT_EXAMPLE)(compact_stream)
    app.add_typer(commands, name="streams")


def list_streams(
    archive: ArchivePlace = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the archived streams, the latest first, with their files."""
    import msgspec

    from resonance.agents.archiving.catalogue import catalogue
    from resonance.agents.archiving.store import Store
    from resonance.agents.settings import load_settings

    settings = load_settings(environ=os.environ, overrides={"archive": archive})
    entries = catalogue(Store(settings.archive))
    if as_json:
        typer.echo(msgspec.json.encode(entries).decode())
        return
    for entry in entries:
        state = "complete" if entry.complete else "incomplete"
        typer.echo(
            f"{entry.stream}\t{_time(entry.start_ms)}\t{_time(entry.end_ms)}\t"
            f"{entry.comments} comments\t{len(entry.files)} files\t{state}"
        )


def compact_stream(
    stream: Annotated[str, typer.Argument(help="The stream's id.")], archive: ArchivePlace = None
) -> None:
    """Make one file of a finished stream's files, and drop from it what erased viewers said.

    The archive does both by itself, a quarter of an hour after the stream's end; what viewers said
    who were erased after that, this drops for good. Their orders of no stream go with any stream.
    """
    from resonance.agents.archiving.catalogue import files_of
    from resonance.agents.archiving.compacting import compact
    from resonance.agents.archiving.store import Store
    from resonance.agents.privacy.erased import ErasedList, used_list_file
    from resonance.agents.settings import load_settings
    from resonance.streams.archive.erased_rows import ErasedRows

    settings = load_settings(environ=os.environ, overrides={"archive": archive})
    store = Store(settings.archive)
    files_of(store, stream)  # Says so when there is none.
    erased = ErasedRows(ErasedList(used_list_file(settings)).viewers)
    replaced = compact(store, stream, erased, whole_log=True)
    typer.echo(f"{replaced} files replaced, {erased.redacted} rows rid of erased viewers", err=True)


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
