"""Pages against incidents: false ones, what was found, how late, and how sure that is.

A page belongs to an incident when it is about its stream and market (or names no market) and
comes while it goes on or within two minutes after: what is counted over minutes ends later. Every
other page is false, but one alert that pages twice within an incident is counted as a repeat.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import median
from typing import Final, NamedTuple

import msgspec

from resonance.streams.backtest.incidents import Incident
from resonance.streams.backtest.pages import Page
from resonance.streams.measures import Z_95, wilson_interval

AFTER_MS: Final = 120_000
HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000


class StreamTime(NamedTuple):
    """When a recorded stream went on, in UTC milliseconds."""

    from_ms: int
    to_ms: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How well some alerts did. None where there is nothing to tell it by."""

    pages: int
    false_pages: int
    repeats: int  # Further pages of an alert about an incident that it has paged about.
    quiet_hours: float  # Stream time outside incidents.
    false_per_stream_hour: float | None
    false_low: float | None  # 95 % interval of it (Poisson, Byar's approximation).
    false_high: float | None
    incidents: int
    found: int
    found_low: float | None  # 95 % interval of the share found (Wilson).
    found_high: float | None
    delay_median_seconds: float | None  # From the incident's mark to its first page.
    delay_worst_seconds: float | None
    lead_median_minutes: float | None  # From its first page to its end: what was left to act in.
    lead_worst_minutes: float | None


def belongs(page: Page, incident: Incident) -> bool:
    """Return whether the page is about the incident."""
    return (
        page.stream == incident.stream
        and page.market in {incident.market, ""}
        and incident.from_ms <= page.since_ms <= incident.to_ms + AFTER_MS
    )


def is_false(page: Page, incidents: Sequence[Incident]) -> bool:
    """Return whether the page is about no incident."""
    return not any(belongs(page, incident) for incident in incidents)


def verdict(
    pages: Sequence[Page], incidents: Sequence[Incident], streams: Mapping[str, StreamTime]
) -> Verdict:
    """Return how well the pages do. `pages` and `incidents` are of those streams."""
    false = sum(is_false(page, incidents) for page in pages)
    hours = sum(_quiet_ms(name, span, incidents) for name, span in streams.items()) / HOUR_MS
    firsts = [
        (incident, min(about))
        for incident in incidents
        if (about := [page.since_ms for page in pages if belongs(page, incident)])
    ]
    delays = [(at_ms - incident.from_ms) / 1000 for incident, at_ms in firsts]
    leads = [(incident.to_ms - at_ms) / MINUTE_MS for incident, at_ms in firsts]
    low, high = poisson_interval(false)
    shares = wilson_interval(len(firsts), len(incidents)) if incidents else (None, None)
    return Verdict(
        pages=len(pages),
        false_pages=false,
        repeats=_repeats(pages, incidents),
        quiet_hours=round(hours, 3),
        false_per_stream_hour=round(false / hours, 4) if hours else None,
        false_low=round(low / hours, 4) if hours else None,
        false_high=round(high / hours, 4) if hours else None,
        incidents=len(incidents),
        found=len(firsts),
        found_low=shares[0],
        found_high=shares[1],
        delay_median_seconds=round(median(delays), 1) if delays else None,
        delay_worst_seconds=round(max(delays), 1) if delays else None,
        lead_median_minutes=round(median(leads), 2) if leads else None,
        lead_worst_minutes=round(min(leads), 2) if leads else None,
    )


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the 95 % interval of an expectation of which `count` were seen (Byar).

    >>> [round(bound, 2) for bound in poisson_interval(10)]
    [4.79, 18.39]
    """
    low = 0.0
    if count:
        low = count * (1 - 1 / (9 * count) - Z_95 / (3 * sqrt(count))) ** 3
    more = count + 1
    return max(low, 0.0), more * (1 - 1 / (9 * more) + Z_95 / (3 * sqrt(more))) ** 3


def _quiet_ms(stream: str, span: StreamTime, incidents: Sequence[Incident]) -> int:
    """Return how long no incident of the stream went on; those of two markets may overlap."""
    loud_ms, reached_ms = 0, span.from_ms
    for incident in sorted(incidents, key=lambda incident: incident.from_ms):
        if incident.stream == stream:
            until_ms = min(incident.to_ms + AFTER_MS, span.to_ms)
            loud_ms += max(until_ms - max(incident.from_ms, reached_ms), 0)
            reached_ms = max(reached_ms, until_ms)
    return span.to_ms - span.from_ms - loud_ms


def _repeats(pages: Sequence[Page], incidents: Sequence[Incident]) -> int:
    count = 0
    for incident in incidents:
        alerts = [(page.alert, *page.labels.items()) for page in pages if belongs(page, incident)]
        count += len(alerts) - len(set(alerts))
    return count
