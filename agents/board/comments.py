"""`events` -> the last comments of each market, for people to look at. Never in a metric.

Text comes masked from the scoring hop. Deleted comments are hidden, and so is everything that was
written more than 15 minutes ago.
"""

from collections import deque
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import msgspec

from resonance.sentiment.scores import SentimentClass
from resonance.sentiment.vocabulary import UNDETERMINED
from resonance.streams.events import LogEvent, LoggedStage, Role, ScoredComment
from resonance.streams.fold.counting import mood_of
from resonance.streams.windows import ROOM

KEPT_PER_MARKET: Final = 50
KEPT_MS: Final = 15 * 60_000
ROOM_LIMIT: Final = 2_000  # Pairs of stream and market; the longest silent leave first.
DELETED_LIMIT: Final = 10_000
SHOWN_CHARACTERS: Final = 280


class Line(msgspec.Struct, frozen=True):
    """One comment as it is shown. No viewer: nobody needs to know who it was."""

    id: str
    occurred_at_ms: int
    written_at_ms: int
    role: Role
    text: str
    language: str
    sentiment: SentimentClass
    signals: tuple[str, ...]
    topics: tuple[str, ...]
    friction: tuple[str, ...]


class _Kept(NamedTuple):
    viewer: str  # Stays here: only lines go out.
    line: Line


class Deleted:
    """Ids of the comments that somebody took back; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}

    def __contains__(self, comment_id: str) -> bool:
        return comment_id in self._ids

    def add(self, comment_id: str) -> None:
        """Hide a comment from now on, whether it is here yet or comes later."""
        if len(self._ids) >= DELETED_LIMIT:
            del self._ids[next(iter(self._ids))]
        self._ids[comment_id] = None


class Comments:
    """The last comments by stream and market; those of hosts and moderators under the room."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], deque[_Kept]] = {}
        self.deleted = Deleted()
        self.version = 0

    def take(self, event: LogEvent, written_at_ms: int) -> None:
        """Keep a comment, or hide one that was deleted; anything else is passed over."""
        if isinstance(event, LoggedStage) and event.action == "comment_deleted":
            if event.target_id:
                self.hide(event.target_id)
        elif isinstance(event, ScoredComment) and event.id not in self.deleted:
            # Staff shop nowhere: what they say is said to the whole room.
            market = event.market if event.role == "viewer" else ROOM
            self._keep((event.stream, market), _Kept(event.viewer, line_of(event, written_at_ms)))

    def hide(self, comment_id: str) -> None:
        """Show a comment no more."""
        self.deleted.add(comment_id)
        self.version += 1

    def forget(self, viewers: AbstractSet[str]) -> None:
        """Drop what these viewers said, staff or not."""
        for place, kept in self._lines.items():
            self._lines[place] = deque(
                (one for one in kept if one.viewer not in viewers), maxlen=KEPT_PER_MARKET
            )
        self.version += 1

    def latest(self, stream: str, market: str, *, now_ms: int, count: int) -> list[Line]:
        """Return up to `count` lines of a market, newest first."""
        lines: list[Line] = []
        for _, line in reversed(self._lines.get((stream, market), ())):
            if len(lines) == count or now_ms - line.written_at_ms > KEPT_MS:
                break
            if line.id not in self.deleted:
                lines.append(line)
        return lines

    def _keep(self, place: tuple[str, str], kept: _Kept) -> None:
        lines = self._lines.pop(place, None) or deque(maxlen=KEPT_PER_MARKET)
        if len(self._lines) >= ROOM_LIMIT:
            del self._lines[next(iter(self._lines))]
        self._lines[place] = lines
        # Delivered twice, shown once.
        if all(kept.line.id != known.line.id for known in lines):
            lines.append(kept)
            self.version += 1


def line_of(event: ScoredComment, written_at_ms: int) -> Line:
    """Return a comment as it is shown."""
    return Line(
        id=event.id,
        occurred_at_ms=event.occurred_at_ms,
        written_at_ms=written_at_ms,
        role=event.role,
        text=event.text[:SHOWN_CHARACTERS],
        language=event.language or UNDETERMINED,
        sentiment=mood_of(event),
        signals=event.signals,
        topics=event.topics,
        friction=tuple(found.category for found in event.friction),
    )
