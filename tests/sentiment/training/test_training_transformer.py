"""Training the transformer, going on after an interruption, and the graph that is shipped of it."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from support.training import training_required

training_required()

import onnx
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from resonance.sentiment.model.heads import OUTPUTS, SENTIMENT
from resonance.sentiment.model.transformer import TransformerModel
from resonance.sentiment.training import export, transformer
from resonance.sentiment.training.export import export_transformer
from resonance.sentiment.training.rows import Row
from resonance.sentiment.training.tokenizer import train_tokenizer
from resonance.sentiment.training.transformer import TransformerRun, TransformerSettings

SETTINGS = TransformerSettings(
    dimensions=32, layers=1, epochs=3, batch_rows=16, warm_up_steps=2, dropout=0.0
)
LETTERS = ("".join(map(chr, range(first, first + 40))) for first in range(0x4E00, 0x4F00, 40))
TEXTS = [
    *(f"{said} {n}" for n in range(10) for said in ("so cute", "it broke", "多少钱", "สวยมาก")),
    *LETTERS,  # Enough pieces for the embeddings to be the largest tensor.
]
ROWS = [
    Row(text=text, language="en", source="authored", split="train", sentiment=place % 3)
    for place, text in enumerate(TEXTS)
]
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(scope="module")
def pieces() -> Tokenizer:
    torch.set_num_threads(1)
    return train_tokenizer(ROWS, TEXTS)


def run(pieces: Tokenizer, folder: Path, **settings) -> TransformerRun:
    chosen = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__} | settings
    return TransformerRun(pieces, TransformerSettings(**chosen), folder)


def weights(trained: TransformerRun) -> dict[str, torch.Tensor]:
    return trained.model.state_dict()


def equal(one: TransformerRun, two: TransformerRun) -> bool:
    pairs = zip(weights(one).values(), weights(two).values(), strict=True)
    return all(torch.equal(first, second) for first, second in pairs)


@pytest.fixture(scope="module")
def trained(pieces: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> TransformerRun:
    done = run(pieces, tmp_path_factory.mktemp("run"))
    done.train(ROWS, TEXTS, report=lambda _: None)
    return done


def test_every_text_has_pieces_and_the_vocabulary_holds_the_special_ones_first(pieces):
    assert [pieces.id_to_token(place) for place in range(5)] == [
        *("<pad>", "<unk>", "<s>", "</s>", "<mask>")
    ]
    assert pieces.encode("so cute").ids[0] == 2
    assert pieces.encode("").ids == [2]
    assert "▁" not in "".join(pieces.encode("12").tokens[2:])


def test_training_moves_the_weights_and_seeds_repeat_it(pieces, tmp_path, trained):
    again = run(pieces, tmp_path / "again")
    assert not equal(again, trained)
    again.train(ROWS, TEXTS, report=lambda _: None)
    assert equal(again, trained)


def test_a_finished_run_is_loaded_and_not_trained_again(pieces, trained, tmp_path):
    folder = copied(trained, tmp_path)
    before = (folder / "checkpoint.safetensors").read_bytes()
    loaded = run(pieces, folder)
    said = []
    loaded.train(ROWS, TEXTS, report=said.append)
    assert equal(loaded, trained)
    assert said == []
    assert (folder / "checkpoint.safetensors").read_bytes() == before


def copied(trained: TransformerRun, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained._directory, tmp_path / "copy"))  # noqa: SLF001


class PowerCutError(Exception):
    """What stops a run in the middle."""


def test_an_interrupted_run_goes_on_where_its_checkpoint_stops(
    pieces, trained, tmp_path, monkeypatch
):
    monkeypatch.setattr(transformer, "CHECKPOINT_STEPS", 2)

    def stop(line: str) -> None:
        if "step 4/" in line:
            raise PowerCutError

    first = run(pieces, tmp_path / "cut")
    with pytest.raises(PowerCutError):
        first.train(ROWS, TEXTS, report=stop)
    second = run(pieces, tmp_path / "cut")
    said = []
    second.train(ROWS, TEXTS, report=said.append)
    assert said[0].startswith("transformer step 6/")
    assert equal(second, trained)
    assert not list((tmp_path / "cut").glob("*.part"))


def test_a_second_round_starts_from_the_first_and_follows_a_teacher(pieces, trained, tmp_path):
    second = run(pieces, tmp_path / "second", epochs=30, rate=1e-2, seed=1)
    second.start_from(trained)
    assert equal(second, trained)
    unlabelled = [Row(text=text, language="en", source="x", split="train") for text in TEXTS]
    teacher = np.tile(np.array([0.9, 0.05, 0.05], np.float32), (len(TEXTS), 1))
    second.train(unlabelled, TEXTS, teacher, report=lambda _: None)
    assert (second.logits(TEXTS)[:, : len(SENTIMENT)].argmax(1) == 0).all()


@pytest.fixture(scope="module")
def exported(
    pieces: Tokenizer, trained: TransformerRun, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch:
        export_copy(pieces, trained, folder, patch)
    return folder


def export_copy(
    pieces: Tokenizer, trained: TransformerRun, folder: Path, patch: pytest.MonkeyPatch
) -> None:
    copy = run(pieces, folder / "never written")
    copy.start_from(trained)
    # So low that these embeddings, too, are kept once, in the file beside the graph.
    patch.setattr(export, "TABLE_MIN_ELEMENTS", 32 * pieces.get_vocab_size())
    export_transformer(copy.model, pieces, folder)


def test_the_graph_gives_what_torch_gives(trained, exported):
    logits = TransformerModel(exported).logits(TEXTS)
    assert logits.shape == (len(TEXTS), len(OUTPUTS))
    assert np.abs(logits - trained.logits(TEXTS)).max() < 1e-2


def test_a_graph_without_detours_gives_the_same_to_the_last_bit(
    pieces, trained, exported, tmp_path, monkeypatch
):
    monkeypatch.setattr(export, "straightened", lambda model, _: model)
    export_copy(pieces, trained, tmp_path, monkeypatch)
    straight, winding = exported / "model.onnx", tmp_path / "model.onnx"
    detours = {"Slice", "Neg", "IsNaN"}
    assert detours <= operators(winding)
    assert not detours & operators(straight)
    before, after = (TransformerModel(path.parent).logits(TEXTS) for path in (winding, straight))
    assert (before == after).all()


def operators(path: Path) -> set[str]:
    return {node.op_type for node in onnx.load(path, load_external_data=False).graph.node}


def test_the_graph_reads_texts_of_every_length_in_any_company(trained, exported):
    texts = ["", "a", "so cute " * 3, "多" * 60, "x " * 500, "สวยมาก"]
    model = TransformerModel(exported)
    together = model.logits(texts)
    for text, logits in zip(texts, together, strict=True):
        assert (model.logits([text])[0] == logits).all()
    short = [place for place, text in enumerate(texts) if len(text) < 40]
    exact = trained.logits([texts[place] for place in short])
    assert np.abs(together[short] - exact).max() < 1e-2


def test_the_embeddings_are_carried_once(exported):
    graph, tensors = exported / "model.onnx", exported / "model.safetensors"
    assert graph.stat().st_size < tensors.stat().st_size + 60_000
    assert b"model.safetensors" in graph.read_bytes()
    assert sorted(path.name for path in exported.iterdir()) == [
        *("config.json", "model.onnx", "model.safetensors"),
        *("tokenizer.json", "tokenizer_config.json"),
    ]


def test_hugging_face_loads_what_was_exported(trained, exported):
    assert np.abs(by_hugging_face(exported, TEXTS) - trained.logits(TEXTS)).max() < 1e-2
    config = json.loads((exported / "config.json").read_text("utf-8"))
    assert config["label2id"] == {name: place for place, name in enumerate(OUTPUTS)}
    assert "auto_map" not in config


def by_hugging_face(folder: Path, texts: list[str]) -> np.ndarray:
    model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    with torch.no_grad():
        inputs = tokenizer(texts, padding=True, return_tensors="pt")
        return model.float().eval()(**inputs).logits.numpy()


def test_hugging_face_gives_of_the_shipped_tensors_what_the_shipped_graph_gives():
    folder = Path(str(files("resonance.sentiment.model"))) / "weights" / "transformer"
    texts = ["how much is it", "so cute ❤", "关税多少", "wkwkwk mahal bgt", "บาทเท่าไหร่", "a"]
    theirs = by_hugging_face(folder, texts)
    assert np.abs(theirs - TransformerModel(folder).logits(texts)).max() < 1e-2
