"""What one stream's replay yields for the compass: counts by market and quarter of an hour.

A quarter of an hour, because local hours do not begin with UTC's everywhere (India is 5:30 ahead),
and every offset of today is a multiple of it.

Late comments (3 s to 10 min) are in the sums of the window rows and not in these counts: they come
out of order, when the viewers of their minute are forgotten and nobody can tell whether they would
have been masked. Late orders are in both: orders reported by a shop are late as a rule, and an
order is counted by itself.
"""

from typing import Final

import msgspec

from resonance.streams.events import LoggedPurchase, ScoredComment
from resonance.streams.fold.counting import mood_of

SLOT_MS: Final = 900_000
MINUTE_MS: Final = 60_000


class Activity(msgspec.Struct, kw_only=True):
    """One quarter of an hour of one market, counted over the stream. All are counts."""

    market: str  # As the fold attributed it.
    start_ms: int  # UTC, a multiple of SLOT_MS.
    commenter_minutes: int = 0  # Pairs of a viewer and a minute with an unmasked comment.
    orders: int = 0  # Paid; what was cancelled later stays an order.
    comments: int = 0  # Unmasked, of viewers.
    positive: int = 0  # Of those.
    negative: int = 0


class ActivityCount:
    """Counts the activity of one stream; comments are fed in event order, orders in any.

    It holds who commented in the current minute, and a record for each market and quarter of an
    hour. The counts are a function of the log alone.
    """

    def __init__(self) -> None:
        self._slots: dict[tuple[str, int], Activity] = {}
        self._minute = -1
        self._commenters: set[tuple[str, str]] = set()  # Of the current minute.

    def comment(self, market: str, comment: ScoredComment) -> None:
        """Take an unmasked comment of a viewer, which counts in `market`."""
        minute = comment.occurred_at_ms // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._commenters.clear()
        slot = self._slot(market, comment.occurred_at_ms)
        if (market, comment.viewer) not in self._commenters:
            self._commenters.add((market, comment.viewer))
            slot.commenter_minutes += 1
        mood = mood_of(comment)
        slot.comments += 1
        slot.positive += mood == "positive"
        slot.negative += mood == "negative"

    def purchase(self, market: str, purchase: LoggedPurchase) -> None:
        """Take a purchase, which counts in `market`: only a paid one is an order."""
        if purchase.state == "paid":
            self._slot(market, purchase.occurred_at_ms).orders += 1

    def finish(self) -> list[Activity]:
        """Return the counts by market and time; quarters of an hour without any are left out."""
        return [self._slots[key] for key in sorted(self._slots)]

    def _slot(self, market: str, at_ms: int) -> Activity:
        start_ms = at_ms // SLOT_MS * SLOT_MS
        found = self._slots.get((market, start_ms))
        if found is None:
            found = Activity(market=market, start_ms=start_ms)
            self._slots[market, start_ms] = found
        return found
