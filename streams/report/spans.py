"""What a market's rows say of the time of one page."""

from collections.abc import Sequence
from typing import Final

from resonance.streams.fold.sums import NO_TOPIC
from resonance.streams.measures import MINUTE_MS
from resonance.streams.spikes import Page
from resonance.streams.windows import BUCKET_MS, WindowRow

LEAD_MS: Final = 60_000  # A page comes after the comments that it is sent for.
_PER_MINUTE: Final = MINUTE_MS / BUCKET_MS


def complaint_topic(rows: Sequence[WindowRow], page: Page) -> tuple[str | None, int, int]:
    """Return the topic of most complaints of a page, how many name it, and all complaints."""
    topics: dict[str, int] = {}
    complaints = 0
    for row in rows:
        if row.market == page.market and _within(row, page):
            complaints += row.signals.get("complaint", 0)
            for topic, count in row.complaint_topics.items():
                topics[topic] = topics.get(topic, 0) + count
    named = {topic: count for topic, count in topics.items() if topic != NO_TOPIC}
    if not named:
        return None, 0, complaints
    topic = max(sorted(named), key=named.__getitem__)
    return topic, named[topic], complaints


def orders_beside(rows: Sequence[WindowRow], page: Page) -> tuple[float | None, float | None]:
    """Return a market's orders a minute before a page and while it was on; None: no such time.

    Silent where the market bought nothing at all: then mood is not what kept it from buying.
    """
    mine = [row for row in rows if row.market == page.market and row.start_ms is not None]
    before = [row for row in mine if (row.start_ms or 0) < page.since_ms - LEAD_MS]
    during = [row for row in mine if _within(row, page)]
    if not any(row.purchases.get("paid") for row in mine):
        return None, None
    return _orders_per_minute(before), _orders_per_minute(during)


def _within(row: WindowRow, page: Page) -> bool:
    return row.start_ms is not None and page.since_ms - LEAD_MS <= row.start_ms < page.until_ms


def _orders_per_minute(rows: Sequence[WindowRow]) -> float | None:
    if not rows:
        return None
    orders = sum(row.purchases.get("paid", 0) for row in rows)
    first_ms = min(row.start_ms or 0 for row in rows)
    last_ms = max(row.start_ms or 0 for row in rows)
    minutes = ((last_ms - first_ms) // BUCKET_MS + 1) / _PER_MINUTE
    return round(orders / minutes, 2)
