"""`resonance report`: what went wrong in a stream, where and when, on one page."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from resonance.agents.errors import UsageError

if TYPE_CHECKING:
    from resonance.streams.report.facts import Report

HELP: Final = """Write the post-mortem of one stream as a page that needs nothing else.

What happened in a paragraph of facts, every market over time, the worst moments with masked
comments, questions that were never answered, friction with the rule that explains it, and what
would have paged. The ending of the file's name says in which form: .html, .md or .json.

Examples:

  resonance report tuesday -o report.html

  resonance report tuesday --against monday --no-earlier

  resonance report --file chat.json --market US -o report.html

  resonance report tuesday --file tuesday.jsonl --file orders.csv --json | jq .what_happened
"""
FORMS: Final = (".html", ".md", ".json")


def register(app: typer.Typer) -> None:
    """Add `report` to the command line."""
    app.command(name="report", help=HELP)(report)


def report(
    stream: Annotated[
        str | None, typer.Argument(help="The stream's id.", show_default="the only one there is")
    ] = None,
    *,
    files: Annotated[
        list[Path] | None, typer.Option("--file", "-f", help="A recording; more belong together.")
    ] = None,
    format_name: Annotated[
        str, typer.Option("--format", help="The files' format; auto looks at the content.")
    ] = "auto",
    markets: Annotated[
        list[str] | None, typer.Option("--market", help="A market the stream targets, as in US.")
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="A language of the stream, as in en.")
    ] = None,
    archive: Annotated[
        str | None, typer.Option(help="The archive's folder or URL.", show_default="archive")
    ] = None,
    with_earlier: Annotated[
        bool,
        typer.Option(
            "--earlier/--no-earlier",
            help="From the archive: beside the channel's last streams. Each is a replay more.",
        ),
    ] = True,
    against: Annotated[
        str | None, typer.Option(help="Another stream to hold this one against.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write.", show_default="report.html"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False,
) -> None:
    """Run the command: data on standard output, everything else on standard error."""
    from resonance.agents.board.floors import alert_floors
    from resonance.agents.importing.options import stream_options
    from resonance.agents.reporting.archived import ArchivedPast, past_of_archive
    from resonance.agents.reporting.recordings import past_of_files
    from resonance.agents.settings import load_settings
    from resonance.streams.report.build import NoSuchStreamError, build_report

    if output is not None and output.suffix not in FORMS:
        message = f"--output {output}: end its name in {', '.join(FORMS)}"
        raise UsageError(message)
    settings = load_settings(environ=os.environ, overrides={"archive": archive})
    if files:
        options = stream_options(
            markets or [], languages or [], None, None, None, settings.max_event_bytes
        )
        found = ArchivedPast(past_of_files(settings, files, options, format_name))
    elif stream is None:
        message = "what of? Name an archived stream, or give recordings by --file"
        raise UsageError(message)
    else:
        found = past_of_archive(settings, stream, against=against, with_earlier=with_earlier)
    try:
        made = build_report(
            found.past,
            stream or _only(sorted(found.past.streams)),
            earlier=found.earlier,
            past_markets=found.past_markets,
            floors=alert_floors(settings).by_market,
            against=against,
        )
    except NoSuchStreamError as error:
        raise UsageError(str(error)) from error
    if as_json:
        typer.echo(_in_form(made, ".json"), nl=False)
    if output is not None or not as_json:
        target = output or Path("report.html")
        target.write_text(_in_form(made, target.suffix), "utf-8")
        typer.echo(f"{made.what_happened[0].text}\nWritten to {target}.", err=True)


def _only(streams: list[str]) -> str:
    if len(streams) != 1:
        listed = ", ".join(streams) or "none"
        message = f"which stream? There are: {listed}"
        raise UsageError(message)
    return streams[0]


def _in_form(made: "Report", suffix: str) -> str:
    import msgspec

    from resonance.streams.report.html import to_html
    from resonance.streams.report.markdown import to_markdown

    build = f"Resonance {version('resonance-live')}"
    if suffix == ".json":
        return msgspec.json.format(msgspec.json.encode(made), indent=2).decode() + "\n"
    return (to_html if suffix == ".html" else to_markdown)(made, build=build)
