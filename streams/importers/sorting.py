"""Events in event-time order: in memory, and beyond that in sorted runs on disk, merged."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import msgspec

from resonance.streams.codec import encode_raw
from resonance.streams.events import RawEvent, Stage
from resonance.streams.scoring import clamp_occurred_ms

IN_MEMORY_EVENTS: Final = 200_000
MERGED_RUNS: Final = 64  # More are merged into one: each holds a file open.

Key = tuple[int, int, str]
FIRST, WITHIN, LAST = range(3)
_MARKER_RANKS: Final = {"started": FIRST, "ended": LAST}

_decoder: msgspec.json.Decoder[RawEvent] = msgspec.json.Decoder(RawEvent)


def order_key(event: RawEvent) -> Key:
    """Return the place of an event in its file: event time, then markers around all, then id.

    The time is the one that scoring will give it, so that clamping cannot undo the order.
    """
    rank = _MARKER_RANKS.get(event.action, WITHIN) if isinstance(event, Stage) else WITHIN
    return clamp_occurred_ms(event.occurred_at_ms, event.ingested_at_ms), rank, event.id


class EventSorter:
    """Takes events in any order and gives them back sorted; at most `limit` in memory."""

    def __init__(self, limit: int = IN_MEMORY_EVENTS) -> None:
        self._limit = limit
        self._held: list[RawEvent] = []
        self._runs: list[BinaryIO] = []

    def add(self, event: RawEvent) -> None:
        """Take one event."""
        self._held.append(event)
        if len(self._held) >= self._limit:
            self._held.sort(key=order_key)
            self._write_run(self._held)
            self._held = []

    def in_order(self) -> Iterator[RawEvent]:
        """Yield all events, sorted. Call it once, when all are added, and `close` in the end."""
        self._held.sort(key=order_key)
        yield from heapq.merge(*map(_read_run, self._runs), self._held, key=order_key)

    def close(self) -> None:
        """Give back memory and disk."""
        for run in self._runs:
            run.close()
        self._runs.clear()
        self._held.clear()

    def _write_run(self, events: Iterable[RawEvent]) -> None:
        if len(self._runs) >= MERGED_RUNS:
            merged, self._runs = self._runs, []
            self._write_run(heapq.merge(*map(_read_run, merged), key=order_key))
            for run in merged:
                run.close()
        run = tempfile.TemporaryFile(prefix="resonance-sort-")  # noqa: SIM115 - `close` does it.
        self._runs.append(run)
        # JSON holds no raw line feed, so a line is an event.
        run.writelines(encode_raw(event) + b"\n" for event in events)


def _read_run(run: BinaryIO) -> Iterator[RawEvent]:
    run.seek(0)
    return map(_decoder.decode, run)
