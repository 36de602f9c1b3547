"""`resonance streams` and `resonance replay --from archive`: what the past was, told again."""

import json
import os
import subprocess
import sys
from importlib.resources import files

import pytest
from typer.testing import CliRunner

from resonance.agents.archiving.store import Store
from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError
from support.archives import archived
from support.log_events import MOODS, Build


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """One finished stream: what the words say now differs from what was scored then."""
    build = Build()
    log = [
        build.stage("started", 0),
        build.comment("a", 1, text="love it", sentiment=MOODS["negative"]),
        build.comment("b", 2, text="is it authentic?", signals=("complaint",)),
        build.comment("c", 3, text="ok", market_source="declared", market="DE"),
        build.stage("ended", 30),
        *build.ticks(900),
    ]
    archived(Store(str(tmp_path / "archive")), log)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESONANCE_ARCHIVE", str(tmp_path / "archive"))
    return tmp_path


def run(*arguments: str) -> str:
    found = CliRunner().invoke(app, list(arguments))
    if found.exception is not None:
        raise found.exception
    return found.stdout


def test_streams_are_listed_with_their_files(archive):
    [entry] = json.loads(run("streams", "list", "--json"))
    assert (entry["stream"], entry["comments"], entry["complete"]) == ("live", 3, True)
    assert all(path.startswith(str(archive)) for path in entry["files"])
    assert "live\t2023-11-14T22:13:20+00:00" in run("streams", "list")


def test_two_replays_of_an_archived_stream_are_the_same_bytes(archive):
    first = run("replay", "--from", "archive", "live", "--json", "--windows", "one.tsv")
    assert run("replay", "--from", "archive", "live", "--json", "--windows", "two.tsv") == first
    assert (archive / "one.tsv").read_bytes() == (archive / "two.tsv").read_bytes() != b""
    [stream] = json.loads(first)["streams"]
    assert stream["totals"]["comments"] == 3


def test_scoring_anew_names_the_signals_and_windows_that_change(archive):
    changes = json.loads(
        run("replay", "--from", "archive", "live", "--tier", "rules", "--rescore", "--diff",
            "--json")
    )  # fmt: skip
    assert changes["comments"] == 3
    assert changes["signals"]["complaint"]["lost"] == 1
    assert changes["signals"]["question"] == {"before": 0, "after": 1, "gained": 1, "lost": 0}
    assert changes["windows_changed"] == len(changes["windows"]) > 0
    room = next(w for w in changes["windows"] if w["key"] == "live|*|total")
    before, after = room["fields"]["signals"]
    assert ("complaint" in before, "complaint" in after) == (True, False)
    assert "DE" not in changes["market"], "a declared market stays"
    assert changes["pages"] == [], "three comments page nobody, by neither"


def test_scoring_anew_names_the_pages_that_would_not_have_been_sent(archive):
    build = Build()
    angry = [
        build.comment(f"n{n}", n, text="ok", stream="noisy", sentiment=MOODS["negative"])
        for n in range(1, 60)
    ]
    ends = [
        build.stage(action, at, stream="noisy") for action, at in (("started", 0), ("ended", 90))
    ]
    log = [ends[0], *angry, ends[1], *build.ticks(900)]
    archived(Store(str(archive / "noisy")), log)
    diff = ("replay", "--from", "archive", "--archive", str(archive / "noisy"), "noisy", "--diff",
            "--tier", "rules")  # fmt: skip
    changes = json.loads(run(*diff, "--json"))
    assert changes["pages_changed"] == 1
    [page] = changes["pages"]
    assert (page["stream"], page["market"], page["after"]) == ("noisy", "US", None)
    assert page["before"]["negative"] == page["before"]["comments"] > 5
    assert changes["windows_changed"] > 0
    assert changes["sentiment"]["negative"]["lost"] == 59
    assert "noisy\tUS\t22:13:" in run(*diff)
    assert "-> no page" in run(*diff)


def test_a_changed_phrase_pack_is_named_by_windows_signals_and_pages_that_change(archive, tmp_path):
    build = Build()
    said = [
        build.comment(f"n{n}", n, text="zebra stripes", stream="odd", viewer=f"{n:016x}")
        for n in range(1, 60)
    ]
    ends = [build.stage(action, at, stream="odd") for action, at in (("started", 0), ("ended", 90))]
    archived(Store(str(archive / "odd")), [ends[0], *said, ends[1], *build.ticks(900)])
    packs = tmp_path / "packs"
    packs.mkdir()
    ours = files("resonance.sentiment.packs").joinpath("en.tsv").read_text("utf-8")
    changed = "valence\t-\t-4\tzebra stripes\nsignal\tcomplaint\t1\tzebra stripes\n"
    dropped = "\n".join(ours.splitlines()[:-2]) + "\n"  # Packs have a limit of rows.
    (packs / "en.tsv").write_text(dropped + changed, "utf-8")

    # In a process of its own: packs are read once.
    done = subprocess.run(
        [
            *(sys.executable, "-m", "resonance.agents.cli", "replay", "--from", "archive"),
            *("--archive", str(archive / "odd"), "odd", "--tier", "rules", "--diff", "--json"),
        ],
        env={**os.environ, "RESONANCE_PACKS_FOLDER": str(packs)},
        capture_output=True,
        check=True,
    )
    changes = json.loads(done.stdout)
    assert changes["signals"]["complaint"]["gained"] == 59
    assert changes["windows_changed"] > 0
    [page] = changes["pages"]
    assert page["before"] is None
    assert page["after"]["negative"] == page["after"]["comments"] > 5


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--from", "archive"], "resonance streams list"),
        (["--from", "archive", "nobody"], "no stream 'nobody'"),
        (["--from", "archive", "live", "--since", "2026-01-01"], "--from kafka"),
        (["--from", "kafka"], "--since"),
        (["--from", "kafka", "--since", "yesterday"], "give a time"),
        (["chat.json", "--diff"], "--from archive"),
    ],
)
def test_what_cannot_be_replayed_is_told_with_the_remedy(archive, arguments, remedy):
    with pytest.raises(UsageError, match=remedy):
        run("replay", *arguments)
