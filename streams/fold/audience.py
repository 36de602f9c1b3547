"""What a stream remembers of its viewers: when they last wrote, and where they shop."""

from enum import Enum
from typing import Final

import msgspec

RETURN_GAP_MS: Final = 600_000  # After Bambuser's "left and returned": 10 min without a comment.
VIEWER_LIMIT: Final = 250_000  # Of each memory; the longest silent are forgotten first.


class Visit(Enum):
    """What a viewer's comment says of the viewer."""

    FIRST = "first"
    AGAIN = "again"
    RETURNED = "returned"  # Again, after a gap, and for the first time so.


class Audience(msgspec.Struct):
    """Viewers of one stream; fed in event order, so that facts only ever reach forward."""

    # viewer -> last comment's time * 2, + 1 once counted as returned; longest silent first.
    last_comment: dict[int, int] = {}
    market: dict[int, str] = {}

    def visit(self, viewer: int, occurred_at_ms: int) -> Visit:
        """Note a comment of `viewer`, and return what it is to them."""
        before = self.last_comment.pop(viewer, None)
        if before is None:
            if len(self.last_comment) >= VIEWER_LIMIT:
                del self.last_comment[next(iter(self.last_comment))]
            self.last_comment[viewer] = occurred_at_ms * 2
            return Visit.FIRST
        last_ms, counted = divmod(before, 2)
        returned = not counted and occurred_at_ms - last_ms >= RETURN_GAP_MS
        self.last_comment[viewer] = occurred_at_ms * 2 + (counted or returned)
        return Visit.RETURNED if returned else Visit.AGAIN

    def learn_market(self, viewer: int, market: str) -> None:
        """Remember where a viewer shops, from an order or a declared comment."""
        if viewer not in self.market and len(self.market) >= VIEWER_LIMIT:
            del self.market[next(iter(self.market))]
        self.market[viewer] = market
