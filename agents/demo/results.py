"""What the demo's stream came to, from the rows of the `windows` topic."""

from aiokafka import ConsumerRecord

from resonance.streams.incident import Incident, find_incident
from resonance.streams.measures import summary
from resonance.streams.windows import ROOM, TOTAL, UPTO_HEADER, WindowRow, decode_row


class Results:
    """The newest row of every key of one stream. Rows come in any order, some of them twice."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._rows: dict[str, tuple[int, WindowRow]] = {}
        self.version = 0  # Grows with every row that was taken.

    def take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        """Take one record of `windows`; those of other streams are left out."""
        if record.key is None or record.value is None:
            return
        upto = next((int(value) for name, value in record.headers if name == UPTO_HEADER), -1)
        self.put(record.key.decode(), decode_row(record.value), upto)

    def put(self, key: str, row: WindowRow, upto: int) -> None:
        """Keep the row, unless what is known includes more of the log."""
        known_upto, _ = self._rows.get(key, (-1, None))
        if row.stream == self._stream and upto >= known_upto:
            self._rows[key] = (upto, row)
            self.version += 1

    @property
    def room(self) -> WindowRow | None:
        """The total of the whole room, or None before the first was written."""
        return self.totals().get(ROOM)

    def totals(self) -> dict[str, WindowRow]:
        """Return the total of every market, busiest first, the room's among them."""
        rows = [row for key, (_, row) in self._rows.items() if key.endswith(f"|{TOTAL}")]
        return {row.market: row for row in sorted(rows, key=_busiest)}

    def markets(self) -> dict[str, WindowRow]:
        """Return the total of every market, busiest first."""
        return {market: row for market, row in self.totals().items() if market != ROOM}

    def reached_ms(self) -> int:
        """Return the event time up to which the stream is complete in the rows; 0 at first."""
        return (self.room.watermark_ms or 0) if self.room else 0

    def are_final(self, sent: int) -> bool:
        """Return whether the stream has ended and every comment and purchase `sent` is in the rows.

        The rows of one moment lie on several partitions; the room's may be read before the rest.
        """
        room, markets = self.room, self.markets().values()
        return (
            room is not None
            and room.ended
            and _counted(room) + room.duplicates + room.too_late >= sent
            and sum(map(_counted, markets)) == _counted(room) - room.staff_comments
        )

    def incident(self) -> Incident | None:
        """Return the market whose complaints stood out, or None."""
        return find_incident(row for _, row in self._rows.values())

    def as_json(self) -> dict[str, object]:
        """Return the demo's result: every market's summary, the languages, the incident."""
        room = self.room
        if room is None:
            return {"markets": {}, "languages": {}, "incident": None}
        incident = self.incident()
        languages = sorted(room.languages.items(), key=lambda item: (-item[1], item[0]))
        return {
            "markets": {market: summary(row, room) for market, row in self.markets().items()},
            "languages": dict(languages),
            "incident": incident and {"market": incident.market, "topic": incident.topic},
        }


def _busiest(row: WindowRow) -> tuple[int, str]:
    return -row.comments, row.market


def _counted(row: WindowRow) -> int:
    return row.comments + sum(row.purchases.values())
