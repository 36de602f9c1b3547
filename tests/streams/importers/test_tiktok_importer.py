"""TikTok LIVE as three tools write it."""

import pytest

from resonance.streams.events import Stage
from resonance.streams.importers.formats import detect
from resonance.streams.importers.load import events_of_file
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Skip, Skipped
from resonance.streams.importers.tiktok import read
from resonance.streams.reasons import Reason
from support.chat_samples import T0_MS, euler, lines, tiktok

PYTHON = {
    "type": "CommentEvent",
    "common": {"method": "WebcastChatMessage", "msgId": "41", "createTime": str(T0_MS)},
    "user": {"id": "6813181309701720000", "nickName": "Ann", "displayId": "ann"},
    "userIdentity": {"isModeratorOfAnchor": True},
    "content": "how much?",
}
SNAKE = {
    "event": "comment",
    "data": {
        "base_message": {"message_id": 41, "create_time": T0_MS},
        "user": {"id": 6_813_181_309_701_720_000, "unique_id": "ann"},
        "user_identity": {"is_moderator_of_anchor": 1},
        "comment": "how much?",
    },
}
CONNECTOR = tiktok("chat", comment="how much?", msgId="41", isModerator=True)
EULER = euler(
    "WebcastChatMessage",
    comment="how much?",
    common={"msgId": "41", "createTime": str(T0_MS)},
    userIdentity={"isModeratorOfAnchor": True},
    user={"userId": "6813181309701720000", "uniqueId": "ann"},
)


def outcomes(*rows, **options):
    return list(read([lines(row) for row in rows], Options(**options)))


@pytest.mark.parametrize("row", [CONNECTOR, EULER, PYTHON, SNAKE, CONNECTOR["data"]])
def test_a_comment_is_the_same_whichever_tool_wrote_it(row):
    assert detect(lines(row)) == "tiktok"
    (outcome,) = outcomes(row, name="live")
    comment = outcome.event
    assert (comment.id, comment.text, comment.role) == ("41", "how much?", "moderator")
    assert comment.viewer_id == "6813181309701720000"
    assert (comment.platform, comment.stream) == ("tiktok", "live")
    assert comment.occurred_at_ms == T0_MS


@pytest.mark.parametrize(
    ("identity", "role"),
    [
        ({"isAnchor": True}, "host"),
        ({"isModeratorOfAnchor": False}, "viewer"),
        ({"isFollowerOfAnchor": True}, "viewer"),
        (None, "viewer"),
    ],
)
def test_the_identity_tells_the_role(identity, role):
    (outcome,) = outcomes(euler("WebcastChatMessage", comment="hi", userIdentity=identity))
    assert outcome.event.role == role


def test_an_id_that_lost_digits_is_not_taken():
    (outcome,) = outcomes(tiktok("chat", comment="hi", userId=6.8131813097e18))
    assert outcome.event.viewer_id == "ann"


@pytest.mark.parametrize(
    ("gift", "name"),
    [
        ({"giftType": 1, "repeatCount": 3, "repeatEnd": False}, "gift_in_streak"),
        ({"giftType": 1, "repeatCount": 5, "repeatEnd": True}, "gift"),
        ({"gift": {"type": 1}, "repeat_end": 0}, "gift_in_streak"),
        ({"gift": {"type": 1}, "repeat_end": 1}, "gift"),
        ({"giftType": 2, "repeatEnd": False}, "gift"),
        ({"giftId": 5}, "gift"),
    ],
)
def test_a_streak_of_gifts_counts_once_at_its_end(gift, name):
    (skipped,) = outcomes(tiktok("gift", **gift))
    assert skipped == Skipped(Skip.NOT_A_MESSAGE, 1, name, name)


@pytest.mark.parametrize(
    ("row", "viewers"),
    [
        (tiktok("roomUser", viewerCount=630), 630),
        (euler("WebcastRoomUserSeqMessage", total="41", totalUser="9000"), 41),
        (tiktok("roomUser", viewerCount="many"), None),
    ],
)
def test_viewer_numbers_are_stage_events(row, viewers):
    (outcome,) = outcomes(row)
    if viewers is None:
        assert outcome.reason is Skip.NOT_A_MESSAGE
    else:
        assert (outcome.event.action, outcome.event.viewers) == ("viewers", viewers)


@pytest.mark.parametrize(
    ("data", "product", "title"),
    [
        (
            {"productId": 1729400000000000001, "title": "Red dress"},
            "1729400000000000001",
            "Red dress",
        ),
        ({"shopData": {"title": "Red dress", "priceString": "$5"}}, "Red dress", "Red dress"),
        ({"pop": [{"x": {"product_id": "8"}}]}, "8", None),
    ],
)
def test_a_product_on_screen_is_found_wherever_it_lies(data, product, title):
    (outcome,) = outcomes(euler("WebcastOecLiveShoppingMessage", **data))
    assert isinstance(outcome.event, Stage)
    assert outcome.event.action == "product_shown"
    assert (outcome.event.product, outcome.event.text) == (product, title)


def test_deleted_messages_and_the_messages_of_removed_users_are_retracted():
    rows = [
        tiktok("chat", comment="a", msgId="1", userId="7"),
        tiktok("chat", comment="b", msgId="2", userId="8"),
        tiktok("chat", comment="c", msgId="3", userId="7"),
        euler("WebcastImDeleteMessage", deleteMsgIdsList=["2"], deleteUserIdsList=["7", "9"]),
        euler("WebcastImDeleteMessage", deleteMsgIdsList=[], deleteUserIdsList=None),
    ]
    *_, first, second, third, none = outcomes(*rows)
    assert [o.event.target_id for o in (first, second, third)] == ["2", "1", "3"]
    assert none.reason is Skip.NOT_A_MESSAGE


@pytest.mark.parametrize(
    ("row", "ends"),
    [
        (tiktok("streamEnd", action=3), True),
        (euler("WebcastControlMessage", action=3), True),
        (euler("WebcastControlMessage", action=1), False),
        (tiktok("LiveEndEvent"), True),
    ],
)
def test_the_end_is_a_marker_and_a_pause_is_not(row, ends):
    (outcome,) = outcomes(row)
    assert isinstance(outcome, Kinded if ends else Skipped)
    assert not ends or outcome.event.action == "ended"


def test_a_message_without_a_time_is_of_its_envelope_or_of_the_message_before():
    enveloped = euler("WebcastChatMessage", comment="a")
    question = {"event": "questionNew", "data": {"questionText": "b", "userId": "1"}}
    first, second = outcomes(enveloped | {"timestamp": T0_MS + 5}, question)
    assert first.event.occurred_at_ms == second.event.occurred_at_ms == T0_MS + 5
    (alone,) = outcomes(question)
    assert (alone.reason, alone.kind) == (Reason.MISSING_FIELD, "questionNew")


def test_messages_of_one_envelope_are_each_counted_and_unknown_ones_named():
    envelope = euler("WebcastChatMessage", comment="a")
    envelope["messages"] += [
        {"type": "WebcastMemberMessage", "data": {}},
        {"type": "WebcastBrandNewMessage", "data": {}},
        {"type": "free text in a name", "data": {}},
    ]
    found = outcomes(envelope)
    assert [outcome.kind for outcome in found] == [
        "WebcastChatMessage",
        "WebcastMemberMessage",
        "WebcastBrandNewMessage",
        "unnamed",
    ]
    assert [getattr(outcome, "reason", None) for outcome in found] == [
        None,
        Skip.NOT_A_MESSAGE,
        Reason.UNKNOWN_KIND,
        Reason.UNKNOWN_KIND,
    ]


def test_an_envelope_without_messages_is_counted():
    (skipped,) = outcomes({"messages": [], "timestamp": T0_MS})
    assert skipped.kind == "empty_envelope"


@pytest.mark.parametrize(
    "head",
    [
        b'{"type": "chat", "user": "ann", "message": "hi"}\n',
        b'{"event": "like", "data": {"page": 1}}\n',
        b'{"messages": [{"role": "user", "content": "hi"}]}\n',
        b'{"type": "order", "data": {"userId": "1"}}\n',
    ],
)
def test_another_programs_chat_is_not_taken_for_tiktoks(head):
    assert detect(head) != "tiktok"


def test_the_real_events_are_each_handled_or_named(data_dir):
    path = data_dir / "chat" / "tiktok_live_connector_v1_events.jsonl"
    with events_of_file(path) as imported:
        summary = imported.summary
    assert summary.kinds == {"chat": 1, "questionNew": 1, "roomUser": 1}
    assert summary.skipped == {"not_a_message": 12}
    assert len(summary.skipped_kinds) == 12
    assert "unnamed" not in summary.skipped_kinds
