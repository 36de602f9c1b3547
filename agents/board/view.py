"""What the board knows -> what the page and the JSON API show: numbers by docs/measures.md."""

from typing import Final

import msgspec

from resonance.agents.board.comments import Comments
from resonance.agents.board.floors import AlertFloors
from resonance.agents.board.state import BUCKET_HORIZON_MS, Bucket, Stream
from resonance.streams.currencies import minor_digits
from resonance.streams.measures import Share, gmv_minor, share, summary
from resonance.streams.scoreboard.build import scoreboard
from resonance.streams.scoreboard.words import V_ASKS, V_TITLES, score_lines
from resonance.streams.windows import BUCKET_MS, ROOM, WindowRow

RECENT_MS: Final = {"1m": 60_000, "3m": 180_000}
COMMENTS_SHOWN: Final = 12
STAFF_COMMENTS_SHOWN: Final = 3
ALERT_NEGATIVES: Final = 8  # Fewer negative comments in 3 minutes call nobody.
TROUBLE_STEP: Final = 0.05

Json = dict[str, object]


class Recent(msgspec.Struct, frozen=True):
    """The last minutes of a market, up to the stream's watermark."""

    comments: int
    comments_per_minute: float | None
    negative: int
    negative_share: Share
    questions: int
    complaints: int
    orders: int


def stream_line(stream: Stream) -> Json:
    """Return one line of the list of streams."""
    room = stream.room or WindowRow(stream=stream.name, market=ROOM)
    return {
        "stream": stream.name,
        "started_at_ms": room.started_at_ms,
        "watermark_ms": room.watermark_ms,
        "ended": room.ended,
        "comments": room.comments,
        "markets": sum(market != ROOM for market in stream.totals),
    }


def stream_view(stream: Stream, floors: AlertFloors) -> Json:
    """Return everything about one stream: the room, and its markets by trouble, worst first."""
    room = stream.room or WindowRow(stream=stream.name, market=ROOM)
    markets = [
        _market_view(stream, group.row, room, floors.of(market))
        for market, group in stream.totals.items()
        if market != ROOM
    ]
    return {
        **stream_line(stream),
        "product": room.product,
        "viewers": room.viewers,
        "stream_markets": room.stream_markets,
        "too_late": room.too_late,
        "duplicates": room.duplicates,
        "currency_digits": _currency_digits(stream),
        "room": _market_view(stream, room, room, floors.everywhere),
        "markets": sorted(markets, key=_by_trouble),
    }


def with_comments(view: Json, comments: Comments, now_ms: int) -> Json:
    """Return the view with each market's last comments, and the last ones of host and staff."""
    name = str(view["stream"])
    markets: list[Json] = []
    for market in view["markets"]:  # type: ignore[attr-defined]  # Our own list, from above.
        lines = comments.latest(name, market["market"], now_ms=now_ms, count=COMMENTS_SHOWN)
        markets.append({**market, "latest": lines})
    staff = comments.latest(name, ROOM, now_ms=now_ms, count=STAFF_COMMENTS_SHOWN)
    return {**view, "markets": markets, "staff": staff}


def recent(stream: Stream, market: str, span_ms: int) -> Recent:
    """Return the sums over the last `span_ms` of event time; its first 10 s may be cut short."""
    since_ms = stream.position_ms // BUCKET_MS * BUCKET_MS - span_ms + BUCKET_MS
    room = stream.room
    start_ms = max(since_ms, room.started_at_ms or 0) if room else since_ms
    seen_ms = stream.position_ms - start_ms
    buckets = [b for at, b in stream.buckets.get(market, {}).items() if at >= since_ms]
    comments = sum(bucket.comments for bucket in buckets)
    negative = sum(bucket.negative for bucket in buckets)
    return Recent(
        comments=comments,
        # A rate over less than one bucket says more about chance than about chat.
        comments_per_minute=round(comments * 60_000 / seen_ms, 1) if seen_ms >= BUCKET_MS else None,
        negative=negative,
        negative_share=share(negative, sum(bucket.unmasked for bucket in buckets)),
        questions=sum(bucket.questions for bucket in buckets),
        complaints=sum(bucket.complaints for bucket in buckets),
        orders=sum(bucket.orders for bucket in buckets),
    )


def _market_view(stream: Stream, row: WindowRow, room: WindowRow, floor_ratio: float) -> Json:
    minutes = {name: recent(stream, row.market, span) for name, span in RECENT_MS.items()}
    return {
        "market": row.market,
        **summary(row, room),
        "recent": minutes,
        "floor_ratio": floor_ratio,
        "level": _level(minutes["3m"], floor_ratio),
        "four": four_view(row, room),
        "buckets": _bucket_series(stream, row.market),
    }


def four_view(row: WindowRow, room: WindowRow) -> list[Json]:
    """Return the four V so far, and in words what each rests on.

    Without the channel's past, which the board does not know: Vibration rests on warmth.
    """
    return [
        {
            "name": v.name,
            "title": V_TITLES[v.name],
            "asks": V_ASKS[v.name],
            "score": v.score,
            "because": [line.text for line in score_lines(v)],
        }
        for v in scoreboard(row, room).four
    ]


def _currency_digits(stream: Stream) -> dict[str, int]:
    currencies = {name for group in stream.totals.values() for name in gmv_minor(group.row)}
    return {currency: minor_digits(currency) for currency in sorted(currencies)}


def _level(recent_minutes: Recent, floor_ratio: float) -> str:
    """Return calm, watch or alert: how sure it is that the mood is below the market's floor."""
    found = recent_minutes.negative_share
    if found.low > floor_ratio and recent_minutes.negative >= ALERT_NEGATIVES:
        return "alert"
    if (found.value or 0) > floor_ratio and recent_minutes.negative >= ALERT_NEGATIVES // 2:
        return "watch"
    return "calm"


def _by_trouble(market: Json) -> tuple[float, int, int, str]:
    """Sort by what is surely negative, in steps so that tiles do not jump; then by complaints."""
    minutes = market["recent"]
    assert isinstance(minutes, dict)
    last = minutes["3m"]
    steps = last.negative_share.low // TROUBLE_STEP if last.negative_share.n else 0
    return -steps, -last.complaints, -int(str(market["comments"])), str(market["market"])


def _bucket_series(stream: Stream, market: str) -> Json:
    """Return comments and negatives per 10 s on one grid for all markets, oldest first."""
    end_ms = stream.position_ms // BUCKET_MS * BUCKET_MS
    room = stream.room
    started_ms = (room.started_at_ms or 0) // BUCKET_MS * BUCKET_MS if room else 0
    start_ms = max(end_ms - BUCKET_HORIZON_MS + BUCKET_MS, started_ms)
    known = stream.buckets.get(market, {})
    empty = Bucket(0, 0, 0, 0, 0, 0, 0, {})
    buckets = [known.get(at, empty) for at in range(start_ms, end_ms + 1, BUCKET_MS)]
    return {
        "start_ms": start_ms,
        "step_ms": BUCKET_MS,
        "comments": [bucket.comments for bucket in buckets],
        "unmasked": [bucket.unmasked for bucket in buckets],
        "negative": [bucket.negative for bucket in buckets],
        "orders": [bucket.orders for bucket in buckets],
    }
