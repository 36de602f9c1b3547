"""All steps on a tiny world: what each leaves behind, that none is done twice, what is shipped."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import msgspec
import numpy as np
import pytest

from support.training import training_required, write_ours, write_sets

training_required()

import torch
from safetensors.numpy import load

from resonance.sentiment.model.bag import Bags
from resonance.sentiment.model.decision import Decision, FlagMix
from resonance.sentiment.model.heads import FLAGS, SENTIMENT
from resonance.sentiment.model.traits import TRAITS
from resonance.sentiment.model.transformer import TransformerModel
from resonance.sentiment.training import __main__ as command
from resonance.sentiment.training import steps, tuning
from resonance.sentiment.training.transformer import TransformerSettings
from resonance.sentiment.training.workshop import Workshop

SMALL = {"buckets": 1_024, "dimensions": 8, "hidden": 8, "epochs": 1, "batch_rows": 64}
TINY = TransformerSettings(dimensions=32, layers=1, epochs=1, batch_rows=64, warm_up_steps=2)
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    torch.set_num_threads(1)
    world = tmp_path_factory.mktemp("world")
    data, ours = write_sets(world / "data"), write_ours(world / "ours")
    return Workshop(data, world / "work", seed=0, ours=ours)


@pytest.fixture(scope="module", autouse=True)
def _small():
    """Models of a few thousand weights; every step and every file as in earnest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "TEACHERS", tuple(replace(t, **SMALL) for t in steps.TEACHERS[:2]))
        patch.setattr(steps, "SENTIMENT_BAG", replace(steps.SENTIMENT_BAG, **SMALL))
        patch.setattr(steps, "FLAG_BAG", replace(steps.FLAG_BAG, **SMALL))
        patch.setattr(steps, "FIRST_ROUND", TINY)
        patch.setattr(steps, "SECOND_ROUND", replace(TINY, seed=1))
        patch.setattr(steps, "THIRD_ROUND", replace(TINY, seed=2))
        patch.setattr(tuning, "THIRD_ROUND", replace(TINY, seed=2, epochs=12, rate=1e-2))
        yield


@pytest.fixture(scope="module")
def shipped(shop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    steps.export(shop, steps.decision(shop, "tiny", print), folder, print)
    return folder


def test_what_is_shipped_is_what_the_package_reads(shipped: Path) -> None:
    names = {str(path.relative_to(shipped)) for path in shipped.rglob("*") if path.is_file()}
    assert names == {
        *(*steps.SENTIMENT_FILES, steps.FLAG_FILE, steps.DECISION_FILE),
        *(f"transformer/{name}" for name in ("model.onnx", "model.safetensors", "config.json")),
        *("transformer/tokenizer.json", "transformer/tokenizer_config.json"),
    }
    decided = msgspec.json.decode((shipped / steps.DECISION_FILE).read_bytes(), type=Decision)
    assert decided.version == "tiny"
    assert set(decided.model.flags) == set(FLAGS)
    files = (*steps.SENTIMENT_FILES, steps.FLAG_FILE)
    tensors = [load((shipped / name).read_bytes()) for name in files]
    assert {bag["gates"].shape[0] for bag in tensors} == {1_024}
    traits = np.zeros((1, len(TRAITS)), np.float32)
    assert all(np.isfinite(logits).all() for logits in Bags(tensors).logits(["how much"], traits))
    assert np.isfinite(TransformerModel(shipped / "transformer").logits(["how much"])).all()


def test_no_step_is_done_twice(shop: Workshop, shipped: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in shop.work.rglob("*.*")}
    said: list[str] = []
    again = Workshop(shop.data, shop.work, shop.seed, shop.ours)
    decided = steps.decision(again, "tiny", said.append)
    assert said == []
    assert {path: path.stat().st_mtime_ns for path in shop.work.rglob("*.*")} == before
    assert decided == msgspec.json.decode(
        (shipped / steps.DECISION_FILE).read_bytes(), type=Decision
    )


def test_flags_made_alone_are_those_made_with_everything(
    shop: Workshop, shipped: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "weights"
    copytree(shipped, folder)
    wanted = msgspec.json.decode((shipped / steps.DECISION_FILE).read_bytes(), type=Decision)
    silent = {name: FlagMix((0.0, 0.0, 0.0, 0.0), -1.0) for name in FLAGS}
    older = msgspec.structs.replace(
        wanted,
        model=msgspec.structs.replace(wanted.model, flags=silent),
        fast=msgspec.structs.replace(wanted.fast, flags=silent),
    )
    (folder / steps.DECISION_FILE).write_bytes(msgspec.json.encode(older))
    (folder / steps.FLAG_FILE).unlink()
    steps.flags(shop, folder, print)
    found = msgspec.json.decode((folder / steps.DECISION_FILE).read_bytes(), type=Decision)
    assert (found.fast, found.model.sentiment) == (wanted.fast, wanted.model.sentiment)
    for name in FLAGS:  # The shipped transformer has half precision, in training it had single.
        assert found.model.flags[name].weights == pytest.approx(
            wanted.model.flags[name].weights, abs=0.02
        )
    files = (*steps.SENTIMENT_FILES, steps.FLAG_FILE)
    assert all((folder / name).read_bytes() == (shipped / name).read_bytes() for name in files)


def test_a_tuned_transformer_knows_our_comments_better_and_all_else_stays(
    shop: Workshop, shipped: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "weights"
    copytree(shipped, folder)
    tuning.tune(shop, folder, print)
    changed = {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.read_bytes() != (shipped / path.relative_to(folder)).read_bytes()
    }
    assert changed == {"transformer/model.onnx", "transformer/model.safetensors"}
    places = [place for place in shop.places("train") if shop.rows[place].source == "authored"]
    truth = np.array([shop.rows[place].flags["price"] for place in places]) > 0
    forms = [shop.forms[place] for place in places]

    def gap(weights: Path) -> float:
        logits = TransformerModel(weights / "transformer").logits(forms)
        price = logits[:, len(SENTIMENT) + FLAGS.index("price")]
        return float(price[truth].mean() - price[~truth].mean())

    assert gap(folder) > gap(shipped) + 0.1


def test_the_teacher_has_an_opinion_on_every_row(shop: Workshop, shipped: Path) -> None:
    known = steps.teacher(shop, print)
    assert known.shape == (len(shop.rows), len(SENTIMENT))
    assert known.sum(1) == pytest.approx(1, abs=2e-3)


def test_opinions_on_other_rows_are_refused(shop: Workshop, shipped: Path, tmp_path: Path) -> None:
    grown = Workshop(shop.data, shop.work, shop.seed, write_ours(tmp_path / "ours", copies=9))
    with pytest.raises(ValueError, match=r"teacher\.npy has \d+ rows, the data \d+: the texts"):
        steps.teacher(grown, print)


def test_authored_rows_mostly_learn_without_the_rules(shop: Workshop) -> None:
    changed = (shop.training_traits != shop.traits).any(1)
    sources = {row.source for row, was in zip(shop.rows, changed, strict=True) if was}
    assert sources == {"authored"}


def test_traits_are_found_once_and_anew_where_a_row_changed(shop: Workshop) -> None:
    again = Workshop(shop.data, shop.work, shop.seed, shop.ours)
    assert (again.traits == shop.traits).all()
    assert len(list(shop.work.glob("traits-*.npy"))) == 1
    other = Workshop(shop.data, shop.work, shop.seed + 1, shop.ours)
    assert len(other.traits) == len(other.rows)
    assert len(list(shop.work.glob("traits-*.npy"))) == 2


def test_without_data_the_command_says_what_is_missing(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["training", "bags", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == 2
    assert "--data: there is no folder" in capsys.readouterr().err
