"""`resonance score`: what one comment says, or each line of a file."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, cast

import typer

from resonance.agents.errors import UsageError

if TYPE_CHECKING:
    from resonance.agents.terminal.comment_lines import LineComment
    from resonance.sentiment.score import Scorer
    from resonance.sentiment.scores import Score
    from resonance.streams.codec import Rejection

HELP: Final = """Score one comment: language, sentiment, signals, topics, friction.

The same models and rules as live, without a broker. With --jsonl the argument is a file, or - for
standard input: one comment a line, as a JSON string or as {"text": …, "languages": […], "markets":
[…]}; each line gives one JSON line, in order. A line that cannot be used gives an "error" in its
place, and makes the exit code 1.

Examples:

  resonance score "how much is shipping to Canada?"

  resonance score --json "kak ada saiz L tak" --market MY --market ID

  resonance score --jsonl comments.jsonl > scores.jsonl
"""
STANDARD_INPUT: Final = "-"


def register(app: typer.Typer) -> None:
    """Add `score` to the command line."""
    app.command(name="score", help=HELP)(score)


def score(
    comment: Annotated[
        str | None,
        typer.Argument(metavar="TEXT|FILE", help="The comment; with --jsonl a file or -."),
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="A language of the stream, as in en.")
    ] = None,
    markets: Annotated[
        list[str] | None, typer.Option("--market", help="A market the stream targets, as in US.")
    ] = None,
    *,
    tier: Annotated[
        Literal["model", "fast", "rules"] | None,
        typer.Option(help="What scores.", show_default="tier"),
    ] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Score each line of a file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run the command: data on standard output, everything else on standard error."""
    # Imported here: `resonance --help` must not wait for any of it.
    import msgspec

    from resonance.agents.scorers import make_scorer
    from resonance.agents.settings import load_settings
    from resonance.agents.terminal.comment_lines import LineComment

    try:
        stream = msgspec.convert(
            {"text": "", "languages": languages or (), "markets": markets or ()}, LineComment
        )
    except msgspec.ValidationError as error:
        message = f"--language takes tags as in en, --market codes as in US: {error}"
        raise UsageError(message) from error
    if comment is None and not jsonl:
        message = 'nothing to score: give a text, as in `resonance score "so cute"`, or --jsonl'
        raise UsageError(message)
    scorer = make_scorer(load_settings(environ=os.environ, overrides={"tier": tier}))
    if comment is None or jsonl:
        raise typer.Exit(_score_lines(scorer, comment or STANDARD_INPUT, stream))
    found = scorer.score(comment, stream.languages, stream.markets)
    if as_json:
        typer.echo(msgspec.json.encode(shown(found)))
    else:
        _print_lines(found)


def shown(score: "Score") -> dict[str, Any]:
    """Return a score as the command prints it."""
    sentiment = score.sentiment
    return {
        "language": score.language,
        "sentiment": {
            "negative": sentiment.negative,
            "neutral": sentiment.neutral,
            "positive": sentiment.positive,
        },
        "signals": score.signals,
        "topics": score.topics,
        "friction": [
            {"category": f.category, "severity": f.severity, "evidence": f.evidence}
            for f in score.friction
        ],
        "scorer": score.scorer,
    }


def _score_lines(scorer: "Scorer", name: str, stream: "LineComment") -> int:
    """Score each line of a file, print one line for each, and return the exit code."""
    import msgspec

    from resonance.agents.terminal.comment_lines import decode_line, read_lines
    from resonance.streams.codec import Rejection

    scored = malformed = 0
    with _opened(name) as (file, advance):
        for lines in read_lines(file):
            comments = [decode_line(line) for line in lines]
            scores = iter(_scores(scorer, comments, stream))
            rows = [
                {"error": {"reason": comment.reason, "at": comment.at}}
                if isinstance(comment, Rejection)
                else shown(next(scores))
                for comment in comments
            ]
            rejected = sum(isinstance(comment, Rejection) for comment in comments)
            scored, malformed = scored + len(rows) - rejected, malformed + rejected
            typer.echo(b"\n".join(map(msgspec.json.encode, rows)))
            advance(sum(map(len, lines)) + len(lines))
    typer.echo(f"{scored} lines scored, {malformed} malformed", err=True)
    return 1 if malformed else 0


@contextmanager
def _opened(name: str) -> Iterator[tuple[BufferedIOBase, Callable[[int], None]]]:
    """Open a file, and show how far it is read; nobody knows how long standard input is."""
    from resonance.agents.terminal.progress import progress_bar

    if name == STANDARD_INPUT:
        # What the interpreter opened is buffered; its type does not say so.
        yield cast("BufferedIOBase", sys.stdin.buffer), lambda _: None
        return
    path = Path(name)
    try:
        file = path.open("rb")
    except OSError as error:
        message = f"{name}: {error.strerror}; with --jsonl the argument is a file or -"
        raise UsageError(message) from error
    with file, progress_bar("Scoring", path.stat().st_size) as advance:
        yield file, advance


def _scores(
    scorer: "Scorer", comments: "list[LineComment | Rejection]", stream: "LineComment"
) -> "list[Score]":
    """Score what lines hold, together; what a line does not say, `stream` says for it."""
    from resonance.agents.terminal.comment_lines import LineComment
    from resonance.sentiment.score import Request

    requests = [
        Request(
            comment.text, comment.languages or stream.languages, comment.markets or stream.markets
        )
        for comment in comments
        if isinstance(comment, LineComment)
    ]
    return scorer.score_all(requests)


def _print_lines(score: "Score") -> None:
    sentiment = score.sentiment
    lines = {
        "Language": score.language,
        "Sentiment": f"{sentiment.negative:.0%} negative, {sentiment.neutral:.0%} neutral, "
        f"{sentiment.positive:.0%} positive",
        "Signals": ", ".join(score.signals) or "–",
        "Topics": ", ".join(score.topics) or "–",
        "Friction": "; ".join(f"{f.category} {f.severity} ({f.evidence})" for f in score.friction)
        or "–",
        "Scorer": score.scorer,
    }
    for title, value in lines.items():
        typer.echo(f"{title:<10} {value}")
