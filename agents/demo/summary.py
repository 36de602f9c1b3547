"""The table at the end: one line a market, and what stood out."""

from rich.console import Group, RenderableType
from rich.text import Text

from resonance.agents.demo.results import Results
from resonance.agents.terminal.market_table import market_table
from resonance.streams.incident import Incident


def report(results: Results) -> RenderableType:
    """Return the summary of the stream by market and the incident, ready to print."""
    return Group(market_table(results.markets()), Text(), _verdict(results.incident()))


def _verdict(incident: Incident | None) -> Text:
    if incident is None:
        return Text("No market's complaints stood out.")
    return Text(
        f"Incident: {incident.market}, {incident.topic}. {incident.complaints} of "
        f"{incident.comments} comments complain ({incident.share:.0%}); before, it was "
        f"{incident.share_before:.0%}, and in the rest of the room {incident.share_elsewhere:.0%}.",
        style="bold",
    )
