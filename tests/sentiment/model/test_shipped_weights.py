"""What the package carries: small, of tensors and plain text alone, and readable by others."""

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors import safe_open
from tokenizers import Tokenizer

from resonance.sentiment.model import shipped
from resonance.sentiment.model.decision import Decision
from resonance.sentiment.model.form import read_form
from resonance.sentiment.model.heads import FLAGS, OUTPUTS
from resonance.sentiment.model.shipped import shipped_model
from resonance.sentiment.model.traits import TRAITS

WEIGHTS = Path(str(files("resonance.sentiment.model"))) / "weights"
LANGUAGE_WEIGHTS = Path(str(files("resonance.sentiment.language"))) / "weights.safetensors"
MAX_BYTES = 25_000_000
TEXTS = (
    *("how much is it", "so cute ❤️❤️", "不便宜，质感很好", "いくらですか？", "얼마예요 ㅋㅋ"),
    *("ราคาเท่าไหร่คะ", "بكم هذا؟", "कितने का है", "ñandú café", "@user http 00000", "A"),
    *("WKWKWK mahal bgt sis", "size M/L 38-40 $5.99", "", "   ", "👩‍👩‍👧‍👦🇹🇭", "x" * 500),
)


def test_all_models_together_are_no_larger_than_25_megabytes():
    carried = [*WEIGHTS.rglob("*"), LANGUAGE_WEIGHTS]
    assert sum(path.stat().st_size for path in carried if path.is_file()) <= MAX_BYTES


def test_weights_are_tensors_graphs_and_plain_text():
    found = {path.suffix for path in WEIGHTS.rglob("*") if path.is_file()}
    assert found == {".safetensors", ".onnx", ".json"}


def test_every_file_that_is_carried_is_read():
    named = {
        *shipped.SENTIMENT_FILES,
        *(shipped.FLAG_FILE, shipped.DECISION_FILE),
        *shipped.TRANSFORMER_FILES,
    }
    for_others = {"transformer/config.json", "transformer/tokenizer_config.json"}
    found = {str(path.relative_to(WEIGHTS)) for path in WEIGHTS.rglob("*") if path.is_file()}
    assert found == named | for_others


@pytest.mark.parametrize("path", sorted(WEIGHTS.rglob("*.safetensors")), ids=lambda p: p.name)
def test_every_weight_is_a_number(path):
    with safe_open(path, "np") as tensors:
        for name in tensors.keys():  # noqa: SIM118 - no dictionary.
            assert np.isfinite(tensors.get_tensor(name).astype(np.float32)).all(), name


def test_the_graph_looks_outside_itself_only_into_the_file_beside_it():
    graph = (WEIGHTS / "transformer" / "model.onnx").read_bytes()
    places = re.findall(rb"\n\x08location\x12(.)", graph, re.DOTALL)
    named = re.findall(rb"\n\x08location\x12\x11(model\.safetensors)", graph)
    assert len(named) == len(places) > 0


def test_the_configuration_runs_no_code_but_the_librarys_own():
    config = json.loads((WEIGHTS / "transformer" / "config.json").read_text("utf-8"))
    assert not {"auto_map", "custom_pipelines", "trust_remote_code"} & config.keys()
    assert config["architectures"] == ["ModernBertForSequenceClassification"]


def test_the_configuration_names_the_outputs_in_order():
    config = json.loads((WEIGHTS / "transformer" / "config.json").read_text("utf-8"))
    assert [config["id2label"][str(place)] for place in range(len(OUTPUTS))] == list(OUTPUTS)
    assert config["problem_type"] == "multi_label_classification"


def test_no_file_names_the_machine_it_was_made_on():
    home = str(Path.home()).encode()
    for path in WEIGHTS.rglob("*.json"):
        content = path.read_bytes()
        assert home not in content, path.name
        assert b"_name_or_path" not in content, path.name


def test_hugging_faces_tokenizer_gives_the_ids_that_our_reader_sees():
    from transformers import AutoTokenizer  # noqa: PLC0415 - slow to import.

    folder = WEIGHTS / "transformer"
    theirs = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    ours = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for text in TEXTS:
        form = read_form(text)
        assert theirs(form)["input_ids"] == ours.encode(form).ids
        # Who loads the directory alone writes texts as they come: the tokenizer normalises them.
        if form == text.lower():
            assert theirs(text)["input_ids"] == ours.encode(form).ids


def test_the_decision_decodes_and_tells_its_version():
    decision = msgspec.json.decode((WEIGHTS / "decision.json").read_bytes(), type=Decision)
    assert decision == shipped_model().decision
    assert shipped_model().version.startswith(f"resonance-{decision.version}-")
    assert set(decision.model.flags) == set(FLAGS)


def test_the_fast_tier_reads_one_bag_for_sentiment_and_the_whole_model_both():
    model = shipped.ShippedModel(files("resonance.sentiment.model") / "weights")
    traits, rules = np.zeros((1, len(TRAITS)), np.float32), np.zeros((1, len(OUTPUTS)), np.float32)
    for tier, is_read in (("fast", False), ("model", True)):
        assert model.probabilities(["so cute"], traits, rules, tier).shape == (1, len(OUTPUTS))
        assert ("_second_opinion" in vars(model)) == is_read


def loaded_by(tier):
    """Return the packages that are loaded once a text is scored in a process of its own."""
    program = (
        "import sys; from resonance.sentiment.score import Scorer; "
        f"Scorer(tier={tier!r}).score('so cute, how much'); "
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "resonance.sentiment.training" not in done.stdout
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_scoring_never_imports_what_only_training_needs():
    loaded = loaded_by("model")
    assert {"numpy", "onnxruntime", "tokenizers"} <= loaded
    assert loaded.isdisjoint({"torch", "transformers", "tensorflow", "onnx", "lingua", "pickle5"})


@pytest.mark.parametrize("tier", ["fast", "rules"])
def test_a_tier_without_a_transformer_does_not_load_what_runs_one(tier):
    assert loaded_by(tier).isdisjoint({"onnxruntime", "tokenizers"})
