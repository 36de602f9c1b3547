"""A recording, folded without a broker: the same functions as live, on a virtual clock.

The same events give the same window rows, to the byte, as through Kafka.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from resonance.streams.events import Place, RawEvent
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.measures import summary
from resonance.streams.scoring import ScoringHop, Unscorable
from resonance.streams.windows import ROOM, WindowRow, decode_row, window_key

BATCH_EVENTS: Final = 2_000  # As many as a busy partition gives at once; changes no number.
SOURCE: Final = "file"


class Replay:
    """Score and fold events in the order given; `rows` holds the newest bytes of every window."""

    def __init__(self, hop: ScoringHop, settings: FoldSettings | None = None) -> None:
        self._hop = hop
        self._fold = PartitionFold(settings or FoldSettings())
        self._offset = 0
        self._waiting: list[tuple[RawEvent, Place]] = []  # To be scored together.
        self.rows: dict[str, bytes] = {}

    def feed(self, event: RawEvent) -> None:
        """Take one event. Files come in event-time order, between their markers."""
        self._waiting.append((event, Place(SOURCE, 0, self._offset)))
        self._offset += 1
        if len(self._waiting) >= BATCH_EVENTS:
            self.advance()

    def advance(self) -> dict[str, bytes]:
        """Score and fold what was fed, see what is complete; return the rows that this changed."""
        scored = self._hop.score_all(self._waiting)
        for (event, place), made in zip(self._waiting, scored, strict=True):
            # `score` raises what it raised: without one event the numbers would silently be others.
            logged = self._hop.score(event, place) if isinstance(made, Unscorable) else made
            self._fold.apply(place.offset, logged)
        self._waiting = []
        self._fold.advance()
        changed = {key: value for key, value in self._fold.take_changed() if value is not None}
        self._fold.take_dead()  # Counted in the room's total; a replay has nowhere to set them.
        self.rows |= changed
        return changed


def replay(events: Iterable[RawEvent], hop: ScoringHop, settings: FoldSettings) -> dict[str, bytes]:
    """Return every window row of a recording, by key."""
    run = Replay(hop, settings)
    for event in events:
        run.feed(event)
    run.advance()
    return run.rows


def paced(
    events: Iterable[RawEvent], speed: float, wait_until_seconds: Callable[[float], None]
) -> Iterator[RawEvent]:
    """Give the events out at `speed` times the pace they occurred at.

    `wait_until_seconds` returns once so many seconds have passed since the first event.
    """
    first_ms: int | None = None
    for event in events:
        first_ms = event.occurred_at_ms if first_ms is None else first_ms
        wait_until_seconds((event.occurred_at_ms - first_ms) / 1000 / speed)
        yield event


def report(rows: dict[str, bytes]) -> dict[str, Any]:
    """Return the rows as `resonance replay --json` prints them: by stream, summed up and whole."""
    by_stream: dict[str, list[WindowRow]] = {}
    for value in rows.values():
        row = decode_row(value)
        by_stream.setdefault(row.stream, []).append(row)
    return {"streams": [_stream_report(name, by_stream[name]) for name in sorted(by_stream)]}


def _stream_report(stream: str, rows: list[WindowRow]) -> dict[str, Any]:
    totals = {row.market: row for row in rows if row.start_ms is None}
    room = totals.get(ROOM, WindowRow(stream=stream, market=ROOM))
    # Buckets in time order, the room before its markets; totals are summed up above.
    buckets = sorted(
        (row for row in rows if row.start_ms is not None), key=lambda r: (r.start_ms, r.market)
    )
    return {
        "stream": stream,
        "started_at_ms": room.started_at_ms,
        "ended_at_ms": room.watermark_ms,
        "totals": summary(room, room),
        "markets": {
            market: summary(row, room) for market, row in sorted(totals.items()) if market != ROOM
        },
        "too_late": room.too_late,
        "duplicates": room.duplicates,
        "windows": [
            {
                "key": window_key(row.stream, row.market, row.start_ms),
                "value": msgspec.to_builtins(row),
            }
            for row in [*buckets, *(totals[m] for m in sorted(totals))]
        ],
    }
