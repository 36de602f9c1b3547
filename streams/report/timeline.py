"""The time axis of a report: every market on one grid, and what the host did along it."""

from collections.abc import Iterable, Sequence
from typing import Final

from resonance.streams.currencies import minor_digits
from resonance.streams.events import LoggedStage
from resonance.streams.measures import unmasked_comments
from resonance.streams.report.facts import Marker, Series, Timeline
from resonance.streams.windows import BUCKET_MS, ROOM, WindowRow

COLUMNS_MAX: Final = 240
MARKETS_SHOWN: Final = 12
MARKERS_SHOWN: Final = 60
LABEL_CHARACTERS: Final = 60
STEPS_MS: Final = tuple(BUCKET_MS * n for n in (1, 3, 6, 12, 30, 60, 180, 360, 720))
# In this order they stay when there are too many: what changes a room's mood before what recurs.
_WEIGHTS: Final = {
    "giveaway_started": 0,
    "giveaway_ended": 0,
    "vote_started": 0,
    "raid_started": 0,
    "price": 1,
    "stock": 2,
    "product_shown": 3,
}


def timeline(
    rows: Iterable[WindowRow], markers: Iterable[LoggedStage], start_ms: int, end_ms: int
) -> Timeline:
    """Return the room and its largest markets per step; steps are as fine as fits the page."""
    span_ms = max(end_ms - start_ms, BUCKET_MS)
    step_ms = next((s for s in STEPS_MS if span_ms / s <= COLUMNS_MAX), STEPS_MS[-1])
    start_ms = start_ms // step_ms * step_ms
    length = max((end_ms - start_ms) // step_ms + 1, 1)
    drawn: dict[str, Series] = {}
    for row in rows:
        if row.start_ms is None:
            continue
        place = (row.start_ms - start_ms) // step_ms
        if not 0 <= place < length:
            continue
        series = drawn.get(row.market)
        if series is None:
            zeros = ([0] * length for _ in range(4))
            series = drawn[row.market] = Series(row.market, *zeros)
        series.comments[place] += row.comments
        series.unmasked[place] += unmasked_comments(row)
        series.negative[place] += row.sentiment.get("negative", 0)
        series.orders[place] += row.purchases.get("paid", 0)
    ordered = sorted(drawn.values(), key=lambda s: (s.market != ROOM, -sum(s.comments), s.market))
    shown = ordered[: MARKETS_SHOWN + 1]
    return Timeline(start_ms, step_ms, shown, len(ordered) - len(shown), _shown(markers))


def _shown(markers: Iterable[LoggedStage]) -> list[Marker]:
    known = [marker for marker in markers if marker.action in _WEIGHTS]
    known.sort(key=lambda marker: (_WEIGHTS[marker.action], marker.occurred_at_ms, marker.id))
    shown = [Marker(m.occurred_at_ms, m.action, _label(m)) for m in known[:MARKERS_SHOWN]]
    return sorted(shown, key=lambda marker: (marker.at_ms, marker.action, marker.label))


def _label(marker: LoggedStage) -> str:
    parts = [marker.product or "", _price(marker), marker.text or ""]
    return " ".join(part for part in parts if part)[:LABEL_CHARACTERS]


def _price(marker: LoggedStage) -> str:
    if marker.amount_minor is None or marker.currency is None:
        return ""
    digits = minor_digits(marker.currency)
    return f"{marker.amount_minor / 10**digits:,.{digits}f} {marker.currency}"


def product_at(markers: Sequence[LoggedStage], at_ms: int) -> str | None:
    """Return the product that was on screen at a moment; `markers` stand in event order."""
    product: str | None = None
    for marker in markers:
        if marker.occurred_at_ms > at_ms:
            break
        if marker.action == "product_shown":
            product = marker.product
        elif marker.action == "product_removed":
            product = None
    return product
