"""Event ids seen within the horizon: what a platform sends again is counted once.

Ids are kept by the minute they occurred in, strings as they are: exact. They are not part of a
snapshot; after a restart they are read again from the log, from `first_offset` on.
"""

from typing import Final

MINUTE_MS: Final = 60_000


def is_forgotten(occurred_at_ms: int, horizon_ms: int) -> bool:
    """Return whether an id of that time is forgotten at this horizon: by whole minutes."""
    return occurred_at_ms // MINUTE_MS < horizon_ms // MINUTE_MS


class SeenIds:
    """Ids of one stream, from `forget_before` to now."""

    def __init__(self) -> None:
        # One set to ask, whatever time a re-sent event carries; lists by minute to forget by.
        self._ids: set[str] = set()
        self._minutes: dict[int, tuple[int, list[str]]] = {}  # minute -> (first offset, ids)

    def add(self, event_id: str, occurred_at_ms: int, offset: int) -> bool:
        """Return True if the id is new, and remember it."""
        if event_id in self._ids:
            return False
        self._ids.add(event_id)
        minute = occurred_at_ms // MINUTE_MS
        entry = self._minutes.get(minute)
        if entry is None:
            self._minutes[minute] = (offset, [event_id])
        else:
            entry[1].append(event_id)
        return True

    def forget_before(self, event_time_ms: int) -> None:
        """Drop the minutes that ended before `event_time_ms`."""
        for minute in [m for m in self._minutes if is_forgotten(m * MINUTE_MS, event_time_ms)]:
            self._ids.difference_update(self._minutes.pop(minute)[1])

    def first_offset(self) -> int | None:
        """Return the log offset from which on the ids can be read again; None if there are none."""
        return min((first for first, _ in self._minutes.values()), default=None)
