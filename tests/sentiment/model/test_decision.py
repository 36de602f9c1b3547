"""How the parts' logits become probabilities, and that the shipped decision names every flag."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from resonance.sentiment.model.decision import PARTS, FlagMix, SentimentMix, Tier, mixed
from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, OUTPUTS, SENTIMENT
from resonance.sentiment.model.shipped import shipped_model
from resonance.sentiment.pack import LANGUAGES

SPAM = len(SENTIMENT) + FLAG_INDEX["spam"]
LOGITS = arrays.arrays(np.float32, (3, len(OUTPUTS)), elements=st.floats(-40, 40, width=32))
TIER = Tier(
    SentimentMix((0.5, 0.25, 1.0, 0.0), (0.0, 0.0, 0.5)),
    dict.fromkeys(FLAGS, FlagMix((0.0, 1.0, 1.0, 2.0), -0.5)),
)


def silent(*names):
    return {name: np.zeros((1, len(OUTPUTS)), np.float32) for name in names}


def spoken(*languages):
    rows = [[float(language == known) for known in LANGUAGES] for language in languages]
    return np.array(rows, np.float32)


@given(st.tuples(LOGITS, LOGITS, LOGITS, LOGITS), st.integers(2, 4))
def test_sentiment_sums_to_1_and_every_flag_is_a_probability(logits, count):
    found = mixed(dict(zip(PARTS[:count], logits[:count], strict=True)), TIER, spoken(*"???"))
    assert found.shape == (3, len(OUTPUTS))
    assert ((found >= 0) & (found <= 1)).all()
    assert found[:, : len(SENTIMENT)].sum(1) == pytest.approx(1, abs=1e-5)


def test_each_part_speaks_of_a_flag_with_its_own_weight():
    parts = silent("sentiment_bag", "flag_bag", "rules")
    parts["flag_bag"][0, SPAM] = 3.0
    parts["rules"][0, SPAM] = 1.0
    parts["sentiment_bag"][0, SPAM] = 99.0  # Its weight is 0.
    found = mixed(parts, TIER, spoken("en"))[0]
    assert found[SPAM] == pytest.approx(1 / (1 + math.exp(-(1.0 * 3 + 2.0 * 1 - 0.5))))
    assert np.delete(found, SPAM)[len(SENTIMENT) :] == pytest.approx(1 / (1 + math.exp(0.5)))


def test_each_part_speaks_of_sentiment_with_its_own_weight():
    parts = silent(*PARTS)
    parts["sentiment_bag"][0, 0] = 2.0
    parts["transformer"][0, 2] = 1.0
    parts["rules"][0, 1] = 99.0  # Its weight is 0.
    powers = np.exp([0.5 * 2, 0.0, 1.0 * 1 + 0.5])
    found = mixed(parts, TIER, spoken("en"))[0, : len(SENTIMENT)]
    assert found == pytest.approx(powers / powers.sum())


def test_a_language_is_set_right_by_its_own_offsets_and_no_other():
    tier = Tier(
        SentimentMix((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0), {"ar": (0.0, -1.0, 1.0)}), TIER.flags
    )
    parts = {name: np.zeros((3, len(OUTPUTS)), np.float32) for name in PARTS}
    found = mixed(parts, tier, spoken("ar", "en", "und"))[:, : len(SENTIMENT)]
    powers = np.exp([0.0, -1.0, 1.0])
    assert found[0] == pytest.approx(powers / powers.sum())
    assert found[1:] == pytest.approx(1 / 3)


def test_a_part_that_is_not_asked_has_no_say():
    parts = silent("sentiment_bag", "flag_bag", "rules")
    without = mixed(parts, TIER, spoken("en"))
    assert (without == mixed(parts | silent("transformer"), TIER, spoken("en"))).all()


@pytest.mark.parametrize("name", ["model", "fast"])
def test_the_shipped_decision_names_every_flag_and_every_part(name):
    tier = getattr(shipped_model().decision, name)
    assert set(tier.flags) == set(FLAGS)
    for mix in (tier.sentiment, *tier.flags.values()):
        assert len(mix.weights) == len(PARTS)
        assert all(math.isfinite(weight) and weight >= 0 for weight in mix.weights)
        assert sum(mix.weights) > 0
    assert all(math.isfinite(mix.bias) for mix in tier.flags.values())
    assert all(map(math.isfinite, tier.sentiment.biases))
    assert set(tier.sentiment.offsets) <= set(LANGUAGES)
    assert all(abs(shift) < 1 for shifts in tier.sentiment.offsets.values() for shift in shifts)


def test_the_fast_tier_gives_the_transformer_no_weight():
    fast, place = shipped_model().decision.fast, PARTS.index("transformer")
    assert {mix.weights[place] for mix in (fast.sentiment, *fast.flags.values())} == {0.0}


def test_what_is_switched_off_is_a_flag_in_languages_that_we_know():
    for name, languages in shipped_model().decision.off.items():
        assert name in FLAGS
        assert set(languages) <= set(LANGUAGES)
