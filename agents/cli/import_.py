"""`resonance import`: chat and orders from files or live inputs, into Kafka or a file."""

import os
import signal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from resonance.agents.cli import import_webhook

HELP: Final = """Turn files of comments and orders into events, for Kafka or for a file.

Reads Resonance's own JSON lines, tables with named columns (CSV), chats as each platform's tools \
write them, orders and refunds of Shopify, and CloudEvents; which of them a file is, is seen from \
its content. The events are sent in event-time order, each \
stream between a start and an end; nothing is sent of a file that turns out to be broken. \
Several files (a chat and its orders) are imported as one.

`resonance import webhook` receives orders over HTTP instead: see its own --help.

With --follow, a file that grows or standard input (`-`) is read for as long as it lasts: each \
line is an event of now, and reaches Kafka within a second.

Examples:

  resonance import chat.json orders.csv --channel shop --market US --market DE --to kafka

  resonance import chat.json -o events.jsonl

  resonance import --follow chat.jsonl --to kafka
"""


class Target(StrEnum):
    """Where events can go besides a file."""

    KAFKA = "kafka"


class KeyBy(StrEnum):
    """What spreads comments over partitions."""

    CHANNEL = "channel"
    VIEWER = "viewer"


class Times(StrEnum):
    """When a followed event occurred."""

    AUTO = "auto"
    RECORDED = "recorded"
    ARRIVAL = "arrival"


class ImportCommand(TyperCommand):
    """The command for files, and the way to `import webhook`: a file of that name is `./webhook`.

    Not a group of commands: the usual way to import needs no word besides `import`.
    """

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """Return the context in which the command, or the one in its place, will run."""
        if args[:1] == ["webhook"]:
            name = f"{info_name} webhook"
            return _webhook_command().make_context(name, args[1:], *rest, **more)
        return super().make_context(info_name, args, *rest, **more)


def register(app: typer.Typer) -> None:
    """Add `import` to the command line."""
    app.command(name="import", help=HELP, cls=ImportCommand)(import_files)


def _webhook_command() -> Any:
    alone = typer.Typer(add_completion=False)
    alone.command(help=import_webhook.HELP)(import_webhook.webhook)
    return typer.main.get_command(alone)


def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="What to read; `-` is standard input, to --follow.")
    ],
    *,
    to: Annotated[Target | None, typer.Option(help="Send the events to Kafka.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write them to a file; `-` is standard output."),
    ] = None,
    input_format: Annotated[
        str, typer.Option("--format", help="auto, jsonl, csv or chat-downloader.")
    ] = "auto",
    market: Annotated[
        list[str] | None,
        typer.Option(help="A market the stream is for, as US (ISO 3166-1). May be repeated."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(help="A language the stream is in, as en (BCP 47). May be repeated."),
    ] = None,
    stream: Annotated[
        str | None,
        typer.Option(help="The stream's id.", show_default="the rows', else the file's name"),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(help="The channel's id.", show_default="the rows', else the file's name"),
    ] = None,
    platform: Annotated[
        str | None,
        typer.Option(help="The platform's name.", show_default="the rows', else the format's"),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep reading as the file grows: the live path.")
    ] = False,
    times: Annotated[
        Times,
        typer.Option(
            help="With --follow, when an event occurred: as recorded, on arrival, or auto: "
            "as recorded if the first row is of the last 10 minutes."
        ),
    ] = Times.AUTO,
    end: Annotated[
        bool,
        typer.Option("--end", help="With --follow, end the streams when stopped by a signal."),
    ] = False,
    key: Annotated[
        KeyBy,
        typer.Option(help="Kafka key of comments; `viewer` spreads a giant stream over scorers."),
    ] = KeyBy.CHANNEL,
    broker: Annotated[
        str | None, typer.Option(help="Kafka, as host:port[,host:port…].", show_default="broker")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the summary as JSON (on stderr if -o is `-`)."),
    ] = False,
) -> None:
    """Import: exit 0 when done, 2 for an input that cannot be used, 3 without Kafka."""
    # Imported here: `resonance --help` must not wait for a Kafka client.
    from resonance.agents.importing import request as requests
    from resonance.agents.importing.follow import follow as follow_input
    from resonance.agents.importing.options import stream_options
    from resonance.agents.importing.whole import import_files as import_whole
    from resonance.agents.settings import load_settings

    request = requests.Request(
        files=tuple(files),
        options=stream_options(
            market or [],
            language or [],
            stream,
            channel,
            platform,
            load_settings(environ=os.environ).max_event_bytes,
        ),
        output=output,
        format_name=input_format,
        key_by=key.value,
        broker=broker,
        as_json=as_json,
        times=times.value,
        end_on_stop=end,
    )
    if output == requests.STANDARD:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends us as it ends any filter.
    requests.check(request, to_kafka=to is Target.KAFKA, follow=follow)
    raise typer.Exit(follow_input(request) if follow else import_whole(request))
