"""What happened on stage, in /metrics: of a stream as a whole, by action."""

from resonance.streams.fold.sums import STAGE_ACTIONS
from support.board_feed import room, row
from support.board_scrapes import Board


def test_stage_events_are_the_rooms_and_each_action_is_there_from_the_start():
    board = Board(room(stage={"started": 1, "product_shown": 3}), row(comments=5))
    counts = {
        dict(labels)["action"]: value
        for (name, labels), value in board.scrape().items()
        if name == "resonance_stage_events_total" and dict(labels)["stream"] == "s1"
    }
    assert {name: count for name, count in counts.items() if count} == {
        "started": 1,
        "product_shown": 3,
    }
    assert set(counts) == set(STAGE_ACTIONS)
    assert not {"viewers", "caption", "comment_deleted"} & set(counts)


def test_a_stage_event_of_a_new_stream_is_shown_at_zero_before_it_is_shown():
    board = Board(room(stage={"started": 1}), seen_at=100.0)
    started = {"stream": "s1", "action": "started"}
    assert board.value("stage_events_total", now=109.9, **started) == 0
    assert board.value("stage_events_total", now=110.0, **started) == 1


def test_an_action_that_no_vocabulary_knows_is_counted_as_other():
    board = Board(room(stage={'x"} 1\nevil': 2, "vote_started": 1}))
    assert board.value("stage_events_total", stream="s1", action="other") == 2


def test_stage_events_of_streams_without_a_name_are_summed():
    board = Board()
    for n in range(22):
        board.put(row("*", stream=f"s{n:02}", started_at_ms=n, stage={"raid_started": 1}))
    raids = {"action": "raid_started"}
    assert board.value("stage_events_total", stream="other", **raids) == 2
    assert board.value("stage_events_total", stream="s21", **raids) == 1
    assert board.value("stage_events_total", stream="s00", **raids) is None
