"""What was played -> the backtest's answer: verdicts by side and alert, and where sides differ."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from resonance.agents.backtesting.run import Played
from resonance.agents.errors import UsageError
from resonance.streams.backtest.incidents import Incident
from resonance.streams.backtest.pages import Page
from resonance.streams.backtest.verdict import StreamTime, Verdict, belongs, verdict

SAME_PAGE_MS: Final = 180_000  # Two rules that page about a market within 3 min say the same.


class SidePage(msgspec.Struct, frozen=True):
    """A page, and what it is about: an incident's `what`, or None where it is false."""

    page: Page
    incident: str | None


class Side(msgspec.Struct, frozen=True):
    """One set of rules: all its alerts together, each for itself, and every page."""

    rules: str
    all: Verdict
    alerts: dict[str, Verdict]
    pages: list[SidePage]
    missed: list[Incident]


class Difference(msgspec.Struct, frozen=True):
    """A page that only one set of rules sends."""

    only: str
    page: Page
    incident: str | None


class Outcome(msgspec.Struct, frozen=True):
    """The answer of `resonance alerts backtest`."""

    streams: int
    stream_hours: float
    incidents: int
    sides: list[Side]
    differences: list[Difference]


def about_streams(
    incidents: Sequence[Incident], streams: Mapping[str, StreamTime]
) -> list[Incident]:
    """Return the incidents of the streams that were played.

    Raises `UsageError` for one that lies outside its stream: no page could ever find it.
    """
    found = [incident for incident in incidents if incident.stream in streams]
    for incident in found:
        span = streams[incident.stream]
        if incident.from_ms > span.to_ms or incident.to_ms < span.from_ms:
            message = (
                f"the incident {incident.what!r} is marked outside of its stream "
                f"{incident.stream}: correct `from` and `to`, in UTC with a Z"
            )
            raise UsageError(message)
    return found


def outcome(names: Sequence[str], played: Played, incidents: Sequence[Incident]) -> Outcome:
    """Return the answer; `names` are those of the sides, as they were played."""
    sides = [
        _side(name, pages, played, incidents)
        for name, pages in zip(names, played.pages, strict=True)
    ]
    hours = sum(span.to_ms - span.from_ms for span in played.streams.values()) / 3_600_000
    return Outcome(
        streams=len(played.streams),
        stream_hours=round(hours, 3),
        incidents=len(incidents),
        sides=sides,
        differences=_differences(sides),
    )


def _side(name: str, pages: Sequence[Page], played: Played, incidents: Sequence[Incident]) -> Side:
    return Side(
        name,
        verdict(pages, incidents, played.streams),
        {
            alert: verdict([p for p in pages if p.alert == alert], incidents, played.streams)
            for alert in sorted({page.alert for page in pages})
        },
        [SidePage(page, _about(page, incidents)) for page in pages],
        [one for one in incidents if not any(belongs(page, one) for page in pages)],
    )


def _about(page: Page, incidents: Sequence[Incident]) -> str | None:
    return next((one.what for one in incidents if belongs(page, one)), None)


def _differences(sides: Sequence[Side]) -> list[Difference]:
    if len(sides) < 2:  # noqa: PLR2004 - a side alone differs from nothing.
        return []
    ours, theirs = sides
    found = [
        Difference(side.rules, one.page, one.incident)
        for side, other in ((ours, theirs), (theirs, ours))
        for one in side.pages
        if not any(_same(one.page, its.page) for its in other.pages)
    ]
    return sorted(found, key=lambda one: (one.page.stream, one.page.since_ms, one.only))


def _same(one: Page, other: Page) -> bool:
    """Return whether two pages are of one market and at one time, whatever their alerts' names."""
    return (
        (one.stream, one.market) == (other.stream, other.market)
        and one.since_ms <= other.until_ms + SAME_PAGE_MS
        and other.since_ms <= one.until_ms + SAME_PAGE_MS
    )
