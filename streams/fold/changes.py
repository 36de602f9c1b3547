"""What is to be written of a partition: rows that changed, and totals to delete."""

from collections.abc import Iterable

from resonance.streams.fold.rows import take_rows
from resonance.streams.fold.stream import StreamFold
from resonance.streams.windows import ROOM, encode_row, window_key

Change = tuple[str, bytes | None]  # Key and value of a row; None deletes it.


class Changes:
    """Rows of streams that are held, behind the last ones of those that are not any more."""

    def __init__(self) -> None:
        self._last: list[Change] = []

    def forget(self, stream: StreamFold) -> None:
        """Note the last rows of a stream: its windows stay as they are, its totals go."""
        self._last += _rows(stream)
        self._last += [
            (window_key(stream.stream, market, None), None) for market in (*stream.markets, ROOM)
        ]

    def take(self, streams: Iterable[StreamFold]) -> list[Change]:
        """Return every change since the last call; of one key the last one holds."""
        last, self._last = self._last, []
        return [*last, *(row for stream in streams for row in _rows(stream))]


def _rows(stream: StreamFold) -> Iterable[Change]:
    return (
        (window_key(row.stream, row.market, row.start_ms), encode_row(row))
        for row in take_rows(stream)
    )
