"""`resonance compass CHANNEL`: out of the archive, for people and for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from resonance.agents.archiving.store import Store
from resonance.agents.cli.main import app
from resonance.agents.errors import UsageError
from resonance.streams.erasure import Erasure, erasure_line
from support.archives import archived
from support.log_events import START_MS, Build, hash_of
from support.weeks import HOUR_MS, archive_weeks

PAGE = Path(__file__).parents[3] / "docs/compass.md"
DAY_S = 86_400


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weeks") / "archive"
    archive_weeks(Store(str(folder)), 2)
    return folder


@pytest.fixture
def small(tmp_path):
    """Streams of two channels, one of them on two platforms."""
    build, log = Build(), []
    for day, (channel, platform) in enumerate(
        [("shop", "tiktok"), ("shop", "youtube"), ("shoes", "tiktok"), ("shop", "tiktok")]
    ):
        own = {"stream": f"day-{day}", "channel": channel, "platform": platform}
        at_s = day * DAY_S
        log += [
            build.stage("started", at_s, **own),
            build.comment(f"c{day}", at_s + 1, market="DE", **own),
            build.stage("ended", at_s + 60, **own),
            *build.ticks(at_s + 1_500),
        ]
    folder = tmp_path / "archive"
    archived(Store(str(folder)), log, interval_ms=HOUR_MS)
    return folder


def run(folder, *arguments: str, channel: str = "shop"):
    command = ["compass", channel, "--archive", str(folder), *arguments]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def told(folder, *arguments: str, channel: str = "shop"):
    return json.loads(run(folder, *arguments, "--json", channel=channel).stdout)


def test_the_hours_of_a_channel_are_told_in_the_local_time_of_each_market(weeks):
    found = told(weeks)
    assert (found["channel"], found["platform"], len(found["streams"])) == ("shop", "test", 7)
    hours = {
        market["market"]: [(c["weekday"], c["hour"], c["streams"]) for c in market["cells"]]
        for market in found["markets"]
    }
    assert hours == {
        "DE": [(1, 19, 2), (2, 12, 1), (4, 15, 2), (6, 20, 2)],
        "SA": [(1, 21, 2), (4, 17, 2), (6, 22, 2)],
    }
    assert [m["weekend"] for m in found["markets"]] == [[5, 6], [4, 5]]


def test_the_counts_are_those_of_the_streams(weeks):
    [germany] = told(weeks, "--market", "DE")["markets"]
    tuesday, wednesday = germany["cells"][:2]
    assert tuesday["commenter_minutes"] == 2 * 60 * 4
    assert (wednesday["commenter_minutes"], wednesday["blank"]) == (60 * 3, "few_streams")


def test_the_same_archive_gives_the_same_bytes(weeks):
    for form in ([], ["--json"]):
        assert run(weeks, *form).stdout_bytes == run(weeks, *form).stdout_bytes


def test_an_erased_viewer_changes_no_number(weeks, tmp_path, monkeypatch):
    before = run(weeks, "--json").stdout_bytes
    gone = f"{hash_of('2023-11-21-DE-0-0'):016x}"
    one = Erasure(viewer=gone, epoch="", erased_at_ms=START_MS)
    (tmp_path / "erased.jsonl").write_bytes(erasure_line(one))
    monkeypatch.setenv("RESONANCE_ERASED_VIEWERS_FILE", str(tmp_path / "erased.jsonl"))
    assert run(weeks, "--json").stdout_bytes == before


def test_people_get_a_table_the_best_hours_in_words_and_what_is_blank_and_why(weeks):
    shown = run(weeks, "--market", "DE").stdout
    assert "DE (Europe/Berlin)" in shown
    assert "weekend" in shown
    assert "Best hours:\n  Sunday 20:00–21:00:" in shown
    assert "of 2 streams; net sentiment" in shown
    assert "Blank: 1 hour of fewer than 2 streams." in shown
    assert "Riyadh" not in shown


def test_days_are_counted_back_from_the_channels_last_stream(small):
    only_tiktok = ("--platform", "tiktok")
    assert told(small, *only_tiktok)["streams"] == ["day-0", "day-3"]
    assert told(small, *only_tiktok, "--days", "3")["streams"] == ["day-0", "day-3"]
    assert told(small, *only_tiktok, "--days", "2")["streams"] == ["day-3"]


def test_a_channel_of_two_platforms_is_of_one_of_them(small):
    with pytest.raises(UsageError, match="of tiktok and of youtube: choose by --platform"):
        run(small)
    assert told(small, "--platform", "youtube")["streams"] == ["day-1"]
    with pytest.raises(UsageError, match="--platform twitch: 'shop' is a channel of tiktok, yout"):
        run(small, "--platform", "twitch")
    assert told(small, channel="shoes")["platform"] == "tiktok", "there is but one"


def test_an_unknown_channel_names_the_nearest(small):
    with pytest.raises(UsageError, match=r"no channel 'shop1'\. The nearest: shop, shoes"):
        run(small, channel="shop1")


def test_an_archive_of_nothing_says_so(tmp_path):
    with pytest.raises(UsageError, match=r"no channel 'shop'\. It has no stream at all"):
        run(tmp_path / "nothing")


def test_a_market_that_nobody_was_of_is_named_beside_those_there_are(small):
    with pytest.raises(UsageError, match=r"--market FR: nobody of it .* There are: DE"):
        run(small, "--platform", "tiktok", "--market", "DE", "--market", "FR")


def test_streams_of_the_same_time_share_the_orders_that_name_none(tmp_path):
    """Replayed apart, each would take them all."""
    build = Build()
    orders = [build.purchase(f"o{n}", 100 + n, stream=None, market="US") for n in range(5)]
    log = [
        build.stage("started", 0, stream="one"),
        build.stage("started", 50, stream="two"),
        build.comment("c1", 60, stream="one"),
        build.comment("c2", 61, stream="two"),
        *orders,
        *build.ticks(200),
        build.stage("ended", 300, stream="one"),
        build.stage("ended", 310, stream="two"),
        *build.ticks(1_800),
    ]
    archived(Store(str(tmp_path)), log)
    [market] = told(tmp_path)["markets"]
    assert (market["orders"], market["streams"]) == (5, 2)


def test_streams_between_which_nothing_ran_for_days_are_all_there(tmp_path):
    """The log's time jumps then, and the fold forgets the stream before."""
    build, log = Build(), []
    for day in (0, 5, 10):
        at_s, own = day * DAY_S, {"stream": f"day-{day}"}
        log += [
            *build.ticks(at_s - 1),
            build.stage("started", at_s, **own),
            build.comment(f"c{day}", at_s + 1, **own),
            build.purchase(f"o{day}", at_s + 2, market="US", **own),
            build.stage("ended", at_s + 60, **own),
            *build.ticks(at_s + 90),
            *build.ticks(at_s + 180),
        ]
    archived(Store(str(tmp_path)), log)
    [market] = told(tmp_path)["markets"]
    assert (market["streams"], market["orders"], market["commenter_minutes"]) == (3, 3, 3)


def test_the_page_shows_what_the_command_prints(tmp_path):
    archive_weeks(Store(str(tmp_path)))
    shown = [line.rstrip() for line in run(tmp_path).stdout.splitlines()]
    assert "\n".join(shown) in PAGE.read_text("utf-8")
