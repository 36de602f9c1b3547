"""Any Hugging Face text classifier gives sentiment: tried with a tiny XLM-R made on the spot."""

import json
import sys
from pathlib import Path

import pytest

from resonance.agents.errors import UsageError
from resonance.agents.hugging_face.model import load_sentiment_model
from resonance.agents.settings import Settings
from support.tiny_model import save_model, torch_required

TEXTS = ("good", "bad", "so cute", "the parcel is late", "", "\ud800", "好", "x" * 5_000, "ok\0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch_required()
    return save_model(tmp_path_factory.mktemp("model") / "mood")


def load(folder: Path, labels: str = ""):
    return load_sentiment_model(Settings(model=str(folder), model_labels=labels, model_threads=1))


def refused(folder: Path, labels: str = "") -> str:
    with pytest.raises(UsageError) as error:
        load(folder, labels)
    return str(error.value)


def test_without_the_setting_there_is_no_model() -> None:
    assert load_sentiment_model(Settings()) is None


def test_any_text_gets_three_shares_of_4_decimals_that_sum_to_1(folder: Path) -> None:
    found = load(folder).probabilities(TEXTS)
    assert len(found) == len(TEXTS)
    for shares in found:
        assert all(0 <= share == round(share, 4) for share in shares)
        assert sum(shares) == pytest.approx(1, abs=1e-9)
    assert len(set(found)) > len(TEXTS) / 2


def test_no_texts_give_no_probabilities(folder: Path) -> None:
    assert load(folder).probabilities([]) == []


def test_a_text_is_read_alike_alone_and_among_others_in_any_order(folder: Path) -> None:
    model = load(folder)
    together = model.probabilities(TEXTS * 20)
    backwards = model.probabilities(TEXTS[::-1])[::-1]
    for text, shares, again in zip(TEXTS, together, backwards, strict=False):
        # The last of the 4 decimals may differ: a batch's sums are made in another order.
        assert model.probabilities([text])[0] == pytest.approx(shares, abs=1.5e-4)
        assert again == pytest.approx(shares, abs=1.5e-4)


def test_the_models_answer_is_what_transformers_gives(folder: Path) -> None:
    import torch  # noqa: PLC0415
    from transformers import pipeline  # noqa: PLC0415

    torch.set_num_threads(1)
    classify = pipeline("text-classification", model=str(folder), top_k=None, device="cpu")
    for text in ("good", "the parcel is late"):
        expected = {row["label"]: row["score"] for row in classify([text])[0]}
        [found] = load(folder).probabilities([text])
        assert found._asdict() == pytest.approx(expected, abs=1e-4)


def test_a_mapping_moves_the_shares(folder: Path) -> None:
    [plain] = load(folder).probabilities(["good"])
    swapped = load(folder, "negative=positive,neutral=neutral,positive=negative")
    [moved] = swapped.probabilities(["good"])
    assert (moved.negative, moved.positive) == (plain.positive, plain.negative)
    assert swapped.version != load(folder).version


def test_a_model_without_neutral_gives_it_0(tmp_path: Path) -> None:
    torch_required()
    model = load(save_model(tmp_path / "two", ("NEGATIVE", "POSITIVE")))
    for shares in model.probabilities(TEXTS):
        assert shares.neutral == 0
        assert shares.negative + shares.positive == pytest.approx(1)


def test_labels_without_a_meaning_are_refused_by_name(tmp_path: Path) -> None:
    torch_required()
    folder = save_model(tmp_path / "numbered", ("LABEL_0", "LABEL_1", "LABEL_2"))
    assert "labels LABEL_0, LABEL_1, LABEL_2 mean?" in refused(folder)
    assert load(folder, "LABEL_0=negative,LABEL_1=neutral,LABEL_2=positive") is not None


def test_weights_without_a_trained_classifier_are_refused(tmp_path: Path) -> None:
    torch_required()
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    folder = save_model(tmp_path / "base")
    weights = load_file(folder / "model.safetensors")
    body = {name: value for name, value in weights.items() if not name.startswith("classifier")}
    save_file(body, folder / "model.safetensors", {"format": "pt"})
    assert "the weights of base lack classifier." in refused(folder)


def test_weights_that_overflow_say_nothing_rather_than_stop_a_worker(tmp_path: Path) -> None:
    torch_required()
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    folder = save_model(tmp_path / "broken")
    weights = load_file(folder / "model.safetensors")
    weights["classifier.out_proj.bias"][:] = float("nan")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert load(folder).probabilities(["good"]) == [(0.0, 1.0, 0.0)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"problem_type": "multi_label_classification"}, "gives a text several labels"),
        ({"model_type": "no-such-type"}, "cannot be read: "),
        ({"hidden_size": 18}, "cannot be read: "),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    change: dict, said: str, tmp_path: Path
) -> None:
    torch_required()
    folder = save_model(tmp_path / "odd")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | change), "utf-8")
    assert said in refused(folder)


@pytest.mark.parametrize("key", ["attn_implementation", "_attn_implementation"])
def test_an_attention_from_the_hub_is_not_fetched(key: str, tmp_path: Path) -> None:
    torch_required()
    folder = save_model(tmp_path / "attentive")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {key: "acme/attention"}), "utf-8")
    assert load(folder).probabilities(["good"])


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    torch_required()
    folder = save_model(tmp_path / "cut")
    (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0nonsense")
    assert "the model cut cannot be read: " in refused(folder)


def test_without_the_extra_the_message_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text("{}", "utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "torch", None)  # As if it were not installed.
    assert "pip install 'resonance-live[torch]'" in refused(tmp_path)
