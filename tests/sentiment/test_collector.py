"""The collector of cycles rests while a batch is read, and is left as it was found."""

import gc

import pytest

from resonance.sentiment.collector import paused_collector
from resonance.sentiment.score import Scorer
from resonance.sentiment.sentiment_model import Probabilities


@pytest.fixture
def set_collector():
    """Give a switch; afterwards the collector is as it was."""
    was_on = gc.isenabled()
    yield lambda on: gc.enable() if on else gc.disable()
    (gc.enable if was_on else gc.disable)()


class Watching:
    """A model of sentiment that looks at the collector, and may fail."""

    version = "watching:1"

    def __init__(self, error=None):
        self.error = error
        self.saw_it_on = None

    def probabilities(self, texts):
        self.saw_it_on = gc.isenabled()
        if self.error:
            raise self.error
        return [Probabilities(0.0, 1.0, 0.0)] * len(texts)


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_rests_while_texts_are_scored_and_is_then_as_before(set_collector, on):
    set_collector(on)
    watching = Watching()
    Scorer(tier="rules", sentiment_model=watching).score("so cute")
    assert watching.saw_it_on is False
    assert gc.isenabled() is on


def test_a_failure_leaves_the_collector_on(set_collector):
    set_collector(True)
    with pytest.raises(ZeroDivisionError):
        Scorer(tier="rules", sentiment_model=Watching(ZeroDivisionError())).score("so cute")
    assert gc.isenabled()


def test_who_pauses_within_a_pause_does_not_end_it(set_collector):
    set_collector(True)
    with paused_collector():
        with paused_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
