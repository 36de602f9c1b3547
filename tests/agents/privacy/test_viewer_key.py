"""The key under viewers' pseudonyms is made once, kept private, and never replaced."""

import stat
from pathlib import Path

import pytest

from resonance.agents.privacy.viewer_key import ensure_viewer_key
from resonance.agents.settings import Settings, SettingsError


def test_the_first_use_makes_a_key_and_later_ones_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    first = ensure_viewer_key(Settings(), environ)
    said = capsys.readouterr().err
    second = ensure_viewer_key(Settings(), environ)

    assert first.epochs == second.epochs
    assert [len(epoch.key or b"") for epoch in first.epochs] == [32]
    assert "viewer.key" in said
    assert capsys.readouterr().err == ""


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    ensure_viewer_key(Settings(), {"XDG_STATE_HOME": str(tmp_path)})
    [made] = (tmp_path / "resonance").iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_a_key_file_that_was_named_is_used(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"k" * 32)
    assert ensure_viewer_key(Settings(viewer_key_file=path), {}).at(0).key == b"k" * 32


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot read the viewer key"), (b"short", "has 5 bytes, expected 32")],
)
def test_a_named_file_that_is_no_key_is_refused_and_not_replaced(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        ensure_viewer_key(Settings(viewer_key_file=path), {})
    assert content is None or path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"cannot make a viewer key at .*Set `viewer_key_file`"):
        ensure_viewer_key(Settings(), {"XDG_STATE_HOME": str(tmp_path / "file")})
