"""`windows` rows -> what the board knows: every total, and the buckets of the last minutes.

Pure: keys, bytes and the reader's clock come in, values go out. Rows are overwrites, so the order
in which they arrive does not matter: per key the highest `upto` stays.
"""

import re
from enum import StrEnum
from typing import Final

import msgspec

from resonance.streams.fold.held import OFF_STREAM
from resonance.streams.measures import merge_rows
from resonance.streams.windows import ROOM, TOTAL, WindowRow, decode_row

BUCKET_HORIZON_MS: Final = 15 * 60_000
STREAM_LIMIT: Final = 1_000
STREAMS_KEPT: Final = 875  # When streams must go: those that have come furthest.
REMOVED_KEYS_LIMIT: Final = 10_000

_KEY: Final = re.compile(r"([^|]+)\|([A-Z]{2}|unknown|other|\*)\|(total|[0-9]{1,13})")


class Outcome(StrEnum):
    """What became of a record; also the label of the board's own counter."""

    APPLIED = "applied"
    STALE = "stale"  # Includes less than what we have: a zombie's row, or one delivered again.
    INVALID = "invalid"


class Place(msgspec.Struct, frozen=True):
    """What a row is about. `start_ms` is None on totals."""

    stream: str
    market: str
    start_ms: int | None


class Group(msgspec.Struct, frozen=True):
    """The total of one (stream, market), and since when the board has had it.

    Replaced, never changed: a scrape reads it in another thread. `seen_at` is in the reader's
    clock, minus infinity for what was there before the board opened; `labels_seen_at` says the
    same of the label values that no vocabulary closes, currencies and languages.
    """

    row: WindowRow
    upto: int
    seen_at: float
    labels_seen_at: dict[str, float]


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a 10 s bucket: numbers for the last minutes, and its distinct authors."""

    upto: int
    comments: int
    unmasked: int
    negative: int
    questions: int
    complaints: int
    orders: int
    authors: dict[str, dict[str, int]]


class Stream:
    """One stream: a total per market, and the last buckets per market by their start."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.totals: dict[str, Group] = {}
        self.buckets: dict[str, dict[int, Bucket]] = {}
        self.newest: dict[str, int] = {}  # The start of each market's last bucket.
        self.newest_ms = 0
        self.ended_at_ms: int | None = None  # When the end was written, by the broker's clock.
        self.version = 0

    @property
    def room(self) -> WindowRow | None:
        """The total of the whole room, or None while only markets have arrived."""
        group = self.totals.get(ROOM)
        return group.row if group else None

    @property
    def position_ms(self) -> int:
        """How far the stream has come in event time, in ms; its last bucket without a watermark."""
        room = self.room
        return room.watermark_ms if room and room.watermark_ms else self.newest_ms

    @property
    def live(self) -> bool:
        """Whether the stream goes on. Orders that came outside of any stream are not one."""
        room = self.room
        return room is not None and not room.ended and not self.name.startswith(f"{OFF_STREAM}:")

    def precedence(self) -> tuple[bool, int, str]:
        """Return the sort key by which streams are shown and get labels."""
        started_ms = (self.room.started_at_ms or 0) if self.room else 0
        return not self.live, -started_ms, self.name

    def frozen(self) -> "Stream":
        """Return a copy with each market's last bucket, which another thread may read."""
        copy = Stream(self.name)
        copy.totals = dict(self.totals)
        for market, start_ms in self.newest.items():
            if bucket := self.buckets[market].get(start_ms):
                copy.buckets[market] = {start_ms: bucket}
        copy.newest, copy.newest_ms = dict(self.newest), self.newest_ms
        copy.ended_at_ms, copy.version = self.ended_at_ms, self.version
        return copy


class BoardState:
    """Every stream that `windows` holds."""

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}
        self.evicted = 0  # Streams forgotten for want of room.
        self.retired: dict[str, WindowRow] = {}  # Per market, the sums of streams that left.
        self.version = 0
        self._removed: dict[str, int] = {}  # key -> upto of the tombstone.

    def apply(
        self, key: str, value: bytes | None, upto: int, *, seen_at: float, written_at_ms: int
    ) -> Outcome:
        """Take one record of `windows`: a row, or a tombstone. Raises nothing.

        `seen_at`: the reader's clock in seconds. `written_at_ms`: the record's timestamp.
        """
        place = parse_key(key)
        if place is None:
            return Outcome.INVALID
        if value is None:
            return self._remove(key, place, upto)
        try:
            row = decode_row(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Outcome.INVALID
        if Place(row.stream, row.market, row.start_ms) != place:
            return Outcome.INVALID
        if upto < self._removed.get(key, -1):
            return Outcome.STALE
        stream = self.streams.get(place.stream) or self._open(place.stream)
        if place.start_ms is None:
            outcome = _apply_total(stream, row, upto, seen_at)
            if row.ended and outcome is Outcome.APPLIED and stream.ended_at_ms is None:
                stream.ended_at_ms = written_at_ms
        else:
            outcome = _apply_bucket(stream, row, place.start_ms, upto)
        if outcome is Outcome.APPLIED:
            self._changed(stream)
        return outcome

    def listed(self) -> list[Stream]:
        """Return the streams to show: live before ended, then newest first."""
        return sorted((s for s in self.streams.values() if s.room), key=Stream.precedence)

    def _changed(self, stream: Stream) -> None:
        self.version += 1
        stream.version = self.version

    def _open(self, name: str) -> Stream:
        if len(self.streams) >= STREAM_LIMIT:
            # Some at once, and rarely: to look at all for each of a flood takes minutes.
            silent = sorted(self.streams.values(), key=lambda stream: stream.position_ms)
            for oldest in silent[: STREAM_LIMIT - STREAMS_KEPT]:
                for market in list(oldest.totals):
                    self._retire(oldest, market)
                del self.streams[oldest.name]
                self.evicted += 1
        self.streams[name] = Stream(name)
        return self.streams[name]

    def _remove(self, key: str, place: Place, upto: int) -> Outcome:
        stream = self.streams.get(place.stream)
        if stream is not None:
            known = _known_upto(stream, place)
            if upto < known:
                return Outcome.STALE
            if place.start_ms is None and place.market in stream.totals:
                self._retire(stream, place.market)
            elif place.start_ms is not None:
                stream.buckets.get(place.market, {}).pop(place.start_ms, None)
            self._changed(stream)
            if not stream.totals and place.start_ms is None:
                del self.streams[stream.name]
        if len(self._removed) >= REMOVED_KEYS_LIMIT:
            del self._removed[next(iter(self._removed))]
        self._removed[key] = max(upto, self._removed.pop(key, -1))
        return Outcome.APPLIED

    def _retire(self, stream: Stream, market: str) -> None:
        # Counters without a stream label go on from here: a sum that falls would read as a reset.
        rows = [stream.totals.pop(market).row]
        if market in self.retired:
            rows.append(self.retired[market])
        self.retired[market] = merge_rows(rows)


def parse_key(key: str) -> Place | None:
    """Return what a `windows` key is about, or None for a key that is none of ours.

    >>> parse_key("live%7C1|US|total")
    Place(stream='live|1', market='US', start_ms=None)
    """
    parts = _KEY.fullmatch(key)
    if parts is None:
        return None
    stream = parts[1].replace("%7C", "|").replace("%25", "%")
    return Place(stream, parts[2], None if parts[3] == TOTAL else int(parts[3]))


def _known_upto(stream: Stream, place: Place) -> int:
    if place.start_ms is None:
        group = stream.totals.get(place.market)
        return group.upto if group else -1
    bucket = stream.buckets.get(place.market, {}).get(place.start_ms)
    return bucket.upto if bucket else -1


def _apply_total(stream: Stream, row: WindowRow, upto: int, seen_at: float) -> Outcome:
    before = stream.totals.get(row.market)
    if before and upto < before.upto:
        return Outcome.STALE
    known = before.labels_seen_at if before else {}
    new = (row.languages.keys() | row.amount_minor.keys() | row.refund_minor.keys()) - known.keys()
    # Sorted, because who comes first keeps a label of its own when there are too many.
    labels_seen_at = {**known, **dict.fromkeys(sorted(new), seen_at)} if new else known
    stream.totals[row.market] = Group(
        row, upto, before.seen_at if before else seen_at, labels_seen_at
    )
    return Outcome.APPLIED


def _apply_bucket(stream: Stream, row: WindowRow, start_ms: int, upto: int) -> Outcome:
    buckets = stream.buckets.setdefault(row.market, {})
    before = buckets.get(start_ms)
    if before and upto < before.upto:
        return Outcome.STALE
    stream.newest_ms = max(stream.newest_ms, start_ms)
    if start_ms <= stream.newest_ms - BUCKET_HORIZON_MS:
        return Outcome.STALE
    stream.newest[row.market] = max(start_ms, stream.newest.get(row.market, 0))
    buckets[start_ms] = Bucket(
        upto=upto,
        comments=row.comments,
        unmasked=sum(row.sentiment.values()),
        negative=row.sentiment.get("negative", 0),
        questions=row.signals.get("question", 0),
        complaints=row.signals.get("complaint", 0),
        orders=row.purchases.get("paid", 0),
        authors=row.authors,
    )
    for old_ms in [at for at in buckets if at <= stream.newest_ms - BUCKET_HORIZON_MS]:
        del buckets[old_ms]
    return Outcome.APPLIED
