"""A few rows of each chat tool, with the fields that are read and the traps around them."""

import json

T0_MS = 1_700_000_000_000
T0_S = T0_MS // 1_000


def lines(*rows):
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def youtube(action, body, offset_ms=None, *, live=False):
    row = {"actions": [{"clickTrackingParams": "x", action: body}]}
    if live:
        given = {"videoOffsetTimeMsec": str(offset_ms), "isLive": True}
        return {"replayChatItemAction": row, **given}
    if offset_ms is not None:
        row["videoOffsetTimeMsec"] = str(offset_ms)
    return {"replayChatItemAction": row}


def youtube_item(renderer="liveChatTextMessageRenderer", offset_ms=0, *, live=False, **body):
    given = {
        "id": f"id-{offset_ms}",
        "timestampUsec": str((T0_MS + offset_ms) * 1_000),
        "authorExternalChannelId": "UC1",
        "authorName": {"simpleText": "Ann"},
        "message": {"runs": [{"text": "how much is shipping?"}]},
    } | body
    item = {"item": {renderer: {name: value for name, value in given.items() if value}}}
    return youtube("addChatItemAction", item, offset_ms, live=live)


def twitch(offset_s=0.0, created_at="2023-11-14T22:13:20Z", **changes):
    return {
        "_id": f"t-{offset_s}",
        "created_at": created_at,
        "channel_id": "55",
        "content_id": "77",
        "content_offset_seconds": offset_s,
        "commenter": {"_id": "9", "name": "ann"},
        "state": "published",
        "message": {"body": "hello", "fragments": [{"text": "hello"}], "user_badges": []},
    } | changes


def twitch_downloader(*comments):
    return {
        "FileInfo": {"Version": {"Major": 1, "Minor": 4, "Patch": 0}},
        "streamer": {"name": "Ann", "id": 55},
        "video": {"title": 'a "comments": [ b', "id": "77", "created_at": "2023-11-14T22:13:20Z"},
        "comments": list(comments),
        "embeddedData": {"thirdParty": [{"data": "AAAA" * 100}]},
    }


def tiktok(event, **data):
    given = {"userId": "6813181309701720000", "uniqueId": "ann", "createTime": str(T0_MS)}
    return {"event": event, "data": given | data}


def euler(kind, **data):
    user = {"userId": "6813", "uniqueId": "ann", "nickname": "Ann"}
    message = {"type": kind, "data": {"user": user, **data}}
    return {"messages": [message], "timestamp": T0_MS}


def douyin(**changes):
    return {
        "event_ts_ms": T0_MS,
        "event_iso": "2023-11-15T06:13:20+08:00",
        "user_id": 12_345_678,
        "user_name": "安",
        "content": "多少钱",
    } | changes


VIDEO_XML = f"""<?xml version="1.0" encoding="UTF-8"?><i><chatserver>chat</chatserver>
<chatid>1</chatid><maxlimit>1000</maxlimit><d p="12.5,1,25,16777215,{T0_S},0,47f24a19,901">合影</d>
<d p="13.5,7,25,16777215,{T0_S + 1},0,47f24a1a,902">[0,0,"1-1",7,"好/n看",0,0,</d>
</i>
""".encode()

RECORDER_XML = f"""<?xml version="1.0" encoding="utf-8"?>
<i><chatserver>chat.bilibili.com</chatserver>
<BililiveRecorderRecordInfo roomid="21" name="ann" start_time="2023-11-15T06:13:20.000+08:00" />
<d p="1.5,1,25,5566168,{T0_MS + 1_500},0,4711,0" user="an">多少钱 &lt;3</d>
<d p="1.9,1,25,5566168,{T0_MS + 1_900},0,0,0" user="b***">包邮吗</d>
<gift ts="2.5" user="an" uid="4711" giftname="花" giftcount="1" />
<sc ts="3.25" user="an" uid="4711" price="30" time="60">支持</sc>
<guard ts="4" user="an" uid="4711" level="3" count="1" />
</i>
""".encode()

SAMPLES = {
    "yt-dlp": lines(
        youtube_item(),
        youtube_item(
            "liveChatPaidMessageRenderer", 10, purchaseAmountText={"simpleText": "US$5.00"}
        ),
        youtube("markChatItemAsDeletedAction", {"targetItemId": "id-0"}, 900),
        youtube("markChatItemsByAuthorAsDeletedAction", {"externalChannelId": "UC1"}, 950),
    ),
    "twitch": json.dumps(twitch_downloader(twitch(), twitch(5.5)), indent=1).encode(),
    "tiktok": lines(
        tiktok("chat", comment="how much?", msgId="1"),
        tiktok("roomUser", viewerCount=630),
        euler("WebcastChatMessage", comment="hi", common={"msgId": "2"}),
    ),
    "bilibili": RECORDER_XML,
    "douyin": lines(douyin(), douyin(user_id=111_111)),
}
