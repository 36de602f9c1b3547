"""Reading a bag: the sums are those of its definition, and a text's are its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from resonance.sentiment.model.bag import INPUTS_MAX, LEVELS, ROW_LEVELS, Bags, unpacked
from resonance.sentiment.model.heads import OUTPUTS
from resonance.sentiment.model.traits import TRAITS
from resonance.sentiment.ngrams import features
from resonance.sentiment.word_sums import KEPT_MAX_CHARACTERS

BUCKETS, DIMENSIONS, HIDDEN = 512, 6, 8
TEXTS = ["how much", "so cute ❤", "多少钱", "not good at all", "a", "wkwkwk mahal banget"]


def packed(codes):
    """Two columns of codes in a byte, the even one in its lower half."""
    return np.array([[(row[i] + 8) | (row[i + 1] + 8) << 4 for i in range(0, len(row), 2)]
                     for row in codes.tolist()], np.uint8)  # fmt: skip


@given(
    arrays.arrays(
        np.int8,
        st.tuples(st.integers(1, 9), st.integers(1, 5).map(lambda half: 2 * half)),
        elements=st.integers(-7, 7),
    )
)
def test_half_bytes_come_back_as_the_codes_they_hold(codes):
    assert (unpacked(packed(codes)) == codes).all()


def tensors(seed):
    random = np.random.default_rng(seed)
    inputs = 2 * DIMENSIONS + len(TRAITS)
    return {
        "table": packed(random.integers(-7, 8, (BUCKETS, DIMENSIONS)).astype(np.int8)),
        "scales": random.random(BUCKETS).astype(np.float16),
        "gates": (random.random(BUCKETS) + 0.1).astype(np.float16),
        "hidden.weight": random.standard_normal((HIDDEN, inputs)).astype(np.float16),
        "hidden.bias": random.standard_normal(HIDDEN).astype(np.float16),
        "output.weight": random.standard_normal((len(OUTPUTS), HIDDEN)).astype(np.float16),
        "output.bias": random.standard_normal(len(OUTPUTS)).astype(np.float16),
    }


def rounded(values, levels=LEVELS):
    """Values to 255ths of the largest, what layers multiply; what is summed has 431 levels."""
    unit = np.abs(values).max() / levels
    return np.rint(values / unit) * unit


def defined(bag, found, traits):
    """What a bag is, text by text: two gated sums, a hidden layer, the outputs."""
    hidden_weight, output_weight = (
        rounded(bag[f"{layer}.weight"].astype(float)) for layer in ("hidden", "output")
    )
    gates = bag["gates"].astype(float)
    scales = bag["scales"].astype(float) * gates
    table = rounded(unpacked(bag["table"]) * scales[:, None], ROW_LEVELS)
    gates = rounded(gates, ROW_LEVELS)
    result = []
    for text in range(len(traits)):
        parts = []
        for ids, offsets in (
            (found.words, found.word_offsets),
            (found.grams, found.gram_offsets),
        ):
            own = ids[offsets[text] : offsets[text + 1]]
            share = np.sqrt(len(own)) / max(gates[own].sum(), 1e-6)
            parts.append(table[own].sum(0) * share)
        joined = rounded(np.concatenate([*parts, traits[text]]))
        hidden = np.maximum(hidden_weight @ joined + bag["hidden.bias"], 0)
        result.append(output_weight @ rounded(hidden) + bag["output.bias"])
    return np.array(result)


def test_bags_side_by_side_give_what_each_one_is_defined_to_give():
    bags = [tensors(seed) for seed in range(3)]
    traits = np.random.default_rng(9).random((len(TEXTS), len(TRAITS))).astype(np.float32)
    found = features(TEXTS, BUCKETS)
    together = Bags(bags)
    for bag, logits in zip(bags, together.logits(TEXTS, traits), strict=True):
        assert logits.shape == (len(TEXTS), len(OUTPUTS))
        assert logits.dtype == np.float32
        assert logits == pytest.approx(defined(bag, found, traits), rel=1e-4, abs=1e-3)


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=24), st.randoms())
def test_a_texts_logits_are_the_same_to_the_last_bit_in_any_batch(words, random):
    texts = [f"x {word} x" for word in words]
    traits = np.random.default_rng(len(texts)).random((len(texts), len(TRAITS)), np.float32)
    together = BAGS.logits(texts, traits)[0]
    order = random.sample(range(len(texts)), random.randint(1, len(texts)))
    some = BAGS.logits([texts[i] for i in order], traits[order])[0]
    assert (some == together[order]).all()


def test_a_layer_of_more_inputs_than_are_summed_without_rounding_is_refused():
    wide = tensors(0) | {"output.weight": np.ones((len(OUTPUTS), INPUTS_MAX + 1), np.float16)}
    with pytest.raises(ValueError, match="output: 259 inputs, at most 258"):
        Bags([wide])


def test_the_largest_sum_of_a_layer_is_exact():
    sums = np.full((1, INPUTS_MAX), LEVELS, np.float32) @ np.full((INPUTS_MAX, 1), LEVELS, "f4")
    assert int(sums[0, 0]) == INPUTS_MAX * LEVELS**2 < 2**24


def test_the_largest_sum_of_a_kept_words_embeddings_fits():
    count = len(features(["x" * KEPT_MAX_CHARACTERS], BUCKETS).grams)
    assert count * ROW_LEVELS <= np.iinfo(np.int16).max < count * (ROW_LEVELS + 1)


def test_words_that_were_learnt_change_no_logit():
    traits = np.zeros((len(TEXTS), len(TRAITS)), np.float32)
    [before] = Bags([tensors(0)]).logits(TEXTS, traits)
    learnt = Bags([tensors(0)])
    learnt.learn(["much", "cute", "how", "bagus", "多少钱"])
    assert (learnt.logits(TEXTS, traits)[0] == before).all()


BAGS = Bags([tensors(0)])
