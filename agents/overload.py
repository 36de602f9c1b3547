"""Keep each poll within its time: what the scorer's own tier cannot finish, a lower one scores.

Comments are never dropped. What was scored lower says so (`scorer`), and is counted as shed.
"""

import logging
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from resonance.agents.metrics import WorkerMetrics
from resonance.sentiment.score import Request, Scorer, Tier
from resonance.sentiment.scores import Score
from resonance.sentiment.vocabulary import ScorerTier

log = logging.getLogger(__name__)

FIRST_TEXTS: Final = 16  # Tried before it is known what one costs.
NEWEST_SHARE: Final = 0.3  # Of the moving average: one slow batch is soon forgotten.
LOWER: Final[dict[Tier, Tier]] = {"model": "fast", "fast": "rules", "rules": "rules"}
LABELS: Final[dict[Tier, frozenset[ScorerTier]]] = {
    "fast": frozenset({"fast"}),
    "rules": frozenset({"rules", "unscored"}),
}


class MissCost:
    """What a text costs that the cache does not hold: a moving average over batches."""

    def __init__(self) -> None:
        self._seconds: float | None = None

    def affordable(self, seconds: float) -> int:
        """Return how many such texts there is time for; a few, while nothing is known."""
        if not self._seconds:
            return FIRST_TEXTS
        return int(seconds / self._seconds)

    def learn(self, misses: int, seconds: float) -> None:
        """Take in what a batch cost; one that the cache held as a whole teaches nothing."""
        if misses:
            newest = seconds / misses
            before = newest if self._seconds is None else self._seconds
            self._seconds = before + NEWEST_SHARE * (newest - before)


class BudgetedScorer:
    """A `TextScorer` that gives the scorer's own tier so much time for a batch, and no more.

    Where that tier raises, as it may for want of memory, the rules score that batch.
    """

    def __init__(
        self,
        scorer: Scorer,
        budget_seconds: float,
        metrics: WorkerMetrics,
        clock_seconds: Callable[[], float] = perf_counter,
    ) -> None:
        self._scorer = scorer
        self._budget_seconds = budget_seconds
        self._metrics = metrics
        self._clock_seconds = clock_seconds
        self._cost = MissCost()
        self._failing = False

    def score_all(self, requests: Sequence[Request]) -> list[Score]:
        """Return the score of each request, in order; raises only what the rules raise."""
        hits, misses = self._scorer.hits, self._scorer.misses
        try:
            first, lower = self._in_time(requests), LOWER[self._scorer.tier]
            self._say(None)
        except Exception as error:  # noqa: BLE001 # Whatever a model and its libraries raise.
            first, lower = [], "rules"  # What it did score is in the cache.
            self._say(error)
        rest = self._scorer.score_all(requests[len(first) :], lower)
        self._metrics.shed.inc(sum(score.scorer in LABELS[lower] for score in rest))
        self._metrics.score_cache_hits.inc(self._scorer.hits - hits)
        self._metrics.score_cache_misses.inc(self._scorer.misses - misses)
        return first + rest

    def _in_time(self, requests: Sequence[Request]) -> list[Score]:
        """Return the scores of the first requests, as many as there is time for."""
        scores: list[Score] = []
        now_seconds = self._clock_seconds()
        end_seconds = now_seconds + self._budget_seconds
        while len(scores) < len(requests) and now_seconds < end_seconds:
            # One at least: a cost that is never tried again is never found to have fallen.
            count = max(1, self._cost.affordable(end_seconds - now_seconds))
            started_seconds, misses = now_seconds, self._scorer.misses
            scores += self._scorer.score_all(requests[len(scores) : len(scores) + count])
            now_seconds = self._clock_seconds()
            self._cost.learn(self._scorer.misses - misses, now_seconds - started_seconds)
        return scores

    def _say(self, error: Exception | None) -> None:
        """Log that the tier began or ceased to fail; an error's own words may hold a comment."""
        failing = error is not None
        if failing and not self._failing:
            log.error("the model fails (%s): rules score meanwhile", type(error).__name__)
        elif self._failing and not failing:
            log.warning("the model scores again")
        self._failing = failing
