"""`events` -> the comments behind a number: what was said in one market within some minutes.

The last 15 minutes as they were logged, masked; deleted comments are hidden. Authors are numbered
anew in each answer, so that one loud voice can be told from many without anybody being named.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from resonance.agents.board.comments import KEPT_MS, Deleted, Line, line_of
from resonance.streams.events import LogEvent, LoggedStage, ScoredComment
from resonance.streams.windows import ROOM

COMMENT_LIMIT: Final = 200_000  # Of all streams together; the oldest leave first.
MOMENT_LIMIT: Final = 20_000
STREAM_LIMIT: Final = 1_000
SHOWN: Final = 200
MARGIN_MS: Final = 60_000  # What the host did that long before still explains a minute.
# Viewer counts come every few seconds and explain nothing; deletions are not for show.
SILENT_ACTIONS: Final = frozenset({"viewers", "comment_deleted"})


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which comments are asked for; a field that is None asks nothing."""

    stream: str
    market: str = ROOM
    from_ms: int
    to_ms: int  # Not included.
    sentiment: str | None = None
    signal: str | None = None
    topic: str | None = None
    friction: str | None = None

    def holds(self, line: Line) -> bool:
        """Return whether a viewer's comment is one of those asked for."""
        return (
            self.from_ms <= line.occurred_at_ms < self.to_ms
            and self.sentiment in {None, line.sentiment}
            and (self.signal is None or self.signal in line.signals)
            and (self.topic is None or self.topic in line.topics)
            and (self.friction is None or self.friction in line.friction)
        )


class Quote(msgspec.Struct, frozen=True):
    """One comment as evidence."""

    id: str
    at_ms: int
    market: str
    language: str
    text: str
    sentiment: str
    signals: tuple[str, ...]
    topics: tuple[str, ...]
    friction: tuple[str, ...]
    author: int  # From 1, in this answer alone.


class Moment(msgspec.Struct, frozen=True):
    """What the host or a moderator did or said."""

    at_ms: int
    action: str  # Of the stage; "said" for a comment.
    role: str = "host"
    product: str | None = None
    text: str | None = None


class Found(msgspec.Struct, frozen=True):
    """The answer: newest comments first, moments in order."""

    wanted: Wanted
    held_since_ms: int  # What was written to the log before it is not held here.
    matching: int  # Comments that match; at most `SHOWN` of them are quoted.
    authors: int
    topics: dict[str, int]  # Of all that match, the most frequent first.
    languages: dict[str, int]
    product: str | None  # On screen at the end of the time asked for.
    comments: list[Quote]
    moments: list[Moment]


class _Kept(msgspec.Struct, frozen=True, gc=False):
    stream: str
    market: str
    viewer: str  # Stays here: only numbers go out.
    line: Line


class _Done(msgspec.Struct, frozen=True):
    stream: str
    written_at_ms: int
    moment: Moment
    viewer: str = ""  # Who said it, where somebody of the staff did; stays here, too.


class Evidence:
    """Comments and moments of the last minutes, of all streams."""

    def __init__(self, deleted: Deleted) -> None:
        self._comments: deque[_Kept] = deque(maxlen=COMMENT_LIMIT)
        self._moments: deque[_Done] = deque(maxlen=MOMENT_LIMIT)
        self._products: dict[str, str | None] = {}  # On screen before the oldest moment held.
        self._deleted = deleted
        self.held_since_ms = 0

    def take(self, event: LogEvent, written_at_ms: int) -> None:
        """Keep what explains numbers; anything else is passed over."""
        self._forget(written_at_ms - KEPT_MS)
        if isinstance(event, LoggedStage):
            if event.action not in SILENT_ACTIONS:
                moment = Moment(
                    event.occurred_at_ms, event.action, product=event.product, text=event.text
                )
                self._moments.append(_Done(event.stream, written_at_ms, moment))
        elif isinstance(event, ScoredComment):
            line = line_of(event, written_at_ms)
            if event.role == "viewer":
                self._hold(_Kept(event.stream, event.market, event.viewer, line))
            else:
                said = Moment(event.occurred_at_ms, "said", event.role, event.product, line.text)
                self._moments.append(_Done(event.stream, written_at_ms, said, event.viewer))

    def _hold(self, kept: _Kept) -> None:
        if len(self._comments) == COMMENT_LIMIT:
            self.held_since_ms = self._comments[0].line.written_at_ms + 1
        self._comments.append(kept)

    def _forget(self, before_ms: int) -> None:
        self.held_since_ms = max(self.held_since_ms, before_ms)
        while self._comments and self._comments[0].line.written_at_ms < before_ms:
            self._comments.popleft()
        while self._moments and self._moments[0].written_at_ms < before_ms:
            done = self._moments.popleft()
            if _is_a_change(done.moment):
                self._products.pop(done.stream, None)
                self._products[done.stream] = _product_after(done.moment)
                if len(self._products) > STREAM_LIMIT:
                    del self._products[next(iter(self._products))]

    def find(self, wanted: Wanted) -> Found:
        """Return the comments asked for, and what the host did around them."""
        matching = [
            kept
            for kept in self._of_stream(wanted)
            if wanted.holds(kept.line) and kept.line.id not in self._deleted
        ]
        matching.sort(key=lambda kept: (kept.line.occurred_at_ms, kept.line.id), reverse=True)
        unique = list({kept.line.id: kept for kept in matching}.values())  # Delivered twice.
        numbers = _numbered(kept.viewer for kept in unique)
        return Found(
            wanted=wanted,
            held_since_ms=self.held_since_ms,
            matching=len(unique),
            authors=len(numbers),
            topics=_counted(topic for kept in unique for topic in kept.line.topics),
            languages=_counted(kept.line.language for kept in unique),
            product=self._product(wanted),
            comments=[_quote(kept, numbers[kept.viewer]) for kept in unique[:SHOWN]],
            moments=self._around(wanted),
        )

    def moments(self, stream: str) -> list[Moment]:
        """Return what the host did that is held, in order, without what was said."""
        found = [
            done.moment
            for done in self._moments
            if done.stream == stream and done.moment.action not in {"said", "caption"}
        ]
        return sorted(found, key=lambda moment: moment.at_ms)

    def forget(self, viewers: AbstractSet[str]) -> None:
        """Drop what these viewers said, staff or not."""
        comments = (kept for kept in self._comments if kept.viewer not in viewers)
        self._comments = deque(comments, maxlen=COMMENT_LIMIT)
        moments = (done for done in self._moments if done.viewer not in viewers)
        self._moments = deque(moments, maxlen=MOMENT_LIMIT)

    def texts(self, stream: str, ids: Iterable[str]) -> dict[str, Line]:
        """Return the lines of the comments that are held, by id."""
        asked = set(ids)
        return {
            kept.line.id: kept.line
            for kept in self._comments
            if kept.line.id in asked and kept.stream == stream and kept.line.id not in self._deleted
        }

    def _of_stream(self, wanted: Wanted) -> Iterator[_Kept]:
        anywhere = wanted.market == ROOM
        for kept in self._comments:
            if kept.stream == wanted.stream and (anywhere or kept.market == wanted.market):
                yield kept

    def _around(self, wanted: Wanted) -> list[Moment]:
        span = range(wanted.from_ms - MARGIN_MS, wanted.to_ms)
        here = (done.moment for done in self._moments if done.stream == wanted.stream)
        found = [moment for moment in here if moment.at_ms in span]
        return sorted(found, key=lambda moment: moment.at_ms)

    def _product(self, wanted: Wanted) -> str | None:
        product = self._products.get(wanted.stream)
        for done in self._moments:
            moment, here = done.moment, done.stream == wanted.stream
            if here and moment.at_ms < wanted.to_ms and _is_a_change(moment):
                product = _product_after(moment)
        return product


def _is_a_change(moment: Moment) -> bool:
    return moment.action in {"product_shown", "product_removed"}


def _product_after(moment: Moment) -> str | None:
    return moment.product if moment.action == "product_shown" else None


def _numbered(names: Iterable[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for name in names:
        numbers.setdefault(name, len(numbers) + 1)
    return numbers


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda entry: (-entry[1], entry[0])))


def _quote(kept: _Kept, author: int) -> Quote:
    line = kept.line
    return Quote(
        id=line.id,
        at_ms=line.occurred_at_ms,
        market=kept.market,
        language=line.language,
        text=line.text,
        sentiment=line.sentiment,
        signals=line.signals,
        topics=line.topics,
        friction=line.friction,
        author=author,
    )
