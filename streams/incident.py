"""Which market's complaints rose most: one answer from window rows, or none without evidence.

A market stands out when even the low end of its complaint share's interval lies above its own
share before and above the rest of the room's at the same time. A bad evening for everyone is no
incident of one market, and three angry comments are no evidence.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from resonance.streams.measures import unmasked_comments, wilson_interval
from resonance.streams.windows import ROOM, UNKNOWN_MARKET, WindowRow

COMPLAINT: Final = "complaint"
NO_TOPIC: Final = "none"
OTHER_MARKET: Final = "other"
Z_EVIDENCE: Final = 3.09  # One in a thousand, one-sided: as the alerts have it.
LEAST_COMPLAINTS: Final = 8
LEAST_RISE: Final = 0.10  # Ten points above the higher of the two shares it is held against.


class Incident(msgspec.Struct, frozen=True):
    """What stood out. Shares are of unmasked comments, from 0.0 to 1.0."""

    market: str  # ISO 3166-1 alpha-2
    topic: str  # The topic whose complaints rose most, or "none" where complaints name none.
    since_ms: int  # The start of the first bucket of the rise.
    complaints: int  # Since then.
    comments: int  # Unmasked, since then.
    share: float
    share_before: float
    share_elsewhere: float  # In the rest of the room, since then.


class _Sums:
    """Comments and complaints of some rows."""

    def __init__(self, rows: Iterable[WindowRow]) -> None:
        self.comments = self.complaints = 0
        self.topics: dict[str, int] = {}
        for row in rows:
            self.comments += unmasked_comments(row)
            self.complaints += row.signals.get(COMPLAINT, 0)
            for topic, count in row.complaint_topics.items():
                self.topics[topic] = self.topics.get(topic, 0) + count

    @property
    def share(self) -> float:
        return self.complaints / self.comments if self.comments else 0.0


def find_incident(rows: Iterable[WindowRow]) -> Incident | None:
    """Return the strongest rise of complaints in the buckets of one stream, or None.

    `rows` are the buckets of any markets in any order; totals and the room's rows are left out.
    """
    buckets = [
        row
        for row in rows
        if row.start_ms is not None and row.market not in {ROOM, UNKNOWN_MARKET, OTHER_MARKET}
    ]
    starts_ms = sorted({row.start_ms for row in buckets if row.start_ms is not None})[1:]
    found = [
        candidate
        for market in sorted({row.market for row in buckets})
        for since_ms in starts_ms
        if (candidate := _rise(buckets, market, since_ms)) is not None
    ]
    return max(found, key=lambda pair: pair[0], default=(0.0, None))[1]


def _rise(buckets: list[WindowRow], market: str, since_ms: int) -> tuple[float, Incident] | None:
    """Return how far the market stands out from `since_ms` on, and the incident that would be."""
    late = [row for row in buckets if _start_ms(row) >= since_ms]
    here = _Sums(row for row in late if row.market == market)
    before = _Sums(r for r in buckets if r.market == market and _start_ms(r) < since_ms)
    elsewhere = _Sums(row for row in late if row.market != market)
    if here.complaints < LEAST_COMPLAINTS:
        return None
    low, _ = wilson_interval(here.complaints, here.comments, Z_EVIDENCE)
    rise = low - max(before.share, elsewhere.share)
    if rise < LEAST_RISE:
        return None
    incident = Incident(
        market=market,
        topic=_risen_topic(here.topics, before.topics),
        since_ms=since_ms,
        complaints=here.complaints,
        comments=here.comments,
        share=round(here.share, 4),
        share_before=round(before.share, 4),
        share_elsewhere=round(elsewhere.share, 4),
    )
    return rise, incident


def _risen_topic(here: Mapping[str, int], before: Mapping[str, int]) -> str:
    """Return the topic that rose most; one that is named before complaints that name none."""
    rises = {topic: count - before.get(topic, 0) for topic, count in here.items()}
    named = {topic: rise for topic, rise in rises.items() if topic != NO_TOPIC and rise > 0}
    return max(sorted(named), key=named.__getitem__) if named else NO_TOPIC


def _start_ms(row: WindowRow) -> int:
    return row.start_ms or 0
