"""A replayed log -> the report of one of its streams."""

from collections.abc import Mapping, Sequence

from resonance.streams.currencies import minor_digits
from resonance.streams.measures import MINUTE_MS, gmv_minor, share, summary, unmasked_comments
from resonance.streams.replaying.log import Replayed, StreamPast
from resonance.streams.report.asked import questions
from resonance.streams.report.compare import compare
from resonance.streams.report.earlier import returned_to
from resonance.streams.report.facts import (
    Earlier,
    MarketFacts,
    PageFacts,
    QualityFacts,
    Report,
)
from resonance.streams.report.sentences import what_happened
from resonance.streams.report.timeline import timeline
from resonance.streams.report.trouble import friction, moments, paging
from resonance.streams.scoreboard.build import Scoreboard, scoreboard
from resonance.streams.scoreboard.resonance import PastMarket
from resonance.streams.windows import BUCKET_MS, ROOM, UNKNOWN_MARKET, WindowRow


class NoSuchStreamError(LookupError):
    """The log holds nothing of the stream; the message names those that it holds."""


def build_report(
    replayed: Replayed,
    stream: str,
    *,
    earlier: Sequence[Earlier] = (),
    past_markets: Mapping[str, Sequence[PastMarket]] = {},
    floors: Mapping[str, float] = {},
    against: str | None = None,
) -> Report:
    """Return the report of one stream. Raises NoSuchStreamError when the log has none of it.

    `earlier`: the channel's streams before this one, the last first; `past_markets`: their markets,
    and the room as `*`. `floors`: alert floors of markets with their own. `against`: another stream
    of the log to hold this one against.
    """
    rows, totals = _rows(replayed, stream)
    past, room = replayed.streams[stream], totals[ROOM]
    start_ms, end_ms = _span_ms(rows, room)
    paged = paging(rows, start_ms, floors)
    asked = questions(past.questions, room, end_ms)
    worst = moments(past.moments, past.markers)
    rubs = friction(totals)
    return Report(
        stream=past.stream,
        channel=past.channel,
        platform=past.platform,
        started_at_ms=start_ms,
        ended_at_ms=end_ms,
        what_happened=what_happened(
            rows,
            totals,
            (start_ms, end_ms),
            paged=paged,
            moments=worst,
            questions=asked,
            friction=rubs,
        ),
        room=summary(room, room),
        markets=_markets(rows, totals, paged),
        timeline=timeline(rows, past.markers, start_ms, end_ms),
        moments=worst,
        complaint_topics={
            market: dict(sorted(row.complaint_topics.items(), key=lambda e: (-e[1], e[0])))
            for market, row in _by_size(totals)
            if row.complaint_topics
        },
        friction=rubs,
        questions=asked,
        repeat_viewers=room.repeat_viewers,
        returned_viewers=returned_to(ROOM, past.returned),
        scoreboards=_scoreboards(past, totals, past_markets),
        pages=paged,
        quality=_quality(room, totals),
        earlier=list(earlier),
        against=against,
        differences=[] if against is None else compare(totals, _rows(replayed, against)[1]),
        currency_digits={
            currency: minor_digits(currency)
            for currency in sorted({c for row in totals.values() for c in gmv_minor(row)})
        },
    )


def _rows(replayed: Replayed, stream: str) -> tuple[Sequence[WindowRow], Mapping[str, WindowRow]]:
    """Return a stream's rows, and its totals by market."""
    rows = replayed.rows_of(stream)
    totals = {row.market: row for row in rows if row.start_ms is None}
    if stream not in replayed.streams or ROOM not in totals:
        known = ", ".join(sorted(replayed.streams)) or "none"
        message = f"no stream {stream!r} here; there are: {known}"
        raise NoSuchStreamError(message)
    return rows, totals


def _span_ms(rows: Sequence[WindowRow], room: WindowRow) -> tuple[int, int]:
    """Return when the stream began and ended; by its buckets where nobody said so."""
    starts = [row.start_ms for row in rows if row.start_ms is not None]
    first_ms, last_ms = min(starts, default=0), max(starts, default=0) + BUCKET_MS
    start_ms = first_ms if room.started_at_ms is None else room.started_at_ms
    end_ms = last_ms if room.watermark_ms is None else room.watermark_ms
    return start_ms, max(end_ms, start_ms)


def _by_size(totals: Mapping[str, WindowRow]) -> list[tuple[str, WindowRow]]:
    markets = [(market, row) for market, row in totals.items() if market != ROOM]
    return sorted(markets, key=lambda entry: (-entry[1].comments, entry[0]))


def _markets(
    rows: Sequence[WindowRow], totals: Mapping[str, WindowRow], paged: PageFacts
) -> list[MarketFacts]:
    room = totals[ROOM]
    found = []
    for market, row in _by_size(totals):
        spans = [(p.since_ms, p.until_ms) for p in paged.today if p.market == market]
        calm, during = _orders_per_minute(rows, market, spans)
        found.append(MarketFacts(market, summary(row, room), calm, during))
    return found


def _scoreboards(
    past: StreamPast,
    totals: Mapping[str, WindowRow],
    past_markets: Mapping[str, Sequence[PastMarket]],
) -> list[Scoreboard]:
    """Return the four V of the room, then of its markets by size."""
    room = totals[ROOM]
    return [
        scoreboard(
            row,
            room,
            past.questions,
            returned=returned_to(market, past.returned),
            past=past_markets.get(market, ()),
        )
        for market, row in [(ROOM, room), *_by_size(totals)]
    ]


def _orders_per_minute(
    rows: Sequence[WindowRow], market: str, spans: Sequence[tuple[int, int]]
) -> tuple[float | None, float | None]:
    """Return orders per minute outside of the spans and within them."""
    counts = {False: 0, True: 0}
    buckets = {False: 0, True: 0}
    for row in rows:
        if row.market != market or row.start_ms is None:
            continue
        within = any(since <= row.start_ms < until for since, until in spans)
        counts[within] += row.purchases.get("paid", 0)
        buckets[within] += 1
    per_minute = MINUTE_MS / BUCKET_MS
    rates = {w: round(counts[w] / n * per_minute, 2) if (n := buckets[w]) else None for w in counts}
    return rates[False], rates[True]


def _quality(room: WindowRow, totals: Mapping[str, WindowRow]) -> QualityFacts:
    viewers = room.comments - room.staff_comments
    unknown = totals.get(UNKNOWN_MARKET)
    unscored = room.sentiment.get("unscored", 0)
    return QualityFacts(
        comments=room.comments,
        unknown_market=share(unknown.comments if unknown else 0, room.comments),
        undetermined_language=share(room.languages.get("und", 0), viewers),
        late=share(room.late_comments, room.comments),
        too_late=room.too_late,
        duplicates=room.duplicates,
        masked=sum(room.masked.values()),
        unscored=share(unscored, unmasked_comments(room)),
        scorers=room.scorers,
    )
