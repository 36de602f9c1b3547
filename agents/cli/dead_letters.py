"""`resonance dead-letters`: what could not be used, why, and once more."""

import asyncio
import os
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from resonance.agents.settings import Settings, load_settings
from resonance.streams.dead_letters import DeadLetter, without_erased
from resonance.streams.reasons import Reason

if TYPE_CHECKING:
    from resonance.agents.broker.reading import TopicReader
    from resonance.agents.broker.topology import Topology
    from resonance.agents.dead_letters.letter_box import Stored

Broker = Annotated[
    str | None, typer.Option(help="Kafka, as host:port[,host:port…].", show_default="broker")
]
Reasons = Annotated[
    list[Reason] | None, typer.Option("--reason", help="Only these; may be repeated.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
EXCERPT_SHOWN = 60


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        no_args_is_help=True,
        help="Look at records that could not be used; send them once more.",
        epilog="Example: `resonance dead-letters counts`",
    )
    commands.command("list", epilog="Example: `resonance dead-letters list --reason not_json`")(
        list_letters
    )
    commands.command("counts", epilog="Example: `resonance dead-letters counts --json`")(counts)
    commands.command(
        "retry", epilog="Example: `resonance dead-letters retry --reason unscorable --dry-run`"
    )(retry)
    app.add_typer(commands, name="dead-letters")


def list_letters(
    reason: Reasons = None,
    limit: Annotated[int, typer.Option(help="At most so many, the latest.", min=1)] = 50,
    broker: Broker = None,
    as_json: AsJson = False,
) -> None:
    """Print dead letters: when, why, where, and the masked beginning of what it was.

    The whole record lies in its source topic, at the place that is printed, for its retention.
    What an erased viewer said too late is not printed; of what could not be read, nobody can tell.
    """
    from resonance.agents.privacy.erased import ErasedList, used_list_file

    wanted = frozenset(reason or Reason)
    letters = [one for one in _all_letters(broker) if _reason(one) in wanted]
    letters.sort(key=lambda one: one.written_at_ms)
    erased = ErasedList(used_list_file(_settings(broker))).viewers.pseudonyms
    shown = [_without_erased(one, erased) for one in letters[-limit:]]
    if as_json:
        rows = [
            {"written_at_ms": one.written_at_ms, **msgspec.to_builtins(one.letter)} for one in shown
        ]
        typer.echo(msgspec.json.encode(rows).decode())
        return
    for one in shown:
        typer.echo(_line(one))
    if len(shown) < len(letters):
        typer.echo(f"{len(letters) - len(shown)} earlier ones: --limit", err=True)


def counts(broker: Broker = None, as_json: AsJson = False) -> None:
    """Print how many dead letters there are of each reason."""
    from resonance.agents.dead_letters.letter_box import counted

    found = counted(_all_letters(broker))
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for reason, count in found.items():
        typer.echo(f"{count:9}  {reason}")
    if not found:
        typer.echo("No dead letters.", err=True)


def retry(
    reason: Reasons = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sent again.")
    ] = False,
    broker: Broker = None,
    as_json: AsJson = False,
) -> None:
    """Send the records behind dead letters to their topics again, as new ones.

    Only what this version can read, and each only once, however often this is run. In a stream
    that has gone on they correct the sums, and take no part in what depends on order.
    """
    from resonance.agents.broker.producing import BatchProducer
    from resonance.agents.dead_letters.retrying import Outcome, Retrier

    settings = _settings(broker)

    async def send_again() -> Outcome:
        async with _opened(settings, "retry") as (reader, topology):
            letters = [one.letter for one in await _read(reader, topology)]
            producer = BatchProducer(settings)
            if not dry_run:
                await producer.start()
            try:
                return await Retrier(
                    reader, producer, topology, dry_run, settings.max_event_bytes
                ).retry(letters, frozenset(reason or Reason))
            finally:
                await producer.stop()

    outcome = asyncio.run(send_again())
    if as_json:
        answer = {"dry_run": dry_run, "retried": outcome.retried, "left": outcome.left}
        typer.echo(msgspec.json.encode(answer).decode())
        return
    sent = "would be sent again" if dry_run else "sent again"
    typer.echo(f"{outcome.retried.total()} {sent}")
    for name, count in [*outcome.retried.most_common(), *outcome.left.most_common()]:
        kind = "" if name in outcome.retried else "left: "
        typer.echo(f"{count:9}  {kind}{name}")


def _all_letters(broker: str | None) -> "list[Stored]":
    """Return every letter that the topic holds, but no note of what was sent again."""
    settings = _settings(broker)

    async def letters() -> "list[Stored]":
        async with _opened(settings, "operator") as (reader, topology):
            return await _read(reader, topology)

    return [one for one in asyncio.run(letters()) if isinstance(one.letter, DeadLetter)]


async def _read(reader: "TopicReader", topology: "Topology") -> "list[Stored]":
    from resonance.agents.dead_letters.letter_box import letter_count, stored_letters
    from resonance.agents.terminal.progress import progress_bar

    total = await letter_count(reader, topology)
    with progress_bar("Reading dead letters", total) as advance:
        return [one async for one in stored_letters(reader, topology, advance)]


@asynccontextmanager
async def _opened(settings: Settings, role: str) -> "AsyncIterator[tuple[TopicReader, Topology]]":
    from resonance.agents.broker import provisioning
    from resonance.agents.broker.reading import topic_reader

    topology = await asyncio.to_thread(provisioning.check, settings, role)
    async with topic_reader(settings, role) as reader:
        yield reader, topology


def _reason(one: "Stored") -> Reason | None:
    return one.letter.reason if isinstance(one.letter, DeadLetter) else None


def _without_erased(one: "Stored", pseudonyms: Collection[str]) -> "Stored":
    if isinstance(one.letter, DeadLetter):
        return replace(one, letter=without_erased(one.letter, pseudonyms))
    return one


def _line(one: "Stored") -> str:
    letter = one.letter
    if not isinstance(letter, DeadLetter):
        return ""
    written = datetime.fromtimestamp(one.written_at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    place = f"{letter.topic}:{letter.partition}@{letter.offset}"
    fault = f"{letter.reason.value} {letter.at}".rstrip()
    excerpt = _printable(letter.excerpt[:EXCERPT_SHOWN])
    return f"{written}  {place}  {_printable(fault)}  {letter.length} bytes  {excerpt}"


def _printable(text: str) -> str:
    """Return a text that moves no cursor and ends no line, whatever a producer sent."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _settings(broker: str | None) -> Settings:
    return load_settings(environ=os.environ, overrides={"broker": broker})
