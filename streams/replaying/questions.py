"""What became of every question: answered, gone stale, or open to the end."""

from typing import Final, Literal

import msgspec

from resonance.streams.events import ScoredComment
from resonance.streams.fold.questions import Closed, Cluster, Questions

OUTCOME_LIMIT: Final = 20_000  # Of a stream; what closes later is counted only.

Outcome = Literal["answered", "stale", "open"]


class QuestionOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster of alike questions, and how it ended."""

    market: str
    topic: str  # Empty: none was found.
    product: str
    text: str  # Of the comment that opened it, masked.
    asks: int  # Comments that asked it.
    first_asked_ms: int
    last_asked_ms: int
    asked_by: tuple[str, ...]  # Ids of the comments, at most 50.
    outcome: Outcome
    closed_at_ms: int | None = None
    answered_by: str | None = None  # Id of the host's or moderator's comment.


class QuestionOutcomes:
    """Collects the outcomes of one stream."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}  # Opening comment's id -> its text, while it is open.
        self._ended: list[QuestionOutcome] = []

    def see(self, questions: Questions, comment: ScoredComment) -> None:
        """Remember the words of a comment that opened a cluster."""
        clusters = questions.clusters
        if clusters and clusters[-1].asked_by[0] == comment.id:
            self._texts[comment.id] = comment.text

    def close(self, questions: Questions) -> None:
        """Take what has closed since the last call."""
        closed, questions.closed = questions.closed or [], []
        for one in closed:
            outcome = self._outcome(one.cluster, one)
            if len(self._ended) < OUTCOME_LIMIT:
                self._ended.append(outcome)

    def finish(self, questions: Questions) -> list[QuestionOutcome]:
        """Return all outcomes, by when the question was first asked."""
        self.close(questions)
        still_open = [self._outcome(cluster, None) for cluster in questions.clusters]
        return sorted(
            [*self._ended, *still_open], key=lambda q: (q.first_asked_ms, q.market, q.asked_by)
        )

    def _outcome(self, cluster: Cluster, closed: Closed | None) -> QuestionOutcome:
        return QuestionOutcome(
            market=cluster.market,
            topic=cluster.topic,
            product=cluster.product,
            text=self._texts.pop(cluster.asked_by[0], ""),
            asks=cluster.asks,
            first_asked_ms=cluster.first_asked_ms,
            last_asked_ms=cluster.last_asked_ms,
            asked_by=cluster.asked_by,
            outcome=closed.outcome if closed else "open",
            closed_at_ms=closed.at_ms if closed else None,
            answered_by=closed.by if closed else None,
        )
