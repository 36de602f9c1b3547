"""What the dashboard of a past stream shows; of counters alone, so that a backfill can feed it."""

from typing import Final

from panels import GREEN, ORANGE, RED, YELLOW, Panel, query, stat, state_timeline, timeseries
from sections import CHOSEN, NEGATIVE, PER_MINUTE, SCORED, SENTIMENT_COLORS, SHARE_STEPS, per_minute

# Wide enough for any range: a past stream is looked at as a whole.
WHOLE: Final = "[$__range]"


def _sum(metric: str, labels: str = CHOSEN) -> str:
    """Return how much a counter grew over the whole range shown."""
    return f"sum(increase(resonance_{metric}{{{labels}}}{WHOLE}))"


def in_all() -> list[Panel]:
    """Return what the range shown comes to."""
    negative = _sum("comments_total", f'{CHOSEN}, sentiment="negative"')
    scored = _sum("comments_total", f'{CHOSEN}, sentiment!="unscored"')
    return [
        stat(
            "Comments",
            "Of viewers, in the range shown; giveaways, votes, raids and bursts left out.",
            query(_sum("comments_total")),
            unit="short",
        ),
        stat(
            "Negative share",
            "Of all comments that were scored, in the range shown.",
            query(f"{negative} / {scored}"),
            unit="percentunit",
            steps=SHARE_STEPS,
        ),
        stat(
            "Complaints",
            "Comments that complain, in the range shown.",
            query(_sum("complaints_total")),
            unit="short",
        ),
        stat(
            "Questions asked",
            "Comments that ask, in the range shown.",
            query(_sum("questions_total")),
            unit="short",
        ),
        stat(
            "Questions answered",
            "Clusters of the same question that the host or a moderator answered.",
            query(_sum("questions_answered_total")),
            unit="short",
        ),
        stat(
            "Orders",
            "Paid, in the range shown.",
            query(_sum("purchases_total", f'{CHOSEN}, state="paid"')),
            unit="short",
        ),
    ]


def over_time() -> list[Panel]:
    """Return the course of the stream, market by market."""
    negative, scored = (f"sum by (market) ({part})" for part in (NEGATIVE, SCORED))
    return [
        state_timeline(
            "Negative share by market",
            "One line a market; a gap: fewer than five scored comments a minute.",
            query(f"{negative} / ({scored} > 5 / 60)", "{{market}}"),
            unit="percentunit",
            steps=((None, GREEN), (0.10, YELLOW), (0.15, ORANGE), (0.25, RED)),
            interval="1m",
        ),
        timeseries(
            "Comments by market",
            "A minute.",
            query(per_minute("comments_total", "market"), "{{market}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Comments by sentiment",
            "A minute, stacked.",
            query(per_minute("comments_total", "sentiment"), "{{sentiment}}"),
            unit=PER_MINUTE,
            stacked=True,
            colors=SENTIMENT_COLORS,
        ),
        timeseries(
            "Complaints by topic",
            "A minute. A complaint can have several topics.",
            query(per_minute("complaint_topics_total", "topic"), "{{topic}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Friction by category",
            "Comments a minute in which habits of two cultures collide.",
            query(per_minute("friction_total", "category"), "{{category}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Masked comments by reason",
            "A minute, stacked: giveaways, votes, raids and bursts.",
            query(per_minute("masked_comments_total", "reason"), "{{reason}}"),
            unit=PER_MINUTE,
            stacked=True,
        ),
    ]


def what_it_cost() -> list[Panel]:
    """Return questions and purchases beside the mood."""
    return [
        timeseries(
            "Questions asked and answered",
            "Comments that ask, and clusters that were answered, a minute.",
            query(per_minute("questions_total"), "asked"),
            query(per_minute("questions_answered_total"), "answered"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Orders by market",
            "Paid, a minute.",
            query(per_minute("purchases_total", "market", f'{CHOSEN}, state="paid"'), "{{market}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Orders by state",
            "A minute, at the time of each change: cancellations often follow complaints.",
            query(per_minute("purchases_total", "state"), "{{state}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Viewers: first and repeated comments",
            "A minute, stacked. A room that only has first comments passes by.",
            query(per_minute("viewer_comments_total", "viewer"), "{{viewer}}"),
            unit=PER_MINUTE,
            stacked=True,
        ),
    ]
