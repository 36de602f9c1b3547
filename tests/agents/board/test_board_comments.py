"""`events` -> the comments on the page: few, recent, and without the deleted ones."""

import pytest

from resonance.agents.board.comments import DELETED_LIMIT, KEPT_MS, KEPT_PER_MARKET, Comments
from resonance.sentiment.scores import Sentiment
from resonance.streams.events import LoggedStage, Place, Tick
from support.board_feed import START_MS, comment, friction


def deletion(target: str) -> LoggedStage:
    return LoggedStage(
        id="d1",
        platform="youtube",
        channel="shop",
        occurred_at_ms=START_MS,
        ingested_at_ms=START_MS,
        stream="s1",
        action="comment_deleted",
        target_id=target,
        place=Place("stage", 0, 0),
    )


def texts(comments: Comments, market: str = "DE", *, now_ms: int = START_MS) -> list[str]:
    return [line.text for line in comments.latest("s1", market, now_ms=now_ms, count=100)]


def test_the_newest_come_first_and_at_most_fifty_of_a_market_are_kept():
    comments = Comments()
    for n in range(60):
        comments.take(comment(f"n{n}"), START_MS)
    assert texts(comments) == [f"n{n}" for n in range(59, 59 - KEPT_PER_MARKET, -1)]
    assert texts(comments, "US") == []


def test_what_was_written_fifteen_minutes_ago_is_no_longer_shown():
    comments = Comments()
    comments.take(comment("old"), START_MS)
    assert texts(comments, now_ms=START_MS + KEPT_MS) == ["old"]
    assert texts(comments, now_ms=START_MS + KEPT_MS + 1) == []


@pytest.mark.parametrize("deleted_first", [False, True])
def test_a_deleted_comment_is_hidden_whichever_is_read_first(deleted_first):
    comments = Comments()
    events = [comment("rude", id="c1"), deletion("c1")]
    for event in reversed(events) if deleted_first else events:
        comments.take(event, START_MS)
    comments.take(comment("kind", id="c2"), START_MS)
    assert texts(comments) == ["kind"]


def test_a_comment_delivered_twice_is_shown_once():
    comments = Comments()
    comments.take(comment("hi", id="c1"), START_MS)
    comments.take(comment("hi", id="c1"), START_MS)
    assert texts(comments) == ["hi"]


@pytest.mark.parametrize("role", ["viewer", "moderator"])
def test_who_is_forgotten_is_shown_no_more_whatever_their_role_and_others_are(role):
    comments = Comments()
    comments.take(comment("from Ann", viewer="a1", role=role), START_MS)
    comments.take(comment("from Bob", viewer="b2", role=role), START_MS)
    version = comments.version
    comments.forget({"a1"})
    assert texts(comments) + texts(comments, "*") == ["from Bob"]
    assert comments.version > version, "open pages are told"


def test_who_is_forgotten_stays_so_however_many_comments_are_deleted_after():
    comments = Comments()
    comments.take(comment("from Ann", viewer="a1"), START_MS)
    comments.forget({"a1"})
    for n in range(DELETED_LIMIT + 1):
        comments.hide(f"other-{n}")
    assert texts(comments) == []


@pytest.mark.parametrize("role", ["host", "moderator"])
def test_staff_speak_to_the_room_and_not_as_a_market(role):
    comments = Comments()
    comments.take(comment("welcome", role=role), START_MS)
    assert (texts(comments, "*"), texts(comments)) == (["welcome"], [])


def test_events_that_are_no_comments_change_nothing():
    comments = Comments()
    comments.take(Tick(topic="t", partition=0, partitions=1, offset=0, position_ms=0), START_MS)
    assert comments.version == 0


@pytest.mark.parametrize(
    ("sentiment", "scorer", "shown"),
    [
        (Sentiment(0.8, 0.1, 0.1), "rules", "negative"),
        (Sentiment(0.1, 0.1, 0.8), "model", "positive"),
        (Sentiment(0.4, 0.2, 0.4), "rules", "neutral"),
        (Sentiment(0.0, 1.0, 0.0), "unscored", "unscored"),
    ],
)
def test_a_line_shows_the_class_that_is_counted(sentiment, scorer, shown):
    comments = Comments()
    comments.take(comment("x", sentiment=sentiment, scorer=scorer), START_MS)
    [line] = comments.latest("s1", "DE", now_ms=START_MS, count=1)
    assert line.sentiment == shown


def test_a_line_is_short_and_names_no_viewer():
    comments = Comments()
    long = comment("y" * 1_000, friction=(friction("hard_sell"),))
    comments.take(long, START_MS)
    [line] = comments.latest("s1", "DE", now_ms=START_MS, count=1)
    assert (len(line.text), line.friction) == (280, ("hard_sell",))
    assert long.viewer not in repr(line)
