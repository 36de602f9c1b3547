"""`resonance replay --from archive|kafka`: the past as the log has it."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import typer

from resonance.agents.errors import UsageError
from resonance.agents.replaying.publishing import PUBLISH_RECORDS, ReplayTopics
from resonance.agents.replaying.run import Run, run
from resonance.agents.replaying.sources import archived, of_kafka
from resonance.agents.settings import Settings
from resonance.agents.terminal.progress import progress_bar
from resonance.streams.spikes import Page

SHOWN_WINDOWS = 20


@dataclass(frozen=True, slots=True)
class LoggedPast:
    """What of the past to replay: streams of the archive, or what a topic got meanwhile."""

    origin: Literal["archive", "kafka"]
    streams: tuple[str, ...]
    since: str | None
    until: str | None


def replay_logged(
    settings: Settings,
    past: LoggedPast,
    *,
    speed: float | None,
    rescore: bool,
    replay_id: str | None,
) -> Run:
    """Replay it; `replay_id` None: in memory alone, "": to topics named by the time of day."""
    if past.origin == "archive":
        if past.since or past.until:
            message = "--since and --until are for --from kafka: an archived stream is whole"
            raise UsageError(message)
        source = archived(settings, past.streams)
    else:
        source = of_kafka(settings, past.streams, past.since, past.until)
    topics = None
    if replay_id is not None:
        name = replay_id or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        topics = ReplayTopics(settings, name, PUBLISH_RECORDS if speed is None else 1)
        how = f"RESONANCE_TOPIC_PREFIX={topics.prefix} resonance board --port 0"
        typer.echo(f"To {topics.prefix}events and {topics.prefix}windows. See it: {how}", err=True)
    with progress_bar("Folding", source.events) as advance:
        return run(settings, source, speed=speed, rescore=rescore, topics=topics, advance=advance)


def print_changes(found: Run, *, as_json: bool) -> None:
    """Print what scoring anew has changed: labels of comments, windows, and pages."""
    windows, pages, scores = found.changed_windows(), found.changed_pages(), found.scores
    facts: dict[str, Any] = {
        "comments": scores.comments,
        "comments_changed": scores.changed,
        **scores.by_kind(),
        "windows_changed": len(windows),
        "windows": windows,
        "pages_changed": len(pages),
        "pages": pages,
    }
    if as_json:
        typer.echo(msgspec.json.encode(facts).decode())
        return
    typer.echo(f"{scores.changed} of {scores.comments} comments are labelled otherwise.")
    for kind, labels in scores.by_kind().items():
        for label, change in labels.items():
            typer.echo(
                f"{kind}\t{label}\t{change.before} -> {change.after}\t"
                f"+{change.gained} -{change.lost}"
            )
    typer.echo(f"{len(pages)} pages differ.")
    for page in pages:
        typer.echo(f"{page.stream}\t{page.market}\t{_told(page.before)} -> {_told(page.after)}")
    typer.echo(f"{len(windows)} windows differ.")
    for window in windows[:SHOWN_WINDOWS]:
        typer.echo(f"{window.key}\t{', '.join(window.fields)}")
    if len(windows) > SHOWN_WINDOWS:
        sys.stderr.write(f"{len(windows) - SHOWN_WINDOWS} more: --json names all\n")


def _told(page: Page | None) -> str:
    if page is None:
        return "no page"
    since = datetime.fromtimestamp(page.since_ms / 1000, UTC)
    return f"{since:%H:%M:%S} UTC, {page.negative} of {page.comments} negative"
