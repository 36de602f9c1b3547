"""What a stream remembers of its viewers: when they last wrote, and where they shop.

Both memories are in the order of the last change, the longest unchanged first. So what changed
since a snapshot is their end, and that alone goes into the next one.
"""

from enum import Enum
from itertools import islice
from sys import intern
from typing import Final, TypeVar

import msgspec

RETURN_GAP_MS: Final = 600_000  # After Bambuser's "left and returned": 10 min without a comment.
VIEWER_LIMIT: Final = 250_000  # Of each memory; the longest silent are forgotten first.

V = TypeVar("V")


class Visit(Enum):
    """What a viewer's comment says of the viewer."""

    FIRST = "first"
    AGAIN = "again"
    RETURNED = "returned"  # Again, after a gap, and for the first time so.


class SavedAudience(msgspec.Struct, array_like=True):
    """The end of both memories, in their order."""

    last_comment: list[tuple[int, int]] = []
    market: list[tuple[int, str]] = []


class Audience(msgspec.Struct):
    """Viewers of one stream; fed in event order, so that facts only ever reach forward."""

    # viewer -> last comment's time * 2, + 1 once counted as returned.
    last_comment: dict[int, int] = {}
    market: dict[int, str] = {}
    visits: int = 0  # Changes of each memory since they were last saved.
    lessons: int = 0

    def visit(self, viewer: int, occurred_at_ms: int) -> Visit:
        """Note a comment of `viewer`, and return what it is to them."""
        self.visits += 1
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
        if self.market.get(viewer) == market:
            return
        self.lessons += 1
        if self.market.pop(viewer, None) is None and len(self.market) >= VIEWER_LIMIT:
            del self.market[next(iter(self.market))]
        self.market[viewer] = intern(market)  # One string for all who shop there.

    def take_saved(self, *, whole: bool) -> SavedAudience:
        """Return what changed since the last call, or everything."""
        saved = SavedAudience(
            _end_of(self.last_comment, None if whole else self.visits),
            _end_of(self.market, None if whole else self.lessons),
        )
        self.visits = self.lessons = 0
        return saved

    def load(self, saved: SavedAudience) -> None:
        """Take in what was saved; in the order of saving."""
        for viewer, last in saved.last_comment:
            self.last_comment.pop(viewer, None)
            self.last_comment[viewer] = last
        for viewer, market in saved.market:
            self.market.pop(viewer, None)
            self.market[viewer] = intern(market)
        _forget_first(self.last_comment)
        _forget_first(self.market)


def _end_of(memory: dict[int, V], changes: int | None) -> list[tuple[int, V]]:
    """Return the last entries of a memory, at most as many as there were changes."""
    if changes is None or changes >= len(memory):
        return list(memory.items())
    return list(islice(reversed(memory.items()), changes))[::-1]


def _forget_first(memory: dict[int, V]) -> None:
    for viewer in list(islice(memory, max(0, len(memory) - VIEWER_LIMIT))):
        del memory[viewer]
