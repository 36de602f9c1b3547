"""Generated recordings: the same from a seed, and with in them what is said to be."""

import pytest

from resonance.agents.backtesting.recordings import events_by_stream, read_incidents
from resonance.agents.backtesting.writing import generate
from resonance.agents.errors import UsageError
from resonance.sentiment.score import Scorer
from resonance.streams.events import Comment, Purchase, Stage
from resonance.streams.importers.options import Options

SECONDS = 600


@pytest.fixture(scope="module")
def scorer():
    return Scorer(tier="rules")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, scorer):
    target = tmp_path_factory.mktemp("recordings") / "made"
    generate(target, scorer, streams=6, seconds=SECONDS, seed=3)
    return target


def stages(events):
    return [event.action for event in events if isinstance(event, Stage)]


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(tmp_path, folder, scorer):
    generate(tmp_path / "again", scorer, streams=2, seconds=SECONDS, seed=3)
    generate(tmp_path / "other", scorer, streams=2, seconds=SECONDS, seed=4)
    name = "generated-001.jsonl"
    made = (folder / name).read_bytes()
    assert (tmp_path / "again" / name).read_bytes() == made
    assert (tmp_path / "other" / name).read_bytes() != made


def test_every_second_stream_has_an_incident_marked_within_it(folder):
    incidents = read_incidents(folder / "incidents.toml")
    assert [one.stream for one in incidents] == [f"generated-00{n}" for n in (1, 3, 5)]
    for incident in incidents:
        [events] = events_by_stream(folder / f"{incident.stream}.jsonl", Options()).values()
        assert events[0].occurred_at_ms < incident.from_ms < incident.to_ms
        assert incident.to_ms < events[-1].occurred_at_ms
        assert incident.market in {event.market for event in events if isinstance(event, Comment)}


def test_a_recording_is_one_of_ours_with_all_that_must_page_nobody(folder):
    of_all = [
        next(iter(events_by_stream(path, Options()).values()))
        for path in sorted(folder.glob("*.jsonl"))
    ]
    for events in of_all:
        assert stages(events)[0] == "started"
        assert stages(events)[-1] == "ended"
    seen = {action for events in of_all for action in stages(events)}
    assert {"giveaway_started", "vote_started", "raid_started"} <= seen
    assert any(isinstance(event, Purchase) for events in of_all for event in events)
    late = [e for events in of_all for e in events if e.ingested_at_ms - e.occurred_at_ms > 10_000]
    assert late  # A connector was restarted.
    sizes = sorted(len(events) for events in of_all)
    assert sizes[0] * 5 < sizes[-1]  # Quiet nights beside great evenings.


def test_a_folder_that_holds_something_is_left_alone(folder, scorer):
    with pytest.raises(UsageError, match="is not empty: name a new folder"):
        generate(folder, scorer, streams=1, seconds=SECONDS, seed=3)
