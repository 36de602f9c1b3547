"""A score is its text's own: alone, in a crowd, in any order, whichever tier finds it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resonance.sentiment.score import Request, Scorer

# Chat is made of such pieces; random characters alone would hardly meet a word.
PIECES = st.sampled_from(
    [
        *("how much", "not bad", "so cute", "fake", "多少钱", "いくら", "얼마예요", "ราคา", "بكم"),
        *("cf", "12", "555", "?", "!", "😂", "😡", "❤️", "no", "never arrived", "hahaha"),
        *("sold out", "@x", "\x00", "\ud800", "\u202e", "<script>", "'; drop", "\u0301" * 50, "https://x.y"),
        *(" ", "5" * 300, "not " * 80, "👩‍👩‍👧‍👦", "customs fee", "é" * 40, "\ue000", "▁"),
    ]
)  # fmt: skip
COMMENTS = st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=200)
LANGUAGES = st.lists(st.sampled_from(["en", "ms", "id", "th", "zh"]), max_size=2).map(tuple)
REQUESTS = st.lists(st.builds(Request, COMMENTS, LANGUAGES), min_size=1, max_size=20)
SCORERS = {tier: Scorer(0, tier=tier) for tier in ("model", "fast")}


@pytest.mark.parametrize("tier", SCORERS)
@given(requests=REQUESTS, random=st.randoms())
@example(requests=[Request("")], random=None)
@settings(max_examples=60)
def test_a_text_scores_alike_alone_and_among_others_in_any_order(tier, requests, random):
    scorer = SCORERS[tier]
    together = scorer.score_all(requests)
    assert [scorer.score_all([request])[0] for request in requests] == together
    order = random.sample(range(len(requests)), len(requests)) if random else [0]
    assert scorer.score_all([requests[i] for i in order]) == [together[i] for i in order]


@pytest.mark.parametrize("tier", SCORERS)
def test_a_text_scores_alike_in_batches_of_every_size(tier):
    requests = [
        Request(f"{word} {n}") for n in range(40) for word in ("how much", "好看", "fake ❤")
    ]
    scorer = SCORERS[tier]
    together = scorer.score_all(requests)
    for size in (1, 2, 3, 5, 8, 13, 64, 100):
        parts = [requests[i : i + size] for i in range(0, len(requests), size)]
        assert [score for part in parts for score in scorer.score_all(part)] == together


@pytest.mark.parametrize("tier", SCORERS)
@given(text=COMMENTS)
@settings(max_examples=60)
def test_a_score_names_the_tier_that_found_it(tier, text):
    assert SCORERS[tier].score(text).scorer == tier


def test_the_versions_tell_the_weights_from_the_rules():
    versions = {tier: Scorer(0, tier=tier).versions for tier in ("model", "fast", "rules")}
    assert versions["model"] == versions["fast"] != versions["rules"]
    assert versions["rules"][1] == "rules"


def test_the_fast_tier_can_be_asked_for_one_call():
    scorer = Scorer(100, tier="model")
    [fast] = scorer.score_all([Request("so cute")], "fast")
    assert fast.scorer == "fast"
    assert scorer.score("so cute").scorer == "model"  # What was found in haste is not kept.
