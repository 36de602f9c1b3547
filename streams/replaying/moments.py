"""The worst minutes of a stream, by market, with the comments that show it.

A comment is *bad* when it is negative or complains. A minute ranks by the low end of the 95 %
interval of its bad share, so that three angry comments out of four do not beat forty out of fifty.
"""

from collections.abc import Iterable
from heapq import heappush, heappushpop
from typing import Final

import msgspec

from resonance.streams.events import ScoredComment
from resonance.streams.fold.counting import is_negative
from resonance.streams.measures import wilson_interval

MOMENT_MS: Final = 60_000
LEAST_BAD: Final = 3  # Fewer are no moment.
EVIDENCE_LIMIT: Final = 5  # Comments kept of a moment.
MOMENT_LIMIT: Final = 60  # Moments kept of a stream: the report chooses among them.
APART_MS: Final = 3 * MOMENT_MS  # Two moments of a market closer than this are one to a reader.


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One minute of one market. Counts are of unmasked comments of viewers."""

    market: str
    start_ms: int
    comments: int
    negative: int
    complaints: int
    bad: int  # Negative, or complaining.
    low: float  # The low end of the bad share's interval; what moments rank by.
    evidence: tuple[ScoredComment, ...]  # The worst first.


class _Minute:
    """A minute of one market that is under way."""

    __slots__ = ("bad", "comments", "complaints", "evidence", "negative")

    def __init__(self) -> None:
        self.comments = self.negative = self.complaints = self.bad = 0
        self.evidence: list[tuple[float, int, str, ScoredComment]] = []

    def add(self, comment: ScoredComment) -> None:
        self.comments += 1
        complains = "complaint" in comment.signals
        negative = is_negative(comment)
        if not (complains or negative):
            return
        self.bad += 1
        self.negative += negative
        self.complaints += complains
        # Worst first; of equals the earlier, so that the order of reading decides nothing.
        rank = (-_weight(comment), comment.occurred_at_ms, comment.id, comment)
        self.evidence.append(rank)
        if len(self.evidence) > 4 * EVIDENCE_LIMIT:
            self._trim()

    def _trim(self) -> None:
        self.evidence.sort(key=_evidence_rank)
        # The same words twice show no more than once.
        unlike = {entry[3].text_key: entry for entry in reversed(self.evidence)}
        self.evidence = sorted(unlike.values(), key=_evidence_rank)[:EVIDENCE_LIMIT]

    def moment(self, market: str, start_ms: int) -> Moment:
        self._trim()
        return Moment(
            market=market,
            start_ms=start_ms,
            comments=self.comments,
            negative=self.negative,
            complaints=self.complaints,
            bad=self.bad,
            low=round(wilson_interval(self.bad, self.comments)[0], 4),
            evidence=tuple(entry[3] for entry in self.evidence),
        )


class Moments:
    """Collects the moments of one stream; fed in event order."""

    def __init__(self) -> None:
        self._start_ms = 0
        self._minutes: dict[str, _Minute] = {}
        self._worst: list[tuple[float, int, int, str, Moment]] = []  # A heap, the mildest on top.

    def see(self, market: str, comment: ScoredComment) -> None:
        """Take an unmasked comment of a viewer, which counts in `market`."""
        start_ms = comment.occurred_at_ms // MOMENT_MS * MOMENT_MS
        if start_ms != self._start_ms:
            self._close()
            self._start_ms = start_ms
        minute = self._minutes.get(market)
        if minute is None:
            minute = self._minutes[market] = _Minute()
        minute.add(comment)

    def _close(self) -> None:
        for market, minute in sorted(self._minutes.items()):
            if minute.bad < LEAST_BAD:
                continue
            moment = minute.moment(market, self._start_ms)
            entry = (moment.low, moment.bad, -moment.start_ms, market, moment)
            if len(self._worst) < MOMENT_LIMIT:
                heappush(self._worst, entry)
            else:
                heappushpop(self._worst, entry)
        self._minutes = {}

    def finish(self) -> list[Moment]:
        """Return the worst moments, the worst first."""
        self._close()
        return [entry[4] for entry in sorted(self._worst, key=lambda e: e[:4], reverse=True)]


def worst(moments: Iterable[Moment], count: int) -> list[Moment]:
    """Return the `count` worst moments of which no two of a market lie side by side.

    `moments` stand worst first, as `Moments.finish` returns them.
    """
    chosen: list[Moment] = []
    for moment in moments:
        apart = all(
            other.market != moment.market or abs(other.start_ms - moment.start_ms) >= APART_MS
            for other in chosen
        )
        if apart:
            chosen.append(moment)
        if len(chosen) == count:
            break
    return chosen


def _weight(comment: ScoredComment) -> float:
    """Return how much a comment shows that something is wrong."""
    severity = max((friction.severity for friction in comment.friction), default=0)
    complains = "complaint" in comment.signals
    return comment.sentiment.negative + complains + severity / 2


def _evidence_rank(entry: tuple[float, int, str, ScoredComment]) -> tuple[float, int, str]:
    return entry[:3]
