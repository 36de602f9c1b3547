"""A stream's state, as the rows that are written of it."""

from resonance.streams.fold.askers import Outcomes
from resonance.streams.fold.market import MarketFold
from resonance.streams.fold.order import FOREVER_MS, NEVER_MS
from resonance.streams.fold.questions import Cluster, wanted
from resonance.streams.fold.stream import StreamFold
from resonance.streams.fold.sums import Sums
from resonance.streams.windows import ROOM, WindowRow


def take_rows(stream: StreamFold) -> list[WindowRow]:
    """Return the rows that changed since the last call, buckets before totals."""
    rows: list[WindowRow] = []
    open_questions = stream.questions.open_by_market()
    for name, fold in sorted(stream.markets.items()):
        rows += [_bucket_row(stream.stream, name, fold, start) for start in sorted(fold.changed)]
        if fold.total_changed:
            row = _total_row(stream.stream, name, fold, fold.total())
            if clusters := open_questions.get(name):
                row.questions_open = len(clusters)
                row.question_oldest_ms = clusters[0].first_asked_ms
                row.open_questions = wanted(clusters)
            if outcomes := stream.askers.outcomes.get(name):
                row.askers = outcomes.filled()
            rows.append(row)
    rows += [
        _bucket_row(stream.stream, ROOM, stream.room, start, _room_sums(stream, start))
        for start in sorted(stream.room.changed)
    ]
    if stream.room.total_changed:
        rows.append(_room_total(stream, open_questions))
    for fold in (stream.room, *stream.markets.values()):
        fold.changed.clear()
        fold.total_changed = False
    return rows


def _bucket_row(
    stream: str, name: str, fold: MarketFold, start_ms: int, sums: Sums | None = None
) -> WindowRow:
    """Return the row of one bucket; `sums` are the whole room's, where it is that."""
    bucket = fold.look(start_ms)
    row = (sums or bucket.sums).fill(WindowRow(stream=stream, market=name, start_ms=start_ms))
    row.commenters = bucket.commenters.count()
    row.buyers = bucket.buyers.count()
    row.authors = fold.authors.until(start_ms)
    return row


def _total_row(stream: str, name: str, fold: MarketFold, sums: Sums) -> WindowRow:
    """Return the row since the stream's start; `sums` are the market's, or the whole room's."""
    row = sums.fill(WindowRow(stream=stream, market=name))
    row.commenters = fold.commenters.count()
    row.buyers = fold.buyers.count()
    return row


def _room_sums(stream: StreamFold, start_ms: int) -> Sums:
    sums = Sums()
    for fold in (stream.room, *stream.markets.values()):
        if fold.has_bucket(start_ms):
            sums.add(fold.look(start_ms).sums)
    return sums


def _room_total(stream: StreamFold, open_questions: dict[str, list[Cluster]]) -> WindowRow:
    sums = Sums()
    for fold in (stream.room, *stream.markets.values()):
        sums.add(fold.total())
    row = _total_row(stream.stream, ROOM, stream.room, sums)
    row.stream_markets = stream.stream_markets
    begun_ms = stream.first_event_ms if stream.started_at_ms is None else stream.started_at_ms
    row.started_at_ms = None if begun_ms == FOREVER_MS else begun_ms
    row.watermark_ms = _shown_watermark_ms(stream)
    row.ended = stream.ended_at_ms is not None
    row.product, row.viewers = stream.product, stream.viewers
    row.too_late, row.duplicates = stream.too_late, stream.duplicates
    row.questions_open = sum(map(len, open_questions.values()))
    row.askers = _room_askers(stream)
    row.question_oldest_ms = min(
        (clusters[0].first_asked_ms for clusters in open_questions.values()), default=None
    )
    return row


def _room_askers(stream: StreamFold) -> dict[str, int]:
    """Return the sums over the markets: an asker is in one of them only."""
    room = Outcomes()
    for outcomes in stream.askers.outcomes.values():
        room.add(outcomes)
    return room.filled()


def _shown_watermark_ms(stream: StreamFold) -> int | None:
    if stream.ended_at_ms is not None:
        return stream.ended_at_ms
    watermark_ms = stream.progress.watermark_ms
    if watermark_ms == FOREVER_MS:  # A whole file.
        return stream.last_event_ms
    return None if watermark_ms == NEVER_MS else watermark_ms
