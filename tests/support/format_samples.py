"""One small input of every format that is imported, and records of our own topics."""

import json
from typing import Final

from resonance.streams.codec import encode_log, encode_raw
from resonance.streams.events import Comment, OrderLine, Place, Purchase, Stage, Tick
from support.board_feed import comment as scored_comment
from support.chat_samples import SAMPLES as CHATS
from support.chat_samples import T0_MS, lines
from support.shop import order

ENVELOPE: Final = {
    "platform": "youtube",
    "channel": "shop",
    "occurred_at_ms": T0_MS,
    "ingested_at_ms": T0_MS,
}
RAW: Final = (
    Comment(
        id="c1",
        stream="live",
        viewer_id="UC1",
        text="how much is shipping to 日本?",
        market="JP",
        stream_markets=("JP", "US"),
        stream_languages=("ja", "en"),
        reply_to="c0",
        product="lamp",
        **ENVELOPE,
    ),
    Purchase(
        id="p1",
        order_id="o1",
        state="paid",
        lines=(OrderLine("lamp", 2, 990),),
        amount_minor=1_980,
        currency="EUR",
        viewer_id="UC1",
        source="live",
        **ENVELOPE,
    ),
    Stage(id="s1", stream="live", action="started", sources={"comments": 1}, **ENVELOPE),
    Stage(id="s2", stream="live", action="ended", counts={"comments": 1, "stage": 2}, **ENVELOPE),
)
CHAT_DOWNLOADER: Final = {
    "author": {"id": "UC2", "name": "Bob", "badges": [{"title": "Moderator"}]},
    "message": "hi :smile:",
    "message_id": "Chw1",
    "message_type": "text_message",
    "time_in_seconds": 12.5,
    "timestamp": T0_MS * 1_000,
}
TABLE: Final = (
    b"kind,time,user,text,order_id,amount,currency,state,action,product\n"
    b'"comment",2023-11-14T22:13:20Z,u1,"two\nlines, one ""cell""",,,,,,\n'
    b"purchase,1700000001,u1,,o1,12.50,EUR,paid,,lamp\n"
    b"stage,1700000002000,,,,,,,product_shown,lamp\n"
)
NOTIFICATION: Final = {
    "type": 1,
    "tts_notification_id": "73271123930573",
    "shop_id": "749404964",
    "timestamp": T0_MS // 1_000,
    "data": {"order_id": "576486", "order_status": "AWAITING_SHIPMENT", "update_time": 1},
}
CLOUD_EVENT: Final = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/shops/7",
    "type": "com.example.purchase",
    "time": "2026-03-03T18:00:04Z",
    "data": {"order_id": "o1", "state": "paid", "amount_minor": 1_250, "currency": "BRL"},
}
REFUND: Final = {
    "id": 509_562,
    "order_id": 5_000_001,
    "created_at": "2026-03-03T19:20:00+01:00",
    "refund_line_items": [{"quantity": 1, "line_item": {"product_id": 7, "price": "10.50"}}],
    "transactions": [{"kind": "refund", "status": "success", "amount": "10.50", "currency": "EUR"}],
}

# Format -> an input of it; every name of `formats.NAMES` is here.
SAMPLES: Final[dict[str, bytes]] = {
    **CHATS,
    "jsonl": b"\n".join(map(encode_raw, RAW)),
    "chat-downloader": json.dumps([CHAT_DOWNLOADER, CHAT_DOWNLOADER], indent=1).encode(),
    "csv": TABLE,
    "tiktok-shop": lines(NOTIFICATION),
    "cloudevents": lines(CLOUD_EVENT) + lines(CLOUD_EVENT | {"data": json.loads(order(1))}),
    "shopify": order(1) + b"\n" + order(2, currency="JPY", total_price="1200") + lines(REFUND),
}
RAW_RECORDS: Final = tuple(map(encode_raw, RAW))
LOG_RECORDS: Final = (
    encode_log(scored_comment("when does it ship?")),
    encode_log(Tick(topic="comments", partition=0, partitions=4, offset=7, position_ms=T0_MS)),
    encode_log(scored_comment("nice", place=Place("comments", 1, 2))),
)
