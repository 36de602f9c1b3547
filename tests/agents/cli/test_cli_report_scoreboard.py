"""The scoreboard of an archived stream: its regulars by market, and its past to be held against."""

import json

import pytest
from typer.testing import CliRunner

from resonance.agents.archiving.store import Store
from resonance.agents.cli.main import app
from support.archives import archived
from support.log_events import MOODS, Build

DAY_S = 86_400
REGULARS = 80  # Of each evening; every second one shops in DE, the others in US.
NEWCOMERS = 40


def evening(build: Build, number: int, day: int, *, epoch: str = "e1"):
    """An evening of the channel: its regulars, and viewers who come that once."""
    own = {"stream": f"evening-{number}", "channel": "shop", "viewer_epoch": epoch}
    at_s = day * DAY_S
    viewers = [*range(REGULARS), *range(1_000 * (number + 1), 1_000 * (number + 1) + NEWCOMERS)]
    turns = sorted((viewer % 100 + again, viewer) for viewer in viewers for again in range(2))
    said = [
        build.comment(
            f"{number}-{viewer}-{second}",
            at_s + 60 + second,
            viewer=f"{viewer + 1:016x}",
            sentiment=MOODS["positive"],
            market="DE" if viewer % 2 else "US",
            **own,
        )
        for second, viewer in turns
    ]
    named = {"stream": own["stream"], "channel": "shop"}
    return [
        build.stage("started", at_s, **named),
        *said,
        build.stage("ended", at_s + 300, **named),
        *build.ticks(at_s + 1_500),
    ]


@pytest.fixture
def boards(tmp_path, monkeypatch):
    """Return the scoreboards of an archived evening, by market."""

    def of(*evenings, stream: str, options=()):
        build = Build()
        log = [event for one in evenings for event in evening(build, **one)]
        archived(Store(str(tmp_path / "archive")), log)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("RESONANCE_ARCHIVE", str(tmp_path / "archive"))
        told = CliRunner().invoke(app, ["report", stream, "--json", *options])
        return {one["market"]: one for one in json.loads(told.stdout)["scoreboards"]}

    return of


WEEK = [{"number": number, "day": 2 * number} for number in range(4)]


def test_regulars_are_counted_in_the_market_where_they_shop(boards):
    found = boards(*WEEK, stream="evening-3")
    returned = {market: board["returned_viewers"] for market, board in found.items()}
    assert returned.pop("unknown") == 0
    assert returned == {"*": REGULARS, "DE": REGULARS // 2, "US": REGULARS // 2}


def test_a_stream_is_held_against_those_before_it_and_none_after_it(boards):
    found = boards(*WEEK, stream="evening-2")["DE"]["resonance"]
    # Two before it; the first of them had nothing before it, so only one has a rate of return.
    assert (found["past_streams"], found["breadth"], found["returning"]) == (2, 1.0, None)
    assert found["score"] is None


def test_an_evening_like_all_others_has_full_breadth_and_return(boards):
    found = boards(*WEEK, stream="evening-3")["*"]["resonance"]
    assert (found["past_streams"], found["breadth"], found["returning"]) == (3, 1.0, 1.0)
    assert found["score"] == pytest.approx(70 + 30 * found["warmth"], abs=0.1)


def test_each_v_stands_beside_what_it_usually_is(boards):
    values = {v["name"]: v for v in boards(*WEEK, stream="evening-3")["*"]["four"]}
    assert values["value"]["usual"] == {"points": values["value"]["score"]["at"], "streams": 3}
    assert values["versatility"]["usual"] is None, "nobody ever asked anything"


def test_under_another_viewer_key_nobody_returned_is_not_what_is_said(boards):
    found = boards(*WEEK[:3], {"number": 3, "day": 6, "epoch": "e2"}, stream="evening-3")["*"]
    assert found["returned_viewers"] is None
    assert found["resonance"]["returning"] is None
    assert found["resonance"]["breadth"] == 1.0


def test_a_month_later_nobody_is_said_to_have_returned(boards):
    found = boards(WEEK[0], {"number": 1, "day": 31}, stream="evening-1")["*"]
    assert found["returned_viewers"] is None


def test_without_the_earlier_streams_there_is_no_past(boards):
    found = boards(*WEEK, stream="evening-3", options=("--no-earlier",))["*"]
    assert found["resonance"]["past_streams"] == 0
    assert found["resonance"]["warmth"] is not None
