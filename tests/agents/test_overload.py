"""A poll has its time: what does not fit is scored lower, says so, and is never dropped."""

import logging
from collections.abc import Sequence
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.metrics import WorkerMetrics
from resonance.agents.overload import FIRST_TEXTS, BudgetedScorer, MissCost
from resonance.sentiment.score import Request, Scorer, Tier
from resonance.sentiment.scores import Score
from resonance.sentiment.sentiment_model import Probabilities

CERTAIN = Probabilities(0.0, 0.0, 1.0)


class SlowModel:
    """A model of sentiment whose texts cost what the test says, on a clock of the test's own."""

    version = "slow"

    def __init__(self, *text_seconds: float) -> None:
        self.text_seconds = text_seconds
        self.now_seconds = 0.0
        self.fault: Exception | None = None

    def clock_seconds(self) -> float:
        return self.now_seconds

    def probabilities(self, texts: Sequence[str]) -> list[Probabilities]:
        if self.fault is not None:
            raise self.fault
        for _, cost in zip(texts, cycle(self.text_seconds), strict=False):
            self.now_seconds += cost
        return [CERTAIN] * len(texts)


class Polls:
    """A scorer with a second for each poll, and what its worker exports."""

    def __init__(self, model: SlowModel, tier: Tier = "model", budget_seconds: float = 1.0) -> None:
        self.metrics = WorkerMetrics()
        scorer = Scorer(tier=tier, sentiment_model=model)
        self._scorer = BudgetedScorer(scorer, budget_seconds, self.metrics, model.clock_seconds)

    def score(self, *texts: str) -> list[Score]:
        return self._scorer.score_all([Request(text) for text in texts])

    def labels(self, *texts: str) -> list[str]:
        return [score.scorer for score in self.score(*texts)]

    def counted(self, name: str) -> float:
        value = self.metrics.registry.get_sample_value(f"resonance_{name}_total")
        assert value is not None
        return value


def numbered(count: int, text: str = "comment") -> list[str]:
    return [f"{text} {number}" for number in range(count)]


def test_before_anything_is_known_a_few_texts_are_tried() -> None:
    assert MissCost().affordable(1.0) == FIRST_TEXTS


@pytest.mark.parametrize(("seconds", "texts"), [(1.0, 10), (0.55, 5), (0.05, 0)])
def test_there_is_time_for_as_many_texts_as_their_cost_allows(seconds: float, texts: int) -> None:
    cost = MissCost()
    cost.learn(20, 2.0)
    assert cost.affordable(seconds) == texts


def test_a_batch_that_the_cache_held_teaches_nothing() -> None:
    cost = MissCost()
    cost.learn(10, 1.0)
    cost.learn(0, 9.0)
    assert cost.affordable(1.0) == 10


def test_one_slow_batch_is_soon_forgotten() -> None:
    cost = MissCost()
    cost.learn(1, 3.0)
    for _ in range(20):
        cost.learn(10, 0.1)
    assert 80 <= cost.affordable(1.0) <= 100


def test_a_poll_within_its_time_is_scored_as_without_a_budget() -> None:
    texts = [*numbered(40), "so cute", "so cute", "how much is it?"]
    polls = Polls(SlowModel(0.001))
    assert polls.score(*texts) == Scorer(sentiment_model=SlowModel(0)).score_all(
        [Request(text) for text in texts]
    )
    assert polls.counted("shed") == 0


def test_what_a_poll_has_no_time_for_is_scored_fast_and_counted() -> None:
    polls = Polls(SlowModel(0.125))
    polls.score("first")
    assert polls.labels(*numbered(30)) == ["model"] * 8 + ["fast"] * 22
    assert polls.counted("shed") == 22


def test_a_model_of_ones_own_is_not_asked_about_the_rest() -> None:
    polls = Polls(SlowModel(1.0))
    polls.score("first")
    in_time, shed = polls.score("not good", "awful")
    assert in_time.sentiment.positive == 1.0
    assert shed.sentiment.positive < 1.0


def test_what_the_cache_holds_takes_no_time_and_is_never_shed() -> None:
    polls = Polls(SlowModel(0.125))
    polls.score(*numbered(6))
    texts = [*numbered(6), *numbered(10, "new"), *numbered(6)]
    assert polls.labels(*texts) == ["model"] * 14 + ["fast"] * 2 + ["model"] * 6
    assert polls.counted("shed") == 2
    assert polls.counted("score_cache_hits") == 6 + 6
    assert polls.counted("score_cache_misses") == 6 + 10


def test_a_text_that_was_shed_is_scored_in_full_when_there_is_time() -> None:
    polls = Polls(SlowModel(0.125))
    polls.score("first")
    assert polls.labels(*numbered(9))[-1] == "fast"
    assert polls.labels("comment 8") == ["model"]


def test_a_cost_that_has_fallen_is_found_out_within_the_poll() -> None:
    model = SlowModel(3.0)
    polls = Polls(model)
    polls.score("first")
    model.text_seconds = (0.001,)
    assert set(polls.labels(*numbered(100))) == {"model"}


def test_where_the_model_fails_the_rules_score_the_poll_and_the_next_one_tries_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = SlowModel(0.001)
    polls = Polls(model)
    model.fault = MemoryError("so cute")
    with caplog.at_level(logging.WARNING):
        assert polls.labels("so cute", "lorem") == ["rules", "unscored"]
        assert polls.labels("so cute") == ["rules"]
        assert polls.counted("shed") == 3
        model.fault = None
        assert polls.labels("so cute", "lorem") == ["model", "model"]
    # Said once, and without the error's own words: they may be a viewer's.
    assert [record.getMessage() for record in caplog.records] == [
        "the model fails (MemoryError): rules score meanwhile",
        "the model scores again",
    ]


@given(
    st.lists(st.sampled_from(numbered(20)), max_size=60),
    st.lists(st.floats(0, 3), min_size=1, max_size=5),
    st.floats(0.01, 5),
)
def test_whatever_it_costs_every_comment_has_its_score_in_its_place(
    texts: list[str], text_seconds: list[float], budget_seconds: float
) -> None:
    polls = Polls(SlowModel(*text_seconds), "rules", budget_seconds)
    keys = [score.text_key for score in polls.score(*texts)]
    assert keys == [Scorer(tier="rules").score(text).text_key for text in texts]
