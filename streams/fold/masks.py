"""Giveaways, votes, raids and bursts of copies: counted on their own, left out of shares.

Masks never reach back: the first copies of a burst stay counted, only later ones are masked.
"""

from array import array
from collections import Counter
from typing import Final

import msgspec

BURST_WINDOW_MS: Final = 60_000

# Which stage action opens or closes which mask.
OPENS: Final = {"giveaway_started": "giveaway", "vote_started": "vote", "raid_started": "raid"}
CLOSES: Final = {"giveaway_ended": "giveaway", "vote_ended": "vote", "raid_ended": "raid"}


class SavedMasks(msgspec.Struct, array_like=True):
    """The masks that are open, and the comments that came since the last snapshot."""

    opened: list[str] = []
    recent: list[tuple[int, int]] = []


class Masks(msgspec.Struct):
    """The masks of one stream; fed in event order."""

    # In the order they opened. A comment that several cover is counted to the oldest.
    opened: list[str] = []
    # Comments of the last 60 s from `oldest` on: when, and which text. Arrays with a moving start:
    # they take a ninth of what a deque of pairs does, and snapshots take their end.
    times_ms: "array[int]" = msgspec.field(default_factory=lambda: array("q"))
    text_keys: "array[int]" = msgspec.field(default_factory=lambda: array("Q"))
    oldest: int = 0
    copies: dict[int, int] = {}  # Of each text, among them.
    additions: int = 0  # To both, since they were last saved.

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
        self._forget_before(occurred_at_ms - BURST_WINDOW_MS)
        earlier = self.copies.get(text_key, 0)
        self.copies[text_key] = earlier + 1
        self.times_ms.append(occurred_at_ms)
        self.text_keys.append(text_key)
        self.additions += 1
        if self.opened:
            return self.opened[0]
        return "duplicate" if earlier >= burst_size else None

    def _forget_before(self, horizon_ms: int) -> None:
        times_ms, copies, oldest = self.times_ms, self.copies, self.oldest
        while oldest < len(times_ms) and times_ms[oldest] < horizon_ms:
            key = self.text_keys[oldest]
            if copies[key] == 1:
                del copies[key]
            else:
                copies[key] -= 1
            oldest += 1
        if oldest * 2 > len(times_ms):  # Each entry is moved at most once in all: constant time.
            del times_ms[:oldest], self.text_keys[:oldest]
            oldest = 0
        self.oldest = oldest

    def take_saved(self, *, whole: bool) -> SavedMasks:
        """Return what changed since the last call, or everything."""
        first = self.oldest if whole else max(self.oldest, len(self.times_ms) - self.additions)
        self.additions = 0
        recent = zip(self.times_ms[first:], self.text_keys[first:], strict=True)
        return SavedMasks(self.opened, list(recent))

    def load(self, saved: SavedMasks) -> None:
        """Take in what was saved, in the order of saving; `loaded` when that is all."""
        self.opened = saved.opened
        self.times_ms.extend(at_ms for at_ms, _ in saved.recent)
        self.text_keys.extend(text_key for _, text_key in saved.recent)

    def loaded(self) -> None:
        """Find again what follows from the rest."""
        self.oldest, self.copies = 0, dict(Counter(self.text_keys))
        if self.times_ms:
            self._forget_before(self.times_ms[-1] - BURST_WINDOW_MS)
