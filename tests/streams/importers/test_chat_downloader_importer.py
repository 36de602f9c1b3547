"""Files of chat-downloader, as of 2020 and as of now."""

import json

import pytest

from resonance.streams.events import Comment, Stage
from resonance.streams.importers.chat_downloader import read
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Skip, Skipped
from resonance.streams.reasons import Reason

FLAT = {
    "author": "Ann",
    "author_id": "UC1",
    "message": "hello",
    "time_in_seconds": 0,
    "time_text": "-0:00",
    "timestamp": 1_598_724_011_094_885,
    "video_offset_time_msec": 0,
}
NESTED = {
    "action_type": "add_chat_item",
    "author": {"id": "UC2", "name": "Bob", "images": [{"url": "x", "id": "source"}]},
    "message": "hi :smile:",
    "message_id": "Chw1",
    "message_type": "text_message",
    "time_in_seconds": 12.5,
    "time_text": "0:12",
    "timestamp": 1_598_724_023_594_885,
    "emotes": [{"id": "1", "name": ":smile:"}],
}


def outcomes(*rows, **options):
    return list(map(event_of, read([json.dumps(list(rows)).encode()], Options(**options))))


def event_of(outcome):
    return outcome if isinstance(outcome, Skipped) else outcome.event


def test_both_generations_are_read_from_an_array_or_from_lines():
    flat, nested = outcomes(FLAT, NESTED, name="premiere")
    assert (flat.viewer_id, flat.text, flat.occurred_at_ms) == ("UC1", "hello", 1_598_724_011_094)
    assert (nested.id, nested.viewer_id, nested.text) == ("Chw1", "UC2", "hi :smile:")
    assert (flat.platform, flat.stream, flat.channel) == ("youtube", "premiere", "premiere")
    assert flat.ingested_at_ms == flat.occurred_at_ms
    lines = [json.dumps(row).encode() + b"\n" for row in (FLAT, NESTED)]
    assert [event_of(outcome).text for outcome in read(lines, Options())] == ["hello", "hi :smile:"]


@pytest.mark.parametrize(
    ("badges", "role"),
    [
        ([{"title": "Owner"}], "host"),
        ([{"title": "Member (1 year)"}, {"title": "Moderator"}], "moderator"),
        ([{"name": "broadcaster"}], "host"),
        ([{"title": "Verified"}], "viewer"),
        ([], "viewer"),
        ("Owner", "viewer"),
        ([None, 7], "viewer"),
    ],
)
def test_a_badge_tells_the_role(badges, role):
    (comment,) = outcomes(NESTED | {"author": {"id": "UC2", "badges": badges}})
    assert comment.role == role


@pytest.mark.parametrize(
    "message_type",
    [
        "ticker_paid_message_item",
        "placeholder_item",
        "viewer_engagement_message",
        "mode_change_message",
        "banner",
        "ban_user",
        "something_new",
    ],
)
def test_rows_that_are_no_ones_words_are_skipped(message_type):
    (skipped,) = outcomes(NESTED | {"message_type": message_type})
    assert skipped == Skipped(Skip.NOT_A_MESSAGE, 1, message_type, message_type)


@pytest.mark.parametrize("message_type", ["text_message", "paid_message", "membership_item"])
def test_rows_with_words_are_comments_but_not_without(message_type):
    (comment,) = outcomes(NESTED | {"message_type": message_type})
    (skipped,) = outcomes(NESTED | {"message_type": message_type, "message": None})
    assert isinstance(comment, Comment)
    assert skipped.reason is Skip.NOT_A_MESSAGE


def test_a_deletion_is_a_stage_event_timed_by_the_video():
    deletion = {
        "action_type": "mark_chat_item_as_deleted",
        "message_type": "deleted_message",
        "message": "[message deleted]",
        "target_message_id": "Chw1",
        "time_in_seconds": 20.5,
    }
    _, stage = outcomes(NESTED, deletion)
    assert isinstance(stage, Stage)
    assert (stage.action, stage.target_id) == ("comment_deleted", "Chw1")
    assert stage.occurred_at_ms == NESTED["timestamp"] // 1_000 + 8_000
    (alone,) = outcomes(deletion)
    assert alone.reason is Reason.MISSING_FIELD


@pytest.mark.parametrize(
    ("author", "platform"), [({"id": "UC2"}, "youtube"), ({"id": "81423"}, "twitch")]
)
def test_the_platform_is_told_by_its_ids_unless_it_is_given(author, platform):
    (comment,) = outcomes(NESTED | {"author": author})
    (given,) = outcomes(NESTED | {"author": author}, platform="restream")
    assert (comment.platform, given.platform) == (platform, "restream")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (7, Reason.NOT_AN_OBJECT),
        (FLAT | {"timestamp": None, "time_in_seconds": None}, Reason.MISSING_FIELD),
        (FLAT | {"timestamp": -5}, Reason.INVALID_FIELD),
        (FLAT | {"time_in_seconds": 1e300, "timestamp": "then"}, Reason.MISSING_FIELD),
        (FLAT | {"message": ["a"]}, Reason.INVALID_FIELD),
        (FLAT | {"message": "x" * 70_000}, Reason.TOO_LARGE),
        (FLAT | {"author": None, "author_id": None}, Reason.MISSING_FIELD),
        (FLAT | {"message_type": ["text_message"]}, Skip.NOT_A_MESSAGE),
    ],
)
def test_a_bad_row_is_skipped_by_name_and_the_rest_goes_on(row, reason):
    first, skipped, last = outcomes(FLAT, row, NESTED)
    assert isinstance(skipped, Skipped)
    assert skipped.reason is reason
    assert isinstance(first, Comment)
    assert isinstance(last, Comment)


def test_a_row_that_is_no_json_within_its_brackets_is_skipped():
    content = json.dumps(FLAT).encode()
    broken = b"[" + content + b",{'author': \"x\"}," + content + b"]"
    assert [getattr(o, "reason", None) for o in read([broken], Options())] == [
        None,
        Reason.NOT_JSON,
        None,
    ]
