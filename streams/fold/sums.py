"""What is added up in one bucket: numbers that a larger window gets by adding."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, get_args

import msgspec
from msgspec.structs import astuple

from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SCORER_TIERS, SIGNALS, TOPICS
from resonance.streams.events import StageAction
from resonance.streams.windows import ANSWER_BOUNDS_SECONDS, FrictionSum, WindowRow

SENTIMENT_CLASSES: Final = ("negative", "neutral", "positive", "unscored")
MASKS: Final = ("giveaway", "vote", "raid", "duplicate")
MARKET_SOURCES: Final = ("declared", "order", "stream", "language", "unknown")
PURCHASE_STATES: Final = ("paid", "cancelled", "refunded")
NO_TOPIC: Final = "none"
# What explains a change of mood. Viewer counts and captions come every few seconds and explain
# none; deleted comments have a number of their own.
STAGE_ACTIONS: Final = tuple(
    action
    for action in get_args(StageAction)
    if action not in {"caption", "viewers", "comment_deleted"}
)
ANSWER_LABELS: Final = (*map(str, ANSWER_BOUNDS_SECONDS), "more")


class Sums(msgspec.Struct, omit_defaults=True):
    """Sums of one bucket, or of many; the fields are those of `WindowRow` that can be added."""

    comments: int = 0
    staff_comments: int = 0
    deleted_comments: int = 0
    late_comments: int = 0
    first_comments: int = 0
    repeat_viewers: int = 0
    questions_opened: int = 0
    questions_answered: int = 0
    questions_stale: int = 0
    units: int = 0
    masked: dict[str, int] = {}
    sentiment: dict[str, int] = {}
    signals: dict[str, int] = {}
    topics: dict[str, int] = {}
    complaint_topics: dict[str, int] = {}
    friction_counts: dict[str, int] = {}
    friction_severities: dict[str, int] = {}
    languages: dict[str, int] = {}
    market_sources: dict[str, int] = {}
    scorers: dict[str, int] = {}
    purchases: dict[str, int] = {}
    amount_minor: dict[str, int] = {}
    refund_minor: dict[str, int] = {}
    answer_seconds: dict[str, int] = {}
    stage: dict[str, int] = {}

    def add(self, other: "Sums", times: int = 1) -> None:
        """Add `other` to this, field by field; -1 times takes it away again."""
        # Most fields of most buckets are empty: looked at all at once, they cost little.
        for name, value in zip(_FIELDS, astuple(other), strict=True):
            if not value:
                continue
            mine = getattr(self, name)
            if isinstance(value, int):
                setattr(self, name, mine + value * times)
            else:
                for label, count in value.items():
                    mine[label] = mine.get(label, 0) + count * times

    def fill(self, row: WindowRow) -> WindowRow:
        """Write the sums into a new `row`: dicts without zeros, in vocabulary order; return it."""
        for name, value in zip(_FIELDS, astuple(self), strict=True):
            if not value or name in _FRICTION:
                continue
            setattr(row, name, value if isinstance(value, int) else ordered(value, _ORDERS[name]))
        if self.friction_counts:
            row.friction = {
                category: FrictionSum(count, self.friction_severities.get(category, 0))
                for category, count in ordered(self.friction_counts, FRICTION_CATEGORIES).items()
            }
        return row


# Open vocabularies (languages, currencies) have no order of their own: alphabetical.
_ORDERS: Final[dict[str, Iterable[str] | None]] = {
    "masked": MASKS,
    "sentiment": SENTIMENT_CLASSES,
    "signals": SIGNALS,
    "topics": TOPICS,
    "complaint_topics": (*TOPICS, NO_TOPIC),
    "languages": None,
    "market_sources": MARKET_SOURCES,
    "scorers": SCORER_TIERS,
    "purchases": PURCHASE_STATES,
    "amount_minor": None,
    "refund_minor": None,
    "answer_seconds": ANSWER_LABELS,
    "stage": STAGE_ACTIONS,
}
_FRICTION: Final = ("friction_counts", "friction_severities")  # One field of a row.
_FIELDS: Final = Sums.__struct_fields__


def answer_label(seconds: float) -> str:
    """Return the label in `answer_seconds` of an answer that took so long.

    >>> answer_label(15), answer_label(15.1), answer_label(4_000)
    ('15', '30', 'more')
    """
    return ANSWER_LABELS[bisect_left(ANSWER_BOUNDS_SECONDS, seconds)]


def ordered(counter: dict[str, int], order: Iterable[str] | None) -> dict[str, int]:
    """Return the counter without zeros, its labels in `order` (alphabetical for None)."""
    # A label alone has its order.
    labels = counter if len(counter) == 1 else sorted(counter) if order is None else order
    return {label: count for label in labels if (count := counter.get(label, 0))}


def bump(counter: dict[str, int], label: str, by: int = 1) -> None:
    """Add `by` to one label of a counter."""
    counter[label] = counter.get(label, 0) + by
