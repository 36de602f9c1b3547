"""Training a bag, and what the package reads of it: with torch."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from support.training import training_required

training_required()

import torch
from safetensors.numpy import load

from resonance.sentiment.model.bag import Bags, unpacked
from resonance.sentiment.model.form import with_edges
from resonance.sentiment.model.heads import FLAG_INDEX, OUTPUTS, SENTIMENT
from resonance.sentiment.model.traits import TRAITS
from resonance.sentiment.training.bag import BagSettings, bag_logits, hashed, taken, train_bag
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
