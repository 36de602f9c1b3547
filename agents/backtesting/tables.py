"""A backtest's answer as a person reads it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from resonance.agents.backtesting.outcome import Difference, Outcome, Side
from resonance.streams.backtest.verdict import Verdict

NOTHING = "-"


def print_outcome(console: Console, outcome: Outcome, *, pages: bool) -> None:
    """Print the table of verdicts, what was missed, and where two sets of rules differ.

    `pages`: every page as well.
    """
    console.print(
        f"{outcome.streams} streams, {outcome.stream_hours:.1f} stream-hours, "
        f"{outcome.incidents} incidents"
    )
    console.print(_verdicts(outcome))
    for side in outcome.sides:
        for incident in side.missed:
            at = _utc(incident.from_ms)
            console.print(
                f"{side.rules} missed: {incident.stream} {incident.market} {at} {incident.what}"
            )
    if pages:
        for side in outcome.sides:
            for one in side.pages:
                console.print(_line(Difference(side.rules, one.page, one.incident), "pages"))
    for difference in outcome.differences:
        console.print(_line(difference, "alone"))


def _verdicts(outcome: Outcome) -> Table:
    table = Table()
    for name in ("rules", "alert"):
        table.add_column(name)
    for name in (
        "pages",
        "false",
        "false a stream-hour (95 %)",
        "found (95 %)",
        "delay s (median, worst)",
        "lead min (median, worst)",
    ):
        table.add_column(name, justify="right")
    for side in outcome.sides:
        for alert, found in _rows(side):
            table.add_row(side.rules, alert, *_cells(found))
        table.add_section()
    return table


def _rows(side: Side) -> Iterator[tuple[str, Verdict]]:
    yield "all", side.all
    if len(side.alerts) > 1:
        yield from side.alerts.items()


def _cells(found: Verdict) -> Iterator[str]:
    yield str(found.pages)
    yield str(found.false_pages)
    rate, low, high = found.false_per_stream_hour, found.false_low, found.false_high
    yield NOTHING if rate is None else f"{rate:.3f} ({low:.3f} to {high:.3f})"
    if found.found_low is None or found.found_high is None:
        yield NOTHING
    else:
        share = f"{found.found_low:.0%} to {found.found_high:.0%}"
        yield f"{found.found} of {found.incidents} ({share})"
    for middle, worst, places in (
        (found.delay_median_seconds, found.delay_worst_seconds, 0),
        (found.lead_median_minutes, found.lead_worst_minutes, 1),
    ):
        yield NOTHING if middle is None else f"{middle:.{places}f}, {worst:.{places}f}"


def _line(one: Difference, word: str) -> str:
    page, about = one.page, one.incident
    labels = " ".join(page.labels.values())
    what = "false" if about is None else f"of the incident {about}"
    where = " ".join(part for part in (page.stream, page.market, labels) if part)
    return f"{one.only} {word}: {where} {_utc(page.since_ms)} {page.alert}, {what}"


def _utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
