"""`resonance report STREAM`: an archived stream beside the channel's last, without the erased."""

import json
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError
from resonance.sentiment.scores import Friction
from resonance.streams.erasure import Erasure, erasure_line
from support.archives import archived, files
from support.log_events import MOODS, START_MS, Build, hash_of

DAY_S = 86_400
SECRET = "my parcel never came"
QUESTION = "does my sister know about it?"
CULPRIT = f"{7:016x}"


def evening(build: Build, stream: str, at_s: float, *, channel: str = "shop"):
    """A short stream: complaints of five viewers in one minute, and a question."""
    own = {"stream": stream, "channel": channel, "viewer_epoch": "e1"}
    said = [
        build.comment(
            f"{stream}-{n}",
            at_s + 60 + n,
            viewer=CULPRIT if n == 0 else f"{100 + n:016x}",
            text=SECRET if n == 0 else f"late again {n}",
            sentiment=MOODS["negative"],
            signals=("complaint",),
            friction=(Friction("customs_regulation", 3, SECRET if n == 0 else "late"),),
            **own,
        )
        for n in range(5)
    ]
    asked = build.comment(
        f"{stream}-q",
        at_s + 70,
        viewer=CULPRIT,
        text=QUESTION,
        signals=("question", "praise"),
        **own,
    )
    alone = build.comment(f"{stream}-x", at_s + 71, viewer=f"{hash_of(stream):016x}", **own)
    return [
        build.stage("started", at_s, stream=stream, channel=channel),
        *said,
        asked,
        alone,
        build.stage("ended", at_s + 200, stream=stream, channel=channel),
        *build.ticks(at_s + 1_500),
    ]


@pytest.fixture
def archive(tmp_path, monkeypatch):
    build = Build()
    log = [
        *evening(build, "ancient", 0),
        *evening(build, "last-week", 20 * DAY_S),
        *evening(build, "elsewhere", 21 * DAY_S, channel="other"),
        *evening(build, "monday", 26 * DAY_S),
        *evening(build, "tuesday", 27 * DAY_S),
        *evening(build, "wednesday", 28 * DAY_S),
    ]
    archived(Store(str(tmp_path / "archive")), log)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESONANCE_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("RESONANCE_ERASED_VIEWERS_FILE", str(tmp_path / "erased.jsonl"))
    return tmp_path


def run(*arguments: str):
    return CliRunner().invoke(app, [*arguments], catch_exceptions=False)


def told(*arguments: str):
    return json.loads(run("report", *arguments, "--json").stdout)


def erase(folder, viewer: str) -> None:
    one = Erasure(viewer=viewer, epoch="e1", erased_at_ms=START_MS)
    (folder / "erased.jsonl").write_bytes(erasure_line(one))


def test_a_stream_is_told_beside_the_channels_streams_of_the_last_two_weeks(archive):
    found = told("tuesday")
    assert found["room"]["comments"] == 7
    assert [one["stream"] for one in found["earlier"]] == ["monday", "last-week"]
    assert all(
        two["started_at_ms"] < one["started_at_ms"] for one, two in pairwise(found["earlier"])
    )
    assert {(one["comments"], one["orders"]) for one in found["earlier"]} == {(7, 0)}


def test_viewers_returned_who_were_on_a_stream_of_the_channel_within_thirty_days(archive):
    found = told("tuesday")
    assert found["returned_viewers"] == 5
    assert told("ancient")["returned_viewers"] is None, "there was nothing before"


def test_without_earlier_streams_nothing_is_said_of_them(archive):
    found = told("tuesday", "--no-earlier")
    assert (found["earlier"], found["returned_viewers"]) == ([], None)


def test_two_archived_streams_are_held_against_each_other(archive):
    found = told("tuesday", "--against", "monday")
    assert found["against"] == "monday"
    assert {one["measure"] for one in found["differences"]} >= {"negative", "complaint"}
    with pytest.raises(UsageError, match="no stream 'nobody'"):
        told("tuesday", "--against", "nobody")


def test_two_reports_of_an_archived_stream_are_the_same_bytes(archive):
    for name in ("one.html", "two.html"):
        assert run("report", "tuesday", "-o", name).exit_code == 0
    assert (archive / "one.html").read_bytes() == (archive / "two.html").read_bytes()


@pytest.mark.parametrize("name", ["r.html", "r.md", "r.json"])
def test_a_report_shows_no_words_of_an_erased_viewer_and_still_counts_them(archive, name):
    run("report", "tuesday", "-o", name)
    before = (archive / name).read_text("utf-8")
    assert SECRET in before
    assert QUESTION.removesuffix("?") in before

    erase(archive, CULPRIT)
    run("report", "tuesday", "-o", name)
    after = (archive / name).read_text("utf-8")
    assert SECRET not in after
    assert QUESTION.removesuffix("?") not in after
    assert "late again 1" in after
    assert told("tuesday")["room"]["comments"] == 7
    assert told("tuesday")["returned_viewers"] == 4


def test_a_replay_scores_nothing_anew_that_an_erased_viewer_said(archive):
    diff = ("replay", "--from", "archive", "tuesday", "--tier", "rules", "--diff", "--json")
    assert json.loads(run(*diff).stdout)["signals"]["praise"]["lost"] == 1
    erase(archive, CULPRIT)
    changes = json.loads(run(*diff).stdout)
    assert changes["comments"] == 7
    assert "praise" not in changes["signals"]


def test_compaction_drops_for_good_what_an_erased_viewer_said(archive):
    store = Store(str(archive / "archive"))
    erase(archive, CULPRIT)
    assert viewers(store, "tuesday") > {CULPRIT}
    assert "rid of erased viewers" in run("streams", "compact", "tuesday").stderr
    assert CULPRIT not in viewers(store, "tuesday")
    assert CULPRIT in viewers(store, "monday"), "each stream is compacted by itself"
    kept = files(store)
    assert ", 0 rows rid of" in run("streams", "compact", "tuesday").stderr
    assert files(store) == kept
    (archive / "erased.jsonl").unlink()
    assert SECRET not in run("report", "tuesday", "--json").stdout


def viewers(store, stream) -> set[str]:
    events = [record.event for record in read_streams(store, [stream]).records]
    return {event.viewer for event in events if getattr(event, "viewer", None)}
