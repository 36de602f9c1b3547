"""Deciding how the parts' votes add up: with torch."""

import numpy as np
import pytest

from support.training import training_required

training_required()

from resonance.sentiment.model.decision import PARTS, SentimentMix, mixed
from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, OUTPUTS, SENTIMENT
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.training.choosing import (
    best_threshold,
    frequency_thresholds,
    macro_f1,
    mean_average_precision,
)
from resonance.sentiment.training.deciding import (
    OWN_FLAGS,
    decide,
    offsets_by_language,
    own_mixes,
    set_weights,
    shrunk_offset,
)
from resonance.sentiment.training.rows import Row, targets


@pytest.mark.parametrize(
    ("logits", "truth", "raised"),
    [
        ([2.0, 1.0, -1.0, -2.0], [1, 1, 0, 0], [1, 1, 0, 0]),
        ([2.0, 1.0, 0.5, -2.0], [1, 0, 1, 0], [1, 1, 1, 0]),
        ([2.0, 1.0], [1, 1], [1, 1]),
        ([-3.0], [1], [1]),
        ([3.0, 1.0, 0.0], [1, 0, 0], [1, 0, 0]),
    ],
)
def test_the_best_threshold_raises_what_gives_the_best_f1(logits, truth, raised):
    values = np.array(logits, np.float32)
    threshold = best_threshold(values, np.array(truth, np.float32), np.ones(len(truth), np.float32))
    assert (values > threshold).astype(int).tolist() == raised


def test_a_large_set_weighs_no_more_than_400_rows_and_what_is_no_chat_a_quarter():
    def known(count: int, source: str, language: str) -> list[Row]:
        return [
            Row(text=str(n), language=language, source=source, split="val") for n in range(count)
        ]

    sets = [known(800, "authored", "en"), known(100, "authored", "de"), known(800, "nsmc", "ko")]
    weights = set_weights([row for rows in sets for row in rows])
    assert weights[:800].sum() == pytest.approx(400)
    assert weights[800:900].sum() == pytest.approx(100)
    assert weights[900:].sum() == pytest.approx(100)


def test_the_part_that_knows_gets_the_say():
    random = np.random.default_rng(0)
    known, logits = [], {name: random.standard_normal((400, len(OUTPUTS))) for name in PARTS}
    for place in range(400):
        row = Row(text=str(place), language="en", source="authored", split="val")
        row.sentiment = place % 3
        row.flags = dict.fromkeys(FLAGS, float(place % 2))
        known.append(row)
        # The bag for sentiment knows sentiment, the bag for flags flags; the others guess.
        logits["sentiment_bag"][place, place % 3] += 4
        logits["flag_bag"][place, len(SENTIMENT) :] += 4 * (place % 2) - 2
    parts = {name: votes.astype(np.float32) for name, votes in logits.items()}
    decided = decide(known, parts, "test")
    assert decided.version == "test"
    shares = dict(zip(PARTS, decided.model.sentiment.weights, strict=True))
    assert max(shares, key=shares.get) == "sentiment_bag"
    shares = dict(zip(PARTS, decided.model.flags["spam"].weights, strict=True))
    assert max(shares, key=shares.get) == "flag_bag"
    assert shares["sentiment_bag"] == shares["transformer"] == 0
    found = mixed(parts, decided.model, np.zeros((len(known), len(LANGUAGES)), np.float32))
    assert (found[:, : len(SENTIMENT)].argmax(1) == [row.sentiment for row in known]).mean() > 0.9
    raised = found[:, len(SENTIMENT) + FLAG_INDEX["spam"]] >= 0.5
    assert (raised == [place % 2 for place in range(400)]).mean() > 0.9
    fast = dict(zip(PARTS, decided.fast.sentiment.weights, strict=True))
    assert fast["transformer"] == 0


COLUMNS = [FLAG_INDEX[name] for name in OWN_FLAGS]


def judged(rows: int, share: float = 0.3) -> tuple[list[Row], np.ndarray]:
    """Return rows whose flags are raised by chance, and those flags (rows, flags)."""
    truth = np.random.default_rng(0).random((rows, len(FLAGS))) < share
    known = []
    for place, flags in enumerate(truth):
        row = Row(text=str(place), language="en", source="lessons", split="val")
        row.flags = dict(zip(FLAGS, flags.astype(float).tolist(), strict=True))
        known.append(row)
    return known, truth


def as_logits(flags: np.ndarray) -> np.ndarray:
    """Return logits (rows, outputs), or a rule's 0 and 1, that say these flags."""
    logits = np.zeros((len(flags), len(OUTPUTS)), np.float32)
    logits[:, len(SENTIMENT) :] = flags
    return logits


@pytest.mark.parametrize("knows", ["flag_bag", "rules", "transformer"])
def test_the_flags_that_ours_alone_judge_share_the_votes_that_serve_them_best(knows):
    known, truth = judged(300)
    guess = np.random.default_rng(1).random(truth.shape) < 0.3
    said = {name: truth if knows == name else guess for name in ("flag_bag", "rules")}
    parts = {
        "flag_bag": as_logits(said["flag_bag"] * 1.5 - 0.75),
        "rules": as_logits(said["rules"]),
        "transformer": as_logits(truth * 6.0 - 3.0 if knows == "transformer" else guess - 0.5),
    }
    mixes = own_mixes(known, targets(known), parts)
    assert set(mixes) == set(OWN_FLAGS)
    assert len({mix.weights for mix in mixes.values()}) == 1
    votes = dict(zip(PARTS, mixes["price"].weights, strict=True))
    assert (votes["rules"] > 1.5) == (knows == "rules")
    assert (votes["transformer"] > 0.2) == (knows == "transformer")
    columns = [len(SENTIMENT) + column for column in COLUMNS]
    weighed = sum(votes[name] * parts[name][:, columns] for name in parts)
    biases = np.array([mixes[name].bias for name in OWN_FLAGS])
    assert ((weighed + biases > 0) == truth[:, COLUMNS]).all()


def test_a_tier_without_the_transformer_gives_it_no_vote():
    known, truth = judged(50)
    parts = {"flag_bag": as_logits(truth - 0.5), "rules": as_logits(truth)}
    mixes = own_mixes(known, targets(known), parts)
    assert {mix.weights[PARTS.index("transformer")] for mix in mixes.values()} == {0.0}


def test_a_flag_that_is_raised_too_often_gets_a_lower_bias_than_one_that_is_not():
    known, truth = judged(400, share=0.1)
    random = np.random.default_rng(2)
    logits = as_logits(truth * 2.0 - 1.0 + random.standard_normal(truth.shape))
    often, fair = "complaint", "price"
    logits[:, len(SENTIMENT) + FLAG_INDEX[often]] += 1.5
    mixes = own_mixes(known, targets(known), {"flag_bag": logits, "rules": as_logits(truth * 0)})
    assert mixes[often].bias < mixes[fair].bias - 0.2


@pytest.mark.parametrize(
    ("logits", "truth", "threshold"),
    [
        ([2.0, 1.0, -1.0, -2.0], [0, 1, 0, 1], 0.0),
        ([2.0, 1.0, -1.0, -2.0], [0, 1, 0, 0], 1.5),
        ([2.0, 1.0], [0, 0], 0.0),
        ([2.0, 1.0], [1, 1], 0.0),
    ],
)
def test_at_its_frequencys_threshold_a_flag_is_raised_as_often_as_it_holds(
    logits, truth, threshold
):
    columns = np.array([logits], np.float32).T, np.array([truth], bool).T
    assert frequency_thresholds(*columns).tolist() == [threshold]


def test_macro_f1_is_the_mean_of_each_flags_own():
    truth = np.array([[1, 0, 0], [1, 1, 0]], bool)
    raised = np.array([[1, 0, 0], [0, 1, 0]], bool)
    assert macro_f1(raised, truth) == pytest.approx((2 / 3 + 1 + 0) / 3)


@pytest.mark.parametrize(
    ("logits", "truth", "expected"),
    [
        ([3.0, 2.0, 1.0], [1, 0, 1], (1 + 2 / 3) / 2),
        ([1.0, 2.0, 3.0], [1, 1, 0], (1 / 2 + 2 / 3) / 2),
        ([1.0, 1.0], [0, 1], 1 / 2),  # Equals rank in the order of their rows.
        ([1.0, 0.0], [0, 0], 0.0),
    ],
)
def test_average_precision_asks_how_far_up_what_holds_stands(logits, truth, expected):
    columns = np.array([logits], np.float32).T, np.array([truth], bool).T
    assert mean_average_precision(*columns) == pytest.approx(expected)


def test_shares_are_chosen_by_rank_and_no_threshold_can_hide_a_worse_one():
    known, truth = judged(300)
    random = np.random.default_rng(3)
    fair = as_logits(truth * 2.0 - 1.0 + random.standard_normal(truth.shape))
    parts = {"flag_bag": fair + 5.0, "rules": as_logits(random.random(truth.shape) < 0.5)}
    mixes = own_mixes(known, targets(known), parts)  # All is raised: F1 tells no two apart.
    assert {mix.weights[PARTS.index("rules")] for mix in mixes.values()} == {0.0}


def leaning(rows: int, by: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return logits that lean by so much from a truth that they know a little of."""
    random = np.random.default_rng(0)
    truth = np.arange(rows) % len(SENTIMENT)
    logits = random.standard_normal((rows, len(SENTIMENT)))
    logits[np.arange(rows), truth] += 1
    return (logits + by).astype(np.float32), truth


def test_a_language_that_leans_is_set_upright():
    logits, truth = leaning(600, [0.0, 0.8, -0.8])
    assert shrunk_offset(logits, truth) == pytest.approx([0.0, -0.8, 0.8], abs=0.2)


@pytest.mark.parametrize("rows", [120, 600])
def test_what_chance_leans_is_left_alone(rows):
    logits, truth = leaning(rows, [0.0, 0.0, 0.0])
    assert np.abs(shrunk_offset(logits, truth)).max() < 0.1


def test_offsets_are_learned_of_balanced_sets_with_enough_rows():
    logits, truth = leaning(900, [0.0, 0.8, -0.8])
    parts = dict.fromkeys(PARTS, logits)
    kinds = [("umsab", "ar")] * 600 + [("nsmc", "ko")] * 210 + [("umsab", "de")] * 90
    known = [
        Row(text="", language=language, source=source, split="val", sentiment=int(feeling))
        for (source, language), feeling in zip(kinds, truth, strict=True)
    ]
    mix = SentimentMix((0.25, 0.25, 0.5, 0.0), (0.0, 0.0, 0.0))
    assert set(offsets_by_language(known, parts, mix)) == {"ar"}
