"""Events that wait behind the watermark, and the order in which their turn comes."""

from bisect import bisect_left
from typing import Final

from resonance.streams.events import LoggedStage
from resonance.streams.fold.order import StreamEvent

Entry = tuple[int, int, str, StreamEvent]  # Turn, rank, id: the order of the fold.
_RANKS: Final = {"started": 0, "ended": 2}  # Others 1: a stream's first and last moment.


def turn_ms(event: StreamEvent, allowed_lateness_ms: int) -> int:
    """Return when it is an event's turn: its time, or the last moment it would have been on time.

    Until the watermark reaches its turn, the log may still lack what comes before it.
    """
    return max(event.occurred_at_ms, event.ingested_at_ms - allowed_lateness_ms)


class Waiting:
    """The waiting events of a partition, by stream."""

    def __init__(self, allowed_lateness_ms: int) -> None:
        self._allowed_lateness_ms = allowed_lateness_ms
        self._entries: dict[str, list[Entry]] = {}

    def add(self, stream: str, event: StreamEvent) -> None:
        """Let an event wait."""
        rank = _RANKS.get(event.action, 1) if isinstance(event, LoggedStage) else 1
        entry = (turn_ms(event, self._allowed_lateness_ms), rank, event.id, event)
        entries = self._entries.get(stream)
        if entries is None:
            self._entries[stream] = [entry]
        else:
            entries.append(entry)

    def has(self, stream: str) -> bool:
        """Return whether anything of the stream waits."""
        return stream in self._entries

    def release(self, stream: str, watermark_ms: int) -> list[Entry]:
        """Return and forget the stream's events whose turn is before the watermark, in order."""
        entries = self._entries.get(stream)
        if not entries:
            return []
        entries.sort(key=_turn)
        count = bisect_left(entries, watermark_ms, key=_turn_ms)
        released = entries[:count]
        if count == len(entries):
            del self._entries[stream]
        else:
            del entries[:count]
        return released


def _turn_ms(entry: Entry) -> int:
    return entry[0]


def _turn(entry: Entry) -> tuple[int, int, str]:
    return entry[:3]
