"""Giveaways, votes, raids and bursts of copies: counted on their own, left out of shares.

Masks never reach back: the first copies of a burst stay counted, only later ones are masked.
"""

from collections import deque
from typing import Final

import msgspec

BURST_WINDOW_MS: Final = 60_000

# Which stage action opens or closes which mask.
OPENS: Final = {"giveaway_started": "giveaway", "vote_started": "vote", "raid_started": "raid"}
CLOSES: Final = {"giveaway_ended": "giveaway", "vote_ended": "vote", "raid_ended": "raid"}


class Masks(msgspec.Struct):
    """The masks of one stream; fed in event order."""

    # In the order they opened. A comment that several cover is counted to the oldest.
    opened: list[str] = []
    # Comments of the last 60 s, oldest first, and how many of them share a text.
    recent: deque[tuple[int, int]] = msgspec.field(default_factory=deque)
    copies: dict[int, int] = {}

    def stage(self, action: str) -> None:
        """Open or close a mask, if `action` does that; a second start or end changes nothing."""
        if (mask := OPENS.get(action)) and mask not in self.opened:
            self.opened.append(mask)
        elif (mask := CLOSES.get(action)) and mask in self.opened:
            self.opened.remove(mask)

    def reason(self, text_key: int, occurred_at_ms: int, burst_size: int) -> str | None:
        """Return why this comment is masked, or None; and remember it for the next ones.

        A comment is a duplicate when `burst_size` others with its text came within 60 s before.
        """
        horizon_ms = occurred_at_ms - BURST_WINDOW_MS
        recent, copies = self.recent, self.copies
        while recent and recent[0][0] < horizon_ms:
            key = recent.popleft()[1]
            left = copies[key] - 1
            if left:
                copies[key] = left
            else:
                del copies[key]
        earlier = copies.get(text_key, 0)
        copies[text_key] = earlier + 1
        recent.append((occurred_at_ms, text_key))
        if self.opened:
            return self.opened[0]
        return "duplicate" if earlier >= burst_size else None
