"""Training a bag, deciding how votes add up, and what the package reads of it: with torch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from support.training import training_required

training_required()

import torch
from safetensors.numpy import load

from resonance.sentiment.model.bag import Bags, unpacked
from resonance.sentiment.model.decision import PARTS, SentimentMix, mixed
from resonance.sentiment.model.form import with_edges
from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, OUTPUTS, SENTIMENT
from resonance.sentiment.model.traits import TRAITS
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.training.bag import BagSettings, bag_logits, hashed, taken, train_bag
from resonance.sentiment.training.deciding import (
    OWN_FLAGS,
    best_threshold,
    common_mix,
    decide,
    offsets_by_language,
    set_weights,
    shrunk_offset,
)
from resonance.sentiment.training.export import export_bag, packed
from resonance.sentiment.training.losses import Batch, loss
from resonance.sentiment.training.rows import Row, targets

SETTINGS = BagSettings(
    buckets=1_024,
    dimensions=8,
    hidden=16,
    epochs=20,
    batch_rows=9,
    embedding_rate=5e-2,
    dense_rate=2e-2,
    feature_dropout=0.1,
    dropout=0.0,
)
SAID = ("so cute", "love it", "awful thing", "it broke", "price is five", "it is blue")


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def rows(copies: int = 6) -> list[Row]:
    """Praise is positive, breakage a complaint, the rest neither; odd copies judge no flag."""
    found = []
    for copy in range(copies):
        for place, text in enumerate(SAID):
            known = Row(text=f"{text} {copy}", language="en", source="authored", split="train")
            known.sentiment = (2, 2, 0, 0, 1, 1)[place]
            if copy % 2 == 0:
                known.flags = {"praise": float(place < 2), "complaint": float(place in (2, 3))}
            found.append(known)
    return found


def trained(seed: int = 1, **settings):
    known = rows()
    texts = [row.text for row in known]
    traits = np.zeros((len(known), len(TRAITS)), np.float32)
    chosen = replace(SETTINGS, seed=seed, **settings)
    return train_bag(known, texts, traits, chosen, report=lambda _: None), texts, traits


def test_a_bag_learns_what_its_rows_say():
    bag, texts, traits = trained()
    logits = bag_logits(bag, texts, traits)
    assert logits.shape == (len(texts), len(OUTPUTS))
    guessed = logits[:, : len(SENTIMENT)].argmax(1)
    assert (guessed == [row.sentiment for row in rows()]).mean() > 0.9
    complaint = logits[:, len(SENTIMENT) + FLAG_INDEX["complaint"]]
    assert min(complaint[2], complaint[3]) > max(complaint[0], complaint[4])


def test_the_same_seed_gives_the_same_bag_and_another_seed_another():
    first, second, other = (trained(seed=seed, epochs=2)[0] for seed in (1, 1, 2))
    assert same(first, second)
    assert not same(first, other)


def same(one, two) -> bool:
    pairs = zip(one.state_dict().values(), two.state_dict().values(), strict=True)
    return all(torch.equal(first, second) for first, second in pairs)


def test_fewer_rows_than_a_batch_are_a_batch():
    bag, texts, traits = trained(batch_rows=10_000, epochs=2)
    assert np.isfinite(bag_logits(bag, texts, traits)).all()


def test_a_teacher_is_followed_on_rows_without_a_label():
    known = [Row(text=row.text, language="en", source="x", split="train") for row in rows()]
    texts = [row.text for row in known]
    traits = np.zeros((len(known), len(TRAITS)), np.float32)
    teacher = np.tile(np.array([0.8, 0.1, 0.1], np.float32), (len(known), 1))
    bag = train_bag(known, texts, traits, SETTINGS, teacher, lambda _: None)
    assert (bag_logits(bag, texts, traits)[:, : len(SENTIMENT)].argmax(1) == 0).all()


def test_no_texts_have_no_logits():
    bag, _, traits = trained(epochs=1)
    assert bag_logits(bag, [], traits[:0]).shape == (0, len(OUTPUTS))


def test_what_is_left_out_is_left_out_by_chance_alone():
    words, _ = hashed(["a b c d", "e f", "g"], 512)
    everything, starts = taken(words, np.array([2, 0]), 0.0, np.random.default_rng(0))
    assert starts.tolist()[0] == 0
    assert starts.tolist()[-1] == len(everything)
    some, starts = taken(words, np.array([2, 0]), 0.5, np.random.default_rng(0))
    assert set(some.tolist()) <= set(everything.tolist())
    nothing, starts = taken(words, np.array([2, 0]), 1.0, np.random.default_rng(0))
    assert (len(nothing), starts.tolist()) == (0, [0, 0, 0])


def test_what_nobody_judged_takes_no_part_in_the_loss():
    judged = Row(text="a", language="en", source="x", split="train", sentiment=2)
    judged.flags = {"spam": 1.0}
    labels = Batch(targets([judged]))
    logits = torch.zeros(1, len(OUTPUTS), requires_grad=True)
    loss(logits, labels.take(torch.tensor([0])), (1.0, 1.0)).backward()
    moved = {OUTPUTS[place] for place in logits.grad[0].nonzero()[:, 0].tolist()}
    assert moved == {*SENTIMENT, "spam"}
    unknown = Batch(targets([Row(text="a", language="en", source="x", split="train")]))
    logits.grad = None
    loss(logits, unknown.take(torch.tensor([0])), (1.0, 1.0)).backward()
    assert not logits.grad.any()


def test_a_set_without_neutral_does_not_teach_that_nothing_is():
    def pull(*, has_neutral: bool) -> float:
        row = Row(text="a", language="en", source="x", split="train", sentiment=2)
        row.has_neutral = has_neutral
        logits = torch.zeros(1, len(OUTPUTS), requires_grad=True)
        loss(logits, Batch(targets([row])).take(torch.tensor([0])), (1.0, 1.0)).backward()
        return float(logits.grad[0, SENTIMENT.index("neutral")])

    assert pull(has_neutral=True) > 0.1
    assert abs(pull(has_neutral=False)) < 0.02


def test_the_package_reads_a_bag_within_the_error_of_half_bytes(tmp_path: Path):
    bag, texts, traits = trained(epochs=20)
    traits = np.random.default_rng(0).random(traits.shape).astype(np.float32)
    export_bag(bag, tmp_path / "bag.safetensors")
    bags = Bags([load((tmp_path / "bag.safetensors").read_bytes())])
    [read] = bags.logits([with_edges(text) for text in texts], traits)
    exact = bag_logits(bag, texts, traits)
    assert np.abs(read - exact).max() < 0.05 * (exact.max() - exact.min())
    assert np.corrcoef(read.ravel(), exact.ravel())[0, 1] > 0.999


def test_half_bytes_are_read_as_they_were_written():
    codes = np.random.default_rng(0).integers(-7, 8, (50, 12)).astype(np.int8)
    assert (unpacked(packed(codes)) == codes).all()


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


@pytest.mark.parametrize("knows", ["flag_bag", "rules"])
def test_the_flags_that_ours_alone_judge_share_the_vote_that_serves_them_best(knows):
    random = np.random.default_rng(0)
    truth = random.random((300, len(FLAGS))) < 0.3
    known = []
    for place, flags in enumerate(truth):
        row = Row(text=str(place), language="en", source="lessons", split="val")
        row.flags = dict(zip(FLAGS, flags.astype(float).tolist(), strict=True))
        known.append(row)
    right = np.zeros((300, len(OUTPUTS)), np.float32)
    right[:, len(SENTIMENT) :] = truth
    guess = np.zeros_like(right)
    guess[:, len(SENTIMENT) :] = random.random((300, len(FLAGS))) < 0.3
    parts = {
        "flag_bag": (right if knows == "flag_bag" else guess) * 1.5 - 0.75,
        "rules": right if knows == "rules" else guess,
    }
    mix = common_mix(known, targets(known), parts)
    votes = dict(zip(PARTS, mix.weights, strict=True))
    assert votes["rules"] > 1.5 if knows == "rules" else votes["rules"] < 1.5
    columns = [len(SENTIMENT) + FLAG_INDEX[name] for name in OWN_FLAGS]
    weighed = sum(votes[name] * parts[name][:, columns] for name in parts) + mix.bias
    assert ((weighed > 0) == truth[:, [FLAG_INDEX[name] for name in OWN_FLAGS]]).all()


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
