"""One page as a person reads it: what, where, how sure, why, since when, where to look."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from resonance.agents.pager.alerts import Alert
from resonance.agents.pager.board import Evidence, Quote, chosen, evidence_query
from resonance.agents.pager.memory import Event

TOPICS_SHOWN: Final = 3
QUOTE_CHARACTERS: Final = 200


class Page(msgspec.Struct, frozen=True):
    """What receivers send, each in its way. No viewer is in it."""

    event: Event
    key: str  # The same for all pages about one alert.
    severity: str
    summary: str
    description: str
    stream: str | None
    market: str | None
    since_ms: int
    share: str | None
    topics: list[str]
    product: str | None
    quotes: list[Quote]
    evidence_missing: bool
    evidence_url: str | None
    runbook_url: str

    @property
    def title(self) -> str:
        """The first line."""
        before = {Event.BEGUN: "", Event.WORSE: "Worse: ", Event.OVER: "Over: "}[self.event]
        return before + self.summary

    @property
    def lines(self) -> list[str]:
        """The lines below the title."""
        lines = [] if self.event is Event.OVER else [self.description]
        since = datetime.fromtimestamp(self.since_ms / 1_000, UTC)
        lines.append(f"Since {since:%H:%M:%S} UTC")
        if self.share:
            lines.append(self.share)
        if self.topics:
            lines.append("About: " + ", ".join(self.topics))
        if self.product:
            lines.append(f"On screen: {self.product}")
        lines += [f"[{quote.language}] {_short(quote.text)}" for quote in self.quotes]
        if self.evidence_missing:
            lines.append("Without comments: the board does not answer.")
        if self.evidence_url:
            lines.append(f"Evidence: {self.evidence_url}")
        lines.append(f"Runbook: {self.runbook_url}")
        return lines


def page_of(
    alert: Alert, event: Event, evidence: Evidence, *, now_ms: int, board_url: str, runbook_url: str
) -> Page:
    """Return the page for an alert. The URLs are those that people can open."""
    about_stream = "stream" in alert.labels
    found, share = evidence.found, evidence.share
    asking = event is not Event.OVER and about_stream
    query = evidence_query(alert, now_ms)
    runbook = alert.annotations.get("runbook", "")
    return Page(
        event=event,
        key=",".join(f"{name}={value}" for name, value in alert.key),
        severity=alert.labels.get("severity", "page"),
        summary=alert.annotations.get("summary", alert.name),
        description=alert.annotations.get("description", ""),
        stream=alert.labels.get("stream"),
        market=alert.labels.get("market"),
        since_ms=alert.since_ms,
        share=_share(evidence) if share and alert.annotations.get("signal") == "negative" else None,
        topics=[f"{topic} ({n})" for topic, n in list(found.topics.items())[:TOPICS_SHOWN]]
        if found
        else [],
        product=found.product if found else None,
        quotes=chosen(found) if found and asking else [],
        evidence_missing=asking and found is None,
        evidence_url=f"{board_url.rstrip('/')}/evidence?{urlencode(query)}"
        if about_stream
        else None,
        runbook_url=f"{runbook_url}#{runbook.partition('#')[2]}" if runbook_url else runbook,
    )


def _share(evidence: Evidence) -> str:
    share = evidence.share
    assert share
    value = "unknown" if share.value is None else f"{share.value:.0%}"
    return (
        f"Negative: {value} of {share.n} comments in 3 min "
        f"(95 % sure: {share.low:.0%} to {share.high:.0%})"
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTE_CHARACTERS else line[: QUOTE_CHARACTERS - 1] + "…"
