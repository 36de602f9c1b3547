"""`resonance erase`: forget a viewer as far as that can be done, and say what remains."""

import os
import sys
import time
from typing import Annotated

import typer

HELP = """Put a viewer on the list of those whose words are shown no more; archives drop them.

Board, reports and replays leave the viewer's words out at once; sums stand, and name nobody. The
archive drops them when it makes one file of a stream, `resonance streams compact` at once.

Example: `resonance erase --platform youtube --viewer UC123`
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="erase", help=HELP)(erase)


def erase(
    viewer: Annotated[
        str, typer.Option(help="The platform's id of the viewer; - reads it from standard input.")
    ],
    platform: Annotated[str, typer.Option(help="As the events name it: youtube, tiktok…")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say which pseudonyms would be listed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find the viewer's pseudonyms under all keys that there still are, and list them."""
    import msgspec

    from resonance.agents.privacy.erased import add_erasures, used_list_file
    from resonance.agents.privacy.viewer_key import read_keys, used_key_file
    from resonance.agents.settings import load_settings
    from resonance.streams.erasure import Erasure

    settings = load_settings(environ=os.environ)
    ring = read_keys(used_key_file(settings))
    viewer_id = sys.stdin.readline().rstrip("\n") if viewer == "-" else viewer
    now_ms = time.time_ns() // 1_000_000
    erasures = [
        Erasure(viewer=found.viewer, epoch=found.epoch, erased_at_ms=now_ms)
        for found in ring.all_pseudonyms(platform, viewer_id)
    ]
    path = used_list_file(settings)
    added = 0 if dry_run else add_erasures(path, erasures)
    remains = {
        "raw_topics_hours": settings.raw_retention_hours,
        "events_hours": settings.events_retention_hours,
        "dead_letters_hours": settings.dead_letters_retention_hours,
        "state_hours_after_the_streams_end": 48,
    }
    if as_json:
        rows = [msgspec.to_builtins(one) for one in erasures]
        answer = {"listed": rows, "added": added, "file": str(path), "remains": remains}
        typer.echo(msgspec.json.encode(answer).decode())
        return
    for one in erasures:
        typer.echo(f"{one.viewer}  epoch {one.epoch}")
    typer.echo(f"{added} added to {path}", err=True)
    typer.echo(
        f"Until their retention, the raw topics ({settings.raw_retention_hours} h) still hold the "
        f"viewer's own records, `events` ({settings.events_retention_hours} h) masked texts "
        f"under the pseudonym, and `dead-letters` ({settings.dead_letters_retention_hours} h) "
        "masked excerpts. Archived streams that are over: `resonance streams compact` each. "
        "Recordings and reports that you have as files are yours to delete: docs/privacy.md",
        err=True,
    )
