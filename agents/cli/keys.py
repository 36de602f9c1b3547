"""`resonance keys`: the epochs of the viewer key: list them, begin a new one, end old ones."""

import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resonance.agents.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from resonance.streams.viewers import KeyRing

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DAY_MS = 86_400_000
# By then every worker has read the file: one looks each five seconds.
LEAD_SECONDS = 60


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        no_args_is_help=True,
        help="Rotate and destroy the keys under which viewers become pseudonyms.",
        epilog="Example: `resonance keys list`",
    )
    commands.command("list", epilog="Example: `resonance keys list --json`")(list_keys)
    commands.command("rotate", epilog="Example: `resonance keys rotate --in 3600`")(rotate)
    commands.command("destroy", epilog="Example: `resonance keys destroy --expired`")(destroy)
    app.add_typer(commands, name="keys")


def list_keys(as_json: AsJson = False) -> None:
    """Print every epoch, from when it is, and whether its key is still there. Never a key."""
    _, ring = _opened()
    _show(ring, as_json=as_json)


def rotate(
    seconds: Annotated[
        int,
        typer.Option(
            "--in",
            help="When the new epoch begins, from now. All workers must have the file by then.",
            min=LEAD_SECONDS,
        ),
    ] = 600,
    as_json: AsJson = False,
) -> None:
    """Begin a new epoch. Records ingested from then on get pseudonyms under a new key.

    The old key stays, for records that were ingested earlier, until it is destroyed. Who writes
    before and after counts as two viewers: rotate between streams.
    """
    from resonance.agents.privacy.viewer_key import write_keys
    from resonance.streams.viewers import KEY_BYTES

    path, ring = _opened()
    from_ms = time.time_ns() // 1_000_000 + seconds * 1_000
    if ring.epochs[-1].from_ms >= from_ms:
        message = f"an epoch begins later than that already ({_time(ring.epochs[-1].from_ms)})"
        raise SettingsError(message)
    rotated = ring.rotated(secrets.token_bytes(KEY_BYTES), from_ms)
    write_keys(path, rotated)
    _show(rotated, as_json=as_json)


def destroy(
    epoch: Annotated[
        str, typer.Argument(help="This epoch's key and all older ones.", show_default="none")
    ] = "",
    expired: Annotated[
        bool, typer.Option("--expired", help="All that ended `viewer_key_retention_days` ago.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Destroy keys for ever: nobody can tell any more whose the pseudonyms of their time are.

    Copies of the file elsewhere (backups, other machines) are yours to destroy.
    """
    from resonance.agents.privacy.viewer_key import write_keys

    path, ring = _opened()
    if bool(epoch) == expired:
        message = "name an epoch, or say --expired. `resonance keys list` shows them"
        raise SettingsError(message)
    chosen = epoch or _latest_expired(ring, _settings().viewer_key_retention_days)
    if chosen:
        try:
            ring = ring.destroyed(chosen)
        except ValueError as error:
            message = f"{error}. `resonance keys list` shows them"
            raise SettingsError(message) from None
        write_keys(path, ring)
    _show(ring, as_json=as_json)


def _latest_expired(ring: "KeyRing", days: int) -> str:
    """Return the last epoch that ended so long ago, "" if there is none."""
    before_ms = time.time_ns() // 1_000_000 - days * DAY_MS
    ended = zip(ring.epochs, ring.epochs[1:], strict=False)
    return next((one.id for one, after in reversed([*ended]) if after.from_ms <= before_ms), "")


def _show(ring: "KeyRing", *, as_json: bool) -> None:
    import msgspec

    now_ms = time.time_ns() // 1_000_000
    current = ring.at(now_ms).id
    rows = [
        {
            "epoch": one.id,
            "from_ms": one.from_ms,
            "key": "destroyed" if one.key is None else "kept",
            "current": one.id == current,
        }
        for one in ring.epochs
    ]
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
        return
    for one in ring.epochs:
        state = "destroyed" if one.key is None else "kept"
        mark = "  in use" if one.id == current else "  not yet" if one.from_ms > now_ms else ""
        typer.echo(f"{one.id}  from {_time(one.from_ms)}  {state}{mark}")


def _time(at_ms: int) -> str:
    if at_ms == 0:
        return "the beginning"
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _opened() -> "tuple[Path, KeyRing]":
    from resonance.agents.privacy.viewer_key import read_keys, used_key_file

    path = used_key_file(_settings())
    return path, read_keys(path)


def _settings() -> Settings:
    return load_settings(environ=os.environ)
