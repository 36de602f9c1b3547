"""The parts of a reference row: what a comment says, who was there, and how a row is written."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

BUCKET_MS: Final = 10_000
MINUTE_MS: Final = 60_000

Row = dict[str, Any]
Labels = tuple[str, ...]  # A field of a row, and the label within it.


class Scored(NamedTuple):
    """What `events` says of a comment."""

    text_key: int
    language: str
    market: str
    market_source: str
    sentiment: tuple[float, float, float]  # Negative, neutral, positive.
    signals: tuple[str, ...]
    topics: tuple[str, ...]
    friction: tuple[tuple[str, int], ...]
    scorer: str


@dataclass
class Group:
    """The people of one market, or of the room, bucket by bucket."""

    commenters: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    buyers: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    # By class and bucket.
    authors: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))


def sums_of(sums: Counter[Labels]) -> Row:
    """Return sums as a row holds them: labels become objects within objects."""
    row: Row = {}
    for (name, *labels), count in sums.items():
        place = row
        for label in (name, *labels)[:-1]:
            place = place.setdefault(label, {})
        if count:
            place[(name, *labels)[-1]] = count
    return row


def mood(said: Scored) -> str:
    """Return the likeliest class, neutral when none is likelier than it."""
    if said.scorer == "unscored":
        return "unscored"
    negative, neutral, positive = said.sentiment
    if negative > neutral and negative > positive:
        return "negative"
    return "positive" if positive > neutral and positive > negative else "neutral"


def classes_of(said: Scored) -> set[str]:
    """Return the classes of authors that a comment makes its viewer one of."""
    holds = {
        "all": True,
        "negative": mood(said) == "negative",
        "complaint": "complaint" in said.signals,
        "friction": bool(said.friction),
    }
    return {name for name, is_one in holds.items() if is_one}


def people_of_bucket(group: Group, start_ms: int) -> Row:
    """Return a bucket's distinct counts, and the authors of the minutes that end with it."""
    authors: dict[str, dict[str, int]] = {}
    for window, minutes in (("1m", 1), ("3m", 3)):
        starts = range(start_ms + BUCKET_MS - minutes * MINUTE_MS, start_ms + 1, BUCKET_MS)
        people = {
            name: set().union(*(group.authors.get((name, start), ()) for start in starts))
            for name in ("all", "negative", "complaint", "friction")
        }
        if people["all"]:
            authors[window] = {name: len(members) for name, members in people.items()}
    return {
        "commenters": len(group.commenters.get(start_ms, ())),
        "buyers": len(group.buyers.get(start_ms, ())),
        "authors": authors,
    }


def people_of_all(group: Group) -> Row:
    """Return a total's distinct counts."""
    return {
        "commenters": len(set().union(*group.commenters.values())),
        "buyers": len(set().union(*group.buyers.values())),
    }


def without_zeros(row: Row) -> Row:
    """Return the row as it is written: nothing that is zero, empty or unknown."""
    return {name: value for name, value in row.items() if value not in (0, None, {}, [], "", False)}
