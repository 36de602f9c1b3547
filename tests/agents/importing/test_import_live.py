"""Lines of now: their time, their streams' markers, and what they may not bring along."""

import json

import pytest

from resonance.agents.importing.live import RECORDED_WITHIN_MS, LiveInput
from resonance.streams.events import Comment, Stage
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError

NOW_MS = 1_800_000_000_000
LINE = {"kind": "comment", "text": "hi", "viewer_id": "u1"}


class Run:
    """A followed input: every event that was sent, and what was said."""

    def __init__(self, times="auto", **options):
        self.sent, self.said = [], []
        self.now_ms = NOW_MS
        self.input = LiveInput(
            Options(**({"name": "live"} | options)),
            times=times,
            now_ms=self._tick,
            send=self.sent.append,
            say=self.said.append,
        )

    def _tick(self):
        self.now_ms += 1
        return self.now_ms

    def follow(self, *lines):
        self.input.follow(
            (json.dumps(line) if isinstance(line, dict) else line).encode() + b"\n"
            for line in lines
        )
        return self

    @property
    def comments(self):
        return [event for event in self.sent if isinstance(event, Comment)]

    @property
    def markers(self):
        return [event for event in self.sent if isinstance(event, Stage)]


def said_at(at_ms, **changes):
    return LINE | {"occurred_at_ms": at_ms} | changes


@pytest.mark.parametrize(
    ("age_ms", "chosen"),
    [
        (0, "recorded"),
        (RECORDED_WITHIN_MS - 1, "recorded"),
        (1 - RECORDED_WITHIN_MS, "recorded"),
        (RECORDED_WITHIN_MS + 10, "arrival"),
        (400 * 86_400_000, "arrival"),
    ],
)
def test_auto_takes_recorded_times_only_of_what_was_said_just_now(age_ms, chosen):
    recorded_ms = NOW_MS - age_ms
    run = Run().follow(said_at(recorded_ms), said_at(recorded_ms + 5))
    expected = [recorded_ms, recorded_ms + 5] if chosen == "recorded" else [NOW_MS + 1, NOW_MS + 2]
    assert [comment.occurred_at_ms for comment in run.comments] == expected
    assert [comment.ingested_at_ms for comment in run.comments] == [NOW_MS + 1, NOW_MS + 2]
    (message,) = run.said
    assert chosen in message


@pytest.mark.parametrize(("times", "expected_ms"), [("recorded", 7), ("arrival", NOW_MS + 1)])
def test_times_that_were_asked_for_are_not_questioned(times, expected_ms):
    run = Run(times).follow(said_at(7))
    assert run.comments[0].occurred_at_ms == expected_ms
    assert run.said == []


def test_each_stream_is_started_before_its_first_event_and_never_bounded():
    run = Run(markets=("US",)).follow(
        said_at(NOW_MS, stream="a"), said_at(NOW_MS, stream="b"), said_at(NOW_MS, stream="a")
    )
    assert [(type(event), event.stream) for event in run.sent] == [
        (Stage, "a"),
        (Comment, "a"),
        (Stage, "b"),
        (Comment, "b"),
        (Comment, "a"),
    ]
    started = run.sent[0]
    assert (started.action, started.stream_markets) == ("started", ("US",))
    assert started.sources is started.counts is None
    assert run.input.streams == ("a", "b")


def test_a_recording_played_live_loses_the_marks_of_a_finite_file():
    started = {"kind": "stage", "action": "started", "sources": {"comments": 1}, "counts": {}}
    ended = {"kind": "stage", "action": "ended", "counts": {"comments": 1, "stage": 2}}
    at = {"occurred_at_ms": NOW_MS}
    run = Run().follow(started | at, said_at(NOW_MS), ended | at)
    assert [marker.action for marker in run.markers] == ["started", "ended"]
    assert all(marker.sources is marker.counts is None for marker in run.markers)


def test_ending_the_streams_says_so_for_each_of_them():
    run = Run().follow(said_at(NOW_MS, stream="a"), said_at(NOW_MS, stream="b"))
    run.input.end_streams()
    assert [(m.action, m.stream) for m in run.markers[-2:]] == [("ended", "a"), ("ended", "b")]
    assert run.markers[-1].occurred_at_ms > run.comments[-1].ingested_at_ms


def test_the_format_is_seen_from_the_first_lines_and_none_of_them_is_lost():
    run = Run().follow("garbage before", said_at(NOW_MS), "{", said_at(NOW_MS))
    assert len(run.comments) == 2
    assert run.input.summary.skipped == {"not_json": 2}
    table = Run("arrival").follow("time,user,text", "1700000000,u1,hi", "soon,u1,hi")
    assert [comment.text for comment in table.comments] == ["hi"]
    assert table.input.summary.skipped == {"invalid_field": 1}


def test_an_event_is_sent_before_the_next_line_is_asked_for():
    run = Run()
    sent_when_asked = []

    def lines():
        for _ in range(3):
            yield json.dumps(said_at(NOW_MS)).encode() + b"\n"
            sent_when_asked.append(len(run.comments))

    run.input.follow(lines())
    assert sent_when_asked == [1, 2, 3]


def test_an_input_that_ends_before_it_begins_sends_nothing():
    assert Run().follow().sent == []


def test_an_input_of_no_known_format_is_refused():
    with pytest.raises(BrokenFileError, match="none of the known formats"):
        Run().follow("what", "is", "this")
