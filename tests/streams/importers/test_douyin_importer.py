"""Douyin's chat as JSON Lines."""

import pytest

from resonance.streams.importers.douyin import read
from resonance.streams.importers.formats import detect
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Skip
from support.chat_samples import T0_MS, douyin, lines

PROTOCOL = {
    "method": "WebcastChatMessage",
    "common": {"msgId": 7_400_000_000_000_000_001, "createTime": T0_MS // 1_000},
    "user": {"id": 12_345_678, "idStr": "12345678", "nickName": "安", "secUid": "MS4"},
    "content": "多少钱",
}


def outcomes(*rows, **options):
    return list(read([lines(row) for row in rows], Options(**options)))


@pytest.mark.parametrize(
    ("row", "comment_id"), [(douyin(), None), (PROTOCOL, "7400000000000000001")]
)
def test_a_comment_is_read_from_flat_rows_and_from_messages(row, comment_id):
    assert detect(lines(row)) == "douyin"
    (outcome,) = outcomes(row, name="live")
    comment = outcome.event
    assert (comment.platform, comment.stream, comment.text) == ("douyin", "live", "多少钱")
    assert (comment.viewer_id, comment.occurred_at_ms) == ("12345678", T0_MS)
    assert comment_id is None or comment.id == comment_id


def test_viewers_who_are_not_logged_in_are_not_one_viewer():
    row = douyin(user_id=111_111, user_name="***")
    first, second, known = (outcome.event.viewer_id for outcome in outcomes(row, row, douyin()))
    assert first != second
    assert first.startswith("anonymous:")
    assert known == "12345678"
    (again, *_) = (outcome.event.viewer_id for outcome in outcomes(row, row))
    assert again == first  # A second import is not a second audience.


def test_a_product_that_changes_is_shown():
    (outcome,) = outcomes(
        {
            "method": "WebcastProductChangeMessage",
            "common": {"createTime": T0_MS},
            "updateProductInfoList": [{"promotionId": 3_500_000_000_000_000_001}],
        }
    )
    assert (outcome.event.action, outcome.event.product) == (
        "product_shown",
        "3500000000000000001",
    )


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (douyin(content=None, gift_name="玫瑰", type="gift"), "gift"),
        ({"method": "WebcastMemberMessage", "user": {"idStr": "1"}}, "WebcastMemberMessage"),
        (douyin(content="  "), "chat_without_words"),
    ],
)
def test_what_is_no_ones_words_is_left_out_by_name(row, name):
    (skipped,) = outcomes(row)
    assert (skipped.reason, skipped.kind) == (Skip.NOT_A_MESSAGE, name)
