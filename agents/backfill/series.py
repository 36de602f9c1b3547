"""Window rows of a replay -> the board's series, at the stream's own times.

Cumulative per stream and market (what happened on stage: per stream), a sample at the end of each
10 s bucket. Every series begins with 0 one bucket before: born with a value it had no increase.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from operator import attrgetter
from typing import Final, NamedTuple

from resonance.agents.board.cells import AUTHOR_WINDOWS_MS
from resonance.agents.board.counters import COUNTERS, STAGE_EVENTS, Kind
from resonance.agents.board.floors import AlertFloors
from resonance.agents.errors import UsageError
from resonance.streams.fold.authors import AUTHOR_CLASSES
from resonance.streams.measures import merge_rows
from resonance.streams.windows import BUCKET_MS, ROOM, WindowRow, decode_row

PREFIX: Final = "resonance_"
MONEY: Final = {"purchase_amount_minor": "amount_minor", "refund_amount_minor": "refund_minor"}

Labels = tuple[tuple[str, str], ...]


class Key(NamedTuple):
    """One series: its family without `_total`, the family's type, its labels in order."""

    family: str
    kind: str  # counter or gauge.
    labels: Labels


class Sample(NamedTuple):
    """A value at a time, in milliseconds since 1970."""

    at_ms: int
    value: float


Series = dict[Key, list[Sample]]
Values = Iterable[tuple[str, Labels, int]]  # Family, label beside those of the row, value.


def series_of(rows: Mapping[str, bytes], floors: AlertFloors, replay_id: str = "") -> Series:
    """Return every series, sorted by family and labels, its samples by time.

    With a `replay_id` all have the label `replay`, so that they never merge with live ones. Raises
    `UsageError` where a stream's buckets do not add up to its totals.
    """
    found: Series = {}
    extra = (("replay", replay_id),) if replay_id else ()
    for stream, its_rows in rows_by_stream(rows).items():
        for key, sample in _of_stream(stream, its_rows, floors):
            labels = (*key.labels, *extra)
            found.setdefault(key._replace(labels=labels), []).append(sample)
    return dict(sorted(found.items()))


def rows_by_stream(rows: Mapping[str, bytes]) -> dict[str, list[WindowRow]]:
    """Return the rows of each stream, as they come."""
    streams: dict[str, list[WindowRow]] = {}
    for row in map(decode_row, rows.values()):
        streams.setdefault(row.stream, []).append(row)
    return streams


def _of_stream(
    stream: str, rows: list[WindowRow], floors: AlertFloors
) -> Iterator[tuple[Key, Sample]]:
    buckets: dict[str, dict[int, WindowRow]] = {}
    totals = {row.market: row for row in rows if row.start_ms is None}
    for row in rows:
        if row.start_ms is not None:
            buckets.setdefault(row.market, {})[row.start_ms] = row
    starts = sorted({start for of_market in buckets.values() for start in of_market})
    if not starts:
        return
    grid = range(starts[0], starts[-1] + BUCKET_MS, BUCKET_MS)
    yield from _about_the_stream(stream, totals.get(ROOM), grid)
    for market, total in sorted(totals.items()):
        of_market = buckets.get(market, {})
        empty = WindowRow(stream=stream, market=market)
        kinds = (STAGE_EVENTS,) if market == ROOM else COUNTERS
        _refuse_a_difference(merge_rows([empty, *_in_order(of_market)]), total, kinds)
        if market == ROOM:
            yield from _counters((("stream", stream),), of_market, grid, empty, _of_room)
            continue
        labels = (("stream", stream), ("market", market))
        yield from _counters(labels, of_market, grid, empty, partial(_of_market, total=total))
        yield from _gauges(labels, of_market, grid, floors.of(market))


def _in_order(of_market: Mapping[int, WindowRow]) -> Iterable[WindowRow]:
    return sorted(of_market.values(), key=attrgetter("start_ms"))


def _refuse_a_difference(whole: WindowRow, total: WindowRow, kinds: Iterable[Kind]) -> None:
    for kind in kinds:
        added, expected = kind.read(whole), kind.read(total)
        if added != expected:
            message = (
                f"stream {total.stream}, market {total.market}: the buckets of {kind.name} add up "
                f"to {added}, the total says {expected}. Replay the whole stream, not a part"
            )
            raise UsageError(message)


def _read(kinds: Iterable[Kind], row: WindowRow) -> Values:
    for kind in kinds:
        for name, value in kind.read(row).items():
            yield kind.name, (((kind.label, name),) if kind.label else ()), value


def _of_room(row: WindowRow) -> Values:
    return _read((STAGE_EVENTS,), row)


def _of_market(row: WindowRow, total: WindowRow) -> Values:
    """Yield the value of every counter; of the currencies that `total` knows, 0 too."""
    yield from _read(COUNTERS, row)
    for family, field in MONEY.items():
        paid = getattr(row, field)
        for currency in sorted({*total.amount_minor, *total.refund_minor}):
            yield family, (("currency", currency),), paid.get(currency, 0)


def _counters(
    labels: Labels,
    of_market: Mapping[int, WindowRow],
    grid: range,
    so_far: WindowRow,
    values: Callable[[WindowRow], Values],
) -> Iterator[tuple[Key, Sample]]:
    for at_ms in (grid.start, *(start + BUCKET_MS for start in grid)):
        if (row := of_market.get(at_ms - BUCKET_MS)) is not None:
            so_far = merge_rows([so_far, row])
        for family, label, value in values(so_far):
            yield Key(PREFIX + family, "counter", labels + label), Sample(at_ms, value)


def _gauges(
    labels: Labels, of_market: Mapping[int, WindowRow], grid: range, floor_ratio: float
) -> Iterator[tuple[Key, Sample]]:
    open_questions = 0
    newest: WindowRow | None = None
    newest_end_ms = 0
    for at_ms in (grid.start, *(start + BUCKET_MS for start in grid)):
        if (row := of_market.get(at_ms - BUCKET_MS)) is not None:
            newest, newest_end_ms = row, at_ms
            closed = row.questions_answered + row.questions_stale
            open_questions += row.questions_opened - closed
        yield (
            Key(f"{PREFIX}questions_open", "gauge", labels),
            Sample(at_ms, max(open_questions, 0)),
        )
        yield Key(f"{PREFIX}alert_floor_ratio", "gauge", labels), Sample(at_ms, floor_ratio)
        for window, span_ms in AUTHOR_WINDOWS_MS.items():
            # After a silence as long as the window, nobody wrote within it.
            heard = newest is not None and at_ms - newest_end_ms < span_ms
            authors = newest.authors.get(window, {}) if newest is not None and heard else {}
            for which in AUTHOR_CLASSES:
                parts = (*labels, ("class", which), ("window", window))
                key = Key(f"{PREFIX}window_authors", "gauge", parts)
                yield key, Sample(at_ms, authors.get(which, 0))


def _about_the_stream(
    stream: str, room: WindowRow | None, grid: range
) -> Iterator[tuple[Key, Sample]]:
    labels = (("stream", stream),)
    started_ms = grid.start if room is None or room.started_at_ms is None else room.started_at_ms
    for at_ms in (grid.start, *(start + BUCKET_MS for start in grid)):
        ended = room is not None and room.ended and at_ms >= grid.stop
        for name, value in (
            ("watermark_timestamp_seconds", at_ms / 1000),
            ("stream_live", float(not ended)),
            ("stream_start_timestamp_seconds", started_ms / 1000),
        ):
            yield Key(PREFIX + name, "gauge", labels), Sample(at_ms, value)
