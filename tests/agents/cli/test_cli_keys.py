"""`resonance keys` and `resonance erase`: epochs begin and end, and a viewer is put on the list."""

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError
from resonance.agents.privacy.erased import ErasedList, add_erasures, read_list
from resonance.agents.privacy.viewer_key import LOOK_SECONDS, WatchedKeys, read_keys, write_keys
from resonance.agents.settings import SettingsError
from resonance.streams.erasure import Erasure
from resonance.streams.viewers import KeyRing, epoch_id

OLD = b"k" * 32


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "viewer.key"
    path.write_bytes(OLD)
    path.chmod(0o600)
    monkeypatch.setenv("RESONANCE_VIEWER_KEY_FILE", str(path))
    monkeypatch.setenv("RESONANCE_ERASED_VIEWERS_FILE", str(tmp_path / "erased.jsonl"))
    return path


def run(*arguments: str, text: str | None = None) -> object:
    done = CliRunner().invoke(app, [*arguments, "--json"], input=text, catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def test_a_single_key_is_one_epoch_that_has_always_been(key_file: Path) -> None:
    assert run("keys", "list") == [
        {"epoch": epoch_id(OLD), "from_ms": 0, "key": "kept", "current": True}
    ]


def test_a_rotation_begins_later_keeps_the_old_key_and_shows_none(key_file: Path) -> None:
    first, second = run("keys", "rotate", "--in", "3600")
    assert first == {"epoch": epoch_id(OLD), "from_ms": 0, "key": "kept", "current": True}
    assert (second["key"], second["current"]) == ("kept", False)
    ring = read_keys(key_file)
    assert ring.at(0).key == OLD
    assert len(ring.at(second["from_ms"]).key or b"") == 32
    assert ring.at(second["from_ms"] - 1).key == OLD
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.glob(".viewer*")] == []
    shown = CliRunner().invoke(app, ["keys", "list"]).stdout
    assert "not yet" in shown
    assert not any(text in shown for text in ("kkkk", OLD.hex()))


def test_two_rotations_cannot_begin_out_of_order(key_file: Path) -> None:
    run("keys", "rotate", "--in", "3600")
    with pytest.raises(UsageError, match="begins later"):
        run("keys", "rotate", "--in", "60")


def test_a_destroyed_key_is_in_the_file_no_more_and_its_epoch_still_is(key_file: Path) -> None:
    before = key_file.open("rb")  # Whoever has the old file open sees noise in it afterwards.
    run("keys", "rotate", "--in", "60")
    assert OLD not in before.read()
    rows = run("keys", "destroy", epoch_id(OLD))
    assert [row["key"] for row in rows] == ["destroyed", "kept"]
    assert read_keys(key_file).epochs[0].key is None
    before.close()


def test_only_what_ended_long_enough_ago_is_expired(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keys(key_file, KeyRing.of(OLD).rotated(b"2" * 32, 1_000).rotated(b"3" * 32, 4 * 10**12))
    rows = run("keys", "destroy", "--expired")
    assert [row["key"] for row in rows] == ["destroyed", "kept", "kept"]
    assert run("keys", "destroy", "--expired") == rows


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["destroy"], "name an epoch"),
        (["destroy", "x", "--expired"], "name an epoch"),
        (["destroy", "ffffffff"], "no epoch ffffffff"),
        (["destroy", epoch_id(OLD)], "rotate first"),
    ],
)
def test_what_cannot_be_destroyed_is_said(key_file: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        run("keys", *arguments)
    assert key_file.read_bytes() == OLD


def test_damaged_keys_are_refused_and_never_replaced(key_file: Path) -> None:
    key_file.write_bytes(b'{"epochs": []}')
    with pytest.raises(SettingsError, match="are damaged"):
        run("keys", "list")


def test_a_worker_takes_a_rotation_in_while_it_runs_and_outlives_a_bad_file(key_file: Path) -> None:
    now = [0.0]
    keys = WatchedKeys(key_file, read_keys(key_file), lambda: now[0])
    before = keys.pseudonym("youtube", "UC1", 2_000)
    write_keys(key_file, KeyRing.of(OLD).rotated(b"2" * 32, 1_500))
    now[0] += LOOK_SECONDS
    assert keys.pseudonym("youtube", "UC1", 1_000) == before
    after = keys.pseudonym("youtube", "UC1", 2_000)
    assert after.epoch == epoch_id(b"2" * 32)
    key_file.write_bytes(b"broken")
    now[0] += LOOK_SECONDS
    assert keys.pseudonym("youtube", "UC1", 2_000) == after


def test_a_viewer_is_listed_under_every_key_and_only_once(key_file: Path, tmp_path: Path) -> None:
    run("keys", "rotate", "--in", "60")
    arguments = ("erase", "--platform", "youtube", "--viewer", "-")
    dry = run(*arguments, "--dry-run", text="UC1\n")
    assert (len(dry["listed"]), dry["added"]) == (2, 0)
    assert not (tmp_path / "erased.jsonl").exists()
    first = run(*arguments, text="UC1\n")
    again = run(*arguments, text="UC1\n")
    assert (first["added"], again["added"]) == (2, 0)
    ring = read_keys(key_file)
    listed = {one.viewer for one in read_list(tmp_path / "erased.jsonl")}
    assert listed == {one.viewer for one in ring.all_pseudonyms("youtube", "UC1")}
    assert "UC1" not in (tmp_path / "erased.jsonl").read_text()
    assert first["remains"]["raw_topics_hours"] == 72


def test_the_list_is_read_anew_when_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    erased = ErasedList(path)
    assert not erased.look()
    add_erasures(path, [Erasure(viewer="a", epoch="e", erased_at_ms=1)])
    assert erased.look()
    assert erased.viewers.pseudonyms == {"a"}
    assert not erased.look()
    path.write_bytes(b"broken\n")
    with pytest.raises(SettingsError, match="line 1"):
        erased.look()


def test_whoever_erases_is_told_what_the_list_cannot_reach(key_file: Path) -> None:
    arguments = ["erase", "--platform", "youtube", "--viewer", "UC1"]
    told = CliRunner().invoke(app, arguments, catch_exceptions=False).stderr
    places = ("raw topics (72 h)", "`events` (720 h)", "`dead-letters` (168 h)", "streams compact")
    assert all(place in told for place in (*places, "Recordings and reports"))
    assert "UC1" not in told
