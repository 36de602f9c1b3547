"""TikTok Shop's notifications: named by the order's status, never counted, never fatal."""

import json

import pytest

from resonance.streams.importers.load import events_of_files

NOTIFICATION = {
    "type": 1,
    "tts_notification_id": "7327112393057371910",
    "shop_id": "7494049642642441621",
    "timestamp": 1_772_560_804,
    "data": {
        "order_id": "576486316948490001",
        "order_status": "AWAITING_SHIPMENT",
        "update_time": 1_772_560_804,
        "is_on_hold_order": False,
    },
}
TABLE = "time,user,text\n1700000000,u1,hello\n"


@pytest.fixture
def summary(tmp_path):
    """Return a function that imports notifications, with a chat beside them or alone."""

    def imported(*notifications, chat=False):
        path = tmp_path / "notifications.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in notifications))
        (tmp_path / "chat.csv").write_text(TABLE)
        with events_of_files([path, tmp_path / "chat.csv"] if chat else [path]) as whole:
            return whole.summary

    return imported


def test_notifications_are_named_by_status_and_become_nothing(summary):
    cancelled = NOTIFICATION | {"data": {"order_id": "5", "order_status": "CANCELLED"}}
    odd = NOTIFICATION | {"data": {"order_id": "5", "order_status": "<script>"}}
    told = summary(NOTIFICATION, NOTIFICATION, cancelled, odd)
    assert (told.formats, told.converted) == (["tiktok-shop"], 0)
    assert told.skipped == {"no_amount": 4}
    assert told.skipped_kinds == {
        "order AWAITING_SHIPMENT": 2,
        "order CANCELLED": 1,
        "order of another status": 1,
    }
    assert "import the shop's orders instead" in told.examples["no_amount"]


def test_a_chat_is_imported_whatever_lies_beside_it(summary):
    assert summary(NOTIFICATION, chat=True).converted == 1


@pytest.mark.parametrize("data", [None, 5, {}, {"order_id": "1"}])
def test_a_notification_of_no_order_is_of_an_unknown_kind(summary, data):
    told = summary(NOTIFICATION, NOTIFICATION | {"data": data})
    assert told.skipped == {"no_amount": 1, "unknown_kind": 1}
