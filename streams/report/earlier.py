"""The totals of an earlier stream -> what a report sets beside its own stream."""

from collections.abc import Mapping

from resonance.streams.measures import negative_share, share
from resonance.streams.replaying.log import StreamPast
from resonance.streams.report.facts import Earlier
from resonance.streams.scoreboard.build import points_of, scoreboard
from resonance.streams.scoreboard.resonance import PastMarket
from resonance.streams.windows import ROOM, WindowRow


def earlier_of(room: WindowRow, started_at_ms: int) -> Earlier:
    """Return an earlier stream's line; `room` is its total over all markets."""
    return Earlier(
        stream=room.stream,
        started_at_ms=started_at_ms,
        comments=room.comments,
        commenters=room.commenters,
        negative_share=negative_share(room).value,
        orders=room.purchases.get("paid", 0),
        answered_share=share(room.questions_answered, room.questions_opened).value,
    )


def past_market(row: WindowRow, room: WindowRow, past: StreamPast) -> PastMarket:
    """Return what is kept of a market's total, or of the room's; `past`: of its stream."""
    found = scoreboard(row, room, past.questions)
    return PastMarket(row.commenters, returned_to(row.market, past.returned), points_of(found))


def returned_to(market: str, returned: Mapping[str, int] | None) -> int | None:
    """Return a market's returned viewers, or the room's: the sum, as each counts in one market."""
    if returned is None:
        return None
    return sum(returned.values()) if market == ROOM else returned.get(market, 0)
