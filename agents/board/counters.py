"""The counters that totals give: one line each of the table in docs/contracts.md."""

from collections.abc import Callable
from typing import Final, NamedTuple

from resonance.agents.board.labels import closed
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS
from resonance.streams.fold.sums import (
    MASKS,
    NO_TOPIC,
    PURCHASE_STATES,
    SENTIMENT_CLASSES,
    STAGE_ACTIONS,
)
from resonance.streams.windows import WindowRow


class Kind(NamedTuple):
    """One counter: its label beside those of the row, and how a row gives the values."""

    name: str
    help: str
    label: str | None
    read: Callable[[WindowRow], dict[str, int]]


# Of each market of a stream.
COUNTERS: Final = (
    Kind(
        "comments",
        "Unmasked comments of viewers, by sentiment.",
        "sentiment",
        lambda row: closed(row.sentiment, SENTIMENT_CLASSES),
    ),
    Kind(
        "masked_comments",
        "Comments within a giveaway, a vote, a raid or a burst of duplicates.",
        "reason",
        lambda row: closed(row.masked, MASKS),
    ),
    Kind(
        "signals",
        "Flags raised by unmasked comments; one comment can raise several.",
        "signal",
        lambda row: closed(row.signals, SIGNALS),
    ),
    Kind(
        "complaints",
        "Unmasked comments that complain.",
        None,
        lambda row: {"": row.signals.get("complaint", 0)},
    ),
    Kind(
        "complaint_topics",
        "What complaints are about; one complaint can have several topics.",
        "topic",
        lambda row: closed(row.complaint_topics, (*TOPICS, NO_TOPIC)),
    ),
    Kind(
        "friction",
        "Unmasked comments in which cultures collide, by category.",
        "category",
        lambda row: closed({c: f.count for c, f in row.friction.items()}, FRICTION_CATEGORIES),
    ),
    Kind(
        "questions",
        "Unmasked comments that ask.",
        None,
        lambda row: {"": row.signals.get("question", 0)},
    ),
    Kind(
        "questions_answered",
        "Clusters of questions that the host answered.",
        None,
        lambda row: {"": row.questions_answered},
    ),
    Kind(
        "viewer_comments",
        "Comments of viewers, masked ones too: the first of a viewer, or a later one.",
        "viewer",
        lambda row: {
            "first": row.first_comments,
            "again": max(row.comments - row.staff_comments - row.first_comments, 0),
        },
    ),
    Kind(
        "repeat_viewers",
        "Viewers who came back after 10 minutes or more without a comment.",
        None,
        lambda row: {"": row.repeat_viewers},
    ),
    Kind(
        "purchases",
        "Orders by state, at the time of each change of state.",
        "state",
        lambda row: closed(row.purchases, PURCHASE_STATES),
    ),
)
# Of the room: what happens on stage happens to all markets.
STAGE_EVENTS: Final = Kind(
    "stage_events",
    "What happened on stage: giveaways, products, prices, votes, raids, start and end.",
    "action",
    lambda row: closed(row.stage, STAGE_ACTIONS),
)
