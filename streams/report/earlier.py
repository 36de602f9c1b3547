"""The totals of an earlier stream -> its line beside the report's own stream."""

from resonance.streams.measures import negative_share, share
from resonance.streams.report.facts import Earlier
from resonance.streams.windows import WindowRow


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
