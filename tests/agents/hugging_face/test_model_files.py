"""A model's files are looked at before any library reads them; what could run code is refused."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from resonance.agents.errors import UsageError
from resonance.agents.hugging_face.files import find_model
from support.model_hub import running_hub

FIND = (
    "import sys; from resonance.agents.errors import ResonanceError\n"
    "from resonance.agents.hugging_face.files import find_model\n"
    "try: print(find_model(sys.argv[1]).version(()))\n"
    "except ResonanceError as error: sys.exit(f'{error.exit_code}: {error}')"
)


def write(folder: Path, **files: str | dict) -> Path:
    """Write a folder of files; `__` in a name stands for a dot."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name.replace("__", ".")).write_text(text, "utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "mood", config__json={}, model__safetensors="weights")


def refused(model: Path | str) -> str:
    with pytest.raises(UsageError) as error:
        find_model(str(model))
    assert error.value.exit_code == 2
    return str(error.value)


def test_a_version_names_the_model_and_its_weights_not_its_place(folder: Path) -> None:
    version = find_model(str(folder)).version(())
    assert version.startswith(f"mood:{sha256(b'weights').hexdigest()[:12]}-")
    assert str(folder.parent) not in version


def test_whatever_decides_a_score_changes_the_version(folder: Path) -> None:
    found = find_model(str(folder))
    versions = [found.version(()), found.version(("negative", "positive"))]
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        write(folder, **{name: '{"changed": 1}'})
        versions.append(found.version(()))
    assert len(set(versions)) == len(versions)
    write(folder, README__md="hello")
    assert found.version(()) == versions[-1]


def test_weights_in_parts_are_read_by_their_index(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    parts = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    write(folder, **{"model.safetensors.index.json": {"weight_map": parts}})
    assert "it has none" in refused(folder)
    for name, content in zip(parts.values(), ("wei", "ghts"), strict=True):
        write(folder, **{name: content})
    found = find_model(str(folder))
    assert [path.name for path in found.weights] == list(parts.values())
    assert sha256(b"weights").hexdigest()[:12] in found.version(())


@pytest.mark.parametrize("part", ["../other.safetensors", "pytorch_model.bin", "/x.safetensors"])
def test_an_index_that_leads_elsewhere_is_refused(folder: Path, part: str) -> None:
    (folder / "model.safetensors").unlink()
    write(folder.parent, other__safetensors="weights")
    write(folder, **{"model.safetensors.index.json": {"weight_map": {"a": part}}})
    assert "must hold its weights as model.safetensors" in refused(folder)


def test_pickled_weights_alone_are_refused_with_the_way_out(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    write(folder, pytorch_model__bin="pickle")
    said = refused(folder)
    assert "only pickled weights (pytorch_model.bin), which could run any code" in said
    assert "model.save_pretrained(folder)" in said


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_model_with_code_of_its_own_is_refused(folder: Path, name: str) -> None:
    write(folder, **{name: {"auto_map": {"AutoModel": "modeling.Mine"}}})
    assert "asks to run Python files of its own (`auto_map`)" in refused(folder)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 9_999, '"x"', '{"a": ' + "1" * 5_000])
def test_a_configuration_that_is_none_is_refused(folder: Path, content: str) -> None:
    write(folder, config__json=content)
    assert "config.json is no JSON object" in refused(folder)


def test_a_folder_without_a_configuration_is_refused(tmp_path: Path) -> None:
    assert "must hold config.json" in refused(tmp_path)


@pytest.mark.parametrize(
    "model", ["gone", "~nobody/x", "./gone/model", "a/b/c", "\0", "a b/c", "~/"]
)
def test_what_is_neither_a_folder_nor_a_name_of_the_hubs_is_refused(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "no folder" in refused(model) or "must hold config.json" in refused(model)


def find_in_hub(model: str, hub: str, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", FIND, model],
        env={**os.environ, "HF_ENDPOINT": hub, "HF_HOME": str(cache)},
        cwd=cache,
        capture_output=True,
        text=True,
        check=False,
    )


def test_of_the_hub_only_what_is_safe_to_read_is_fetched_and_once(
    folder: Path, tmp_path: Path
) -> None:
    write(folder, pytorch_model__bin="pickle", modeling__py="code", tokenizer__json={})
    with running_hub("acme/mood", folder) as hub:
        found = find_in_hub("acme/mood", hub.address, tmp_path)
    fetched = {Path(path).name for path in hub.asked if "/resolve/" in path}
    assert found.stdout.startswith("acme/mood:"), found.stderr
    assert fetched == {"config.json", "model.safetensors", "tokenizer.json"}
    # The hub is gone; the cache is not.
    assert find_in_hub("acme/mood", hub.address, tmp_path).stdout == found.stdout


def test_a_model_that_the_hub_does_not_have_is_refused(folder: Path, tmp_path: Path) -> None:
    with running_hub("acme/mood", folder) as hub:
        done = find_in_hub("acme/gone", hub.address, tmp_path)
    assert done.stderr.startswith("2: `model`: there is no folder acme/gone, and the hub shows no")


def test_a_hub_that_does_not_answer_is_told_from_a_wrong_name(tmp_path: Path) -> None:
    done = find_in_hub("acme/mood", "http://127.0.0.1:1", tmp_path)
    assert "3: cannot fetch acme/mood from the model hub" in done.stderr
    assert done.stdout == ""
