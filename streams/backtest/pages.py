"""The moments at which alerts fired -> pages: one for each time that an alert began to fire."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

Labels = tuple[tuple[str, str], ...]  # Sorted by name.


class Firing(NamedTuple):
    """An alert that was firing at a moment; its labels are those of the rules."""

    at_ms: int
    alert: str
    labels: Labels


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page: who would have been told of what, when, and until when it went on."""

    alert: str
    stream: str
    market: str  # Empty where the alert is about the whole stream.
    labels: dict[str, str]  # What the rule adds beside stream and market, as a topic.
    since_ms: int
    until_ms: int


def pages_of(firings: Iterable[Firing], step_ms: int) -> list[Page]:
    """Return the pages in time order: an alert that is silent for one evaluation has ended."""
    moments: dict[tuple[str, Labels], list[int]] = {}
    for firing in firings:
        moments.setdefault((firing.alert, firing.labels), []).append(firing.at_ms)
    found = [
        _page(alert, dict(labels), since_ms, until_ms)
        for (alert, labels), at in moments.items()
        for since_ms, until_ms in _spans(sorted(at), step_ms)
    ]
    return sorted(found, key=lambda page: (page.since_ms, page.alert, page.market))


def _page(alert: str, labels: Mapping[str, str], since_ms: int, until_ms: int) -> Page:
    said = {name: value for name, value in labels.items() if name not in {"stream", "market"}}
    return Page(
        alert=alert,
        stream=labels.get("stream", ""),
        market=labels.get("market", ""),
        labels=said,
        since_ms=since_ms,
        until_ms=until_ms,
    )


def _spans(at_ms: Sequence[int], step_ms: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for moment in at_ms:
        if spans and moment - spans[-1][1] <= step_ms:
            spans[-1] = spans[-1][0], moment
        else:
            spans.append((moment, moment))
    return spans
