"""Event ids seen within the horizon: what a platform sends again is counted once.

An id is known while the newest event time it came with is within its stream's horizon, counted in
whole minutes. So what is known at a place in the log is told by the log up to there, and the ids
need not be saved: after a restart they are read again, from `first_offset` on.

A hostile stream may bring more ids than fit. Beyond the limit the stream that holds the most
forgets its oldest minute: it alone pays. Those minutes are part of the state (`floors`), so that
a restart does not learn again what was forgotten.
"""

from collections.abc import Callable
from hashlib import blake2b
from heapq import heapify, heappop, heapreplace
from typing import Final

MINUTE_MS: Final = 60_000
KEPT_SHARE: Final = 0.875  # Of the limit, when ids must go: rarely, and then some at once.


def id_key(event_id: str) -> int:
    """Return the 64 bits that an id is remembered by.

    A million ids in a stream's ten minutes share one by chance once in 40 million such minutes.
    """
    return int.from_bytes(blake2b(event_id.encode(), digest_size=8).digest(), "big")


class _StreamIds:
    """Ids of one stream: the newest minute each came with, and for each minute its ids."""

    __slots__ = ("_holes", "horizon_minute", "minute_of", "minutes")

    def __init__(self) -> None:
        self._holes = 0  # Ids forgotten since `minute_of` was made.
        self.horizon_minute = 0
        self.minute_of: dict[int, int] = {}
        self.minutes: dict[int, tuple[int, int, list[int]]] = {}  # To itself, first offset, ids.

    def remember(self, key: int, minute: int, offset: int) -> None:
        entry = self.minutes.get(minute)
        if entry is None:
            entry = self.minutes[minute] = (minute, offset, [])
        self.minute_of[key] = entry[0]  # One number for all ids of the minute.
        entry[2].append(key)

    def forget(self, minute: int) -> None:
        before = len(self.minute_of)
        for key in self.minutes.pop(minute)[2]:
            if self.minute_of.get(key) == minute:  # Else it came again, later.
                del self.minute_of[key]
        self._holes += before - len(self.minute_of)
        if self._holes > len(self.minute_of) // 4:
            # A dict keeps the room of what is deleted, and doubles when that is all used up.
            self.minute_of, self._holes = dict(self.minute_of), 0


class SeenIds:
    """Ids of all streams of a partition. `floors`: the first minute kept of those that lost any."""

    def __init__(
        self, limit: int, floors: dict[str, int], on_evicted: Callable[[int], None]
    ) -> None:
        self._limit = limit
        self._floors = floors
        self._on_evicted = on_evicted
        self._streams: dict[str, _StreamIds] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, stream: str, event_id: str, occurred_at_ms: int, offset: int) -> bool:
        """Return True if the id is new, and remember it; one too old to be kept is always new."""
        ids = self._streams.get(stream)
        if ids is None:
            ids = self._streams[stream] = _StreamIds()
        key, minute = id_key(event_id), occurred_at_ms // MINUTE_MS
        before = ids.minute_of.get(key)
        if before is not None and before >= minute:
            return False
        if minute >= ids.horizon_minute and minute >= self._floors.get(stream, 0):
            ids.remember(key, minute, offset)
            if before is None:
                self._count += 1
                if self._count > self._limit:
                    self._evict()
        return before is None

    def forget_before(self, stream: str, horizon_ms: int) -> None:
        """Drop the stream's minutes that ended before `horizon_ms`; it never goes back."""
        ids = self._streams.get(stream)
        if ids is None:
            ids = self._streams[stream] = _StreamIds()
        horizon_minute = horizon_ms // MINUTE_MS
        if horizon_minute <= ids.horizon_minute:
            return
        ids.horizon_minute = horizon_minute
        before = len(ids.minute_of)
        for minute in [m for m in ids.minutes if m < horizon_minute]:
            ids.forget(minute)
        self._count -= before - len(ids.minute_of)

    def drop(self, stream: str) -> None:
        """Forget a stream altogether."""
        if (ids := self._streams.pop(stream, None)) is not None:
            self._count -= len(ids.minute_of)
        self._floors.pop(stream, None)

    def first_offset(self) -> int | None:
        """Return the log offset from which on the ids can be read again; None if there are none."""
        firsts = [first for ids in self._streams.values() for _, first, _ in ids.minutes.values()]
        return min(firsts, default=None)

    def _evict(self) -> None:
        """Make room: the stream with the most ids forgets its oldest minute, until it is enough."""
        goal = int(self._limit * KEPT_SHARE)
        before = self._count
        largest = [
            (-len(ids.minute_of), name) for name, ids in self._streams.items() if ids.minutes
        ]
        heapify(largest)
        while self._count > goal:
            negative_held, name = largest[0]
            ids = self._streams[name]
            oldest = min(ids.minutes)
            ids.forget(oldest)
            self._floors[name] = oldest + 1
            self._count += negative_held + len(ids.minute_of)
            if ids.minutes:
                heapreplace(largest, (-len(ids.minute_of), name))
            else:
                heappop(largest)
        self._on_evicted(before - self._count)
