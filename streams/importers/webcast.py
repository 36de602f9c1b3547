"""Webcast, the protocol of TikTok and Douyin: each tool spells its fields and kinds differently.

Names are compared without case and underscores, so that `msgId`, `msg_id` and `MsgId` are one.
"""

from collections import deque
from typing import Any, Final

import msgspec

from resonance.streams.events import Role
from resonance.streams.importers.fields import identifier, objects, text_of, whole_number
from resonance.streams.importers.times import to_ms

COMMENTS: Final = frozenset(
    {"chat", "comment", "danmaku", "danmu", "screenchat", "question", "questionnew"}
)
VIEWERS: Final = frozenset({"roomuser", "roomuserseq"})
PRODUCTS: Final = frozenset({"oecliveshopping", "liveshopping", "productchange", "shopping"})
DELETIONS: Final = frozenset({"imdelete"})
GIFTS: Final = frozenset({"gift"})
ENDS: Final = frozenset({"streamend", "liveend"})
CONTROLS: Final = frozenset({"control"})
# Known, and no one's words: counted under their names.
OTHERS: Final = frozenset(
    (
        *("member", "join", "enter", "like", "social", "follow", "share", "subscribe", "subnotify"),
        *("emote", "emotechat", "envelope", "liveintro", "livepause", "livepaused"),
        *("liveunpause", "liveunpaused", "linkmic", "linkmicmethod", "linkmicbattle"),
        *("linkmicbattlemethod", "linkmicarmies", "linkmicarmiesmethod", "linkmicfanticketmethod"),
        *("linklayer", "linkstate", "barrage", "caption", "roommessage", "room", "roompin"),
        *("roomverify", "hourlyrank", "rankupdate", "ranktext", "goalupdate", "poll", "pollupdate"),
        *("unauthorizedmember", "msgdetect", "messagedetect", "inroombanner", "system"),
        *("giftbroadcast", "giftupdate", "giftpanelupdate", "superfan", "superfanbox", "fansclub"),
        *("roomstats", "roomrank", "roomdatasync", "roomstreamadaptation", "roominfo"),
        *("workerinfo", "tiktokserver", "connect", "connected", "disconnect", "disconnected"),
        *("websocketconnected", "rawdata", "decodeddata", "error", "unknown", "notice"),
        *("updatefanticket", "commontext", "commontoast", "privilegescreenchat", "emojichat"),
        *("exhibition", "exhibitionchat", "accesscontrol", "guide", "gifter"),
    )
)
KNOWN: Final = COMMENTS | VIEWERS | PRODUCTS | DELETIONS | GIFTS | ENDS | CONTROLS | OTHERS
_KIND_FIELDS: Final = ("event", "type", "eventtype", "eventname", "method", "msgtype", "kind")
_DATA_FIELDS: Final = ("data", "payload", "message", "msg")
_TIME_FIELDS: Final = ("createtime", "eventtime", "sendtime", "eventtsms", "timestampms")
_ROW_TIME_FIELDS: Final = ("timestamp", "ts", "time", "receivedat", "recordedat", "eventiso")
_PRODUCT_FIELDS: Final = ("productid", "promotionid", "itemid", "skuid")
_TITLE_FIELDS: Final = ("title", "productname", "producttitle")
_ENDED: Final = (3, 4)  # By the host, by the platform.
_SEARCHED: Final = 200  # Objects of one message that are looked at for a product.
MIN_TIME_MS: Final = 1_000_000_000_000  # The year 2001: less is a duration, or a flag.


def plain(value: object) -> dict[str, Any]:
    """Return an object's members with their names in one spelling; none if it is no object."""
    if not isinstance(value, dict):
        return {}
    return {str(name).replace("_", "").lower(): member for name, member in value.items()}


def kind_of(name: object) -> str:
    """Return the kind that a tool's name for it means.

    >>> kind_of("WebcastRoomUserSeqMessage"), kind_of("CommentEvent"), kind_of("room_user")
    ('roomuserseq', 'comment', 'roomuser')
    """
    if not isinstance(name, str):
        return ""
    kind = name.replace("_", "").lower().removeprefix("webcast")
    return kind.removesuffix("message").removesuffix("event") or kind


class Message(msgspec.Struct, frozen=True):
    """One message: how the tool names it, what it holds, and when its envelope was sent."""

    name: str
    data: dict[str, Any]
    row: dict[str, Any]

    @property
    def kind(self) -> str:
        """Its kind, in one spelling."""
        return kind_of(self.name)

    @property
    def common(self) -> dict[str, Any]:
        """What all messages carry: id, room, time."""
        return _first_object(self.data, "common", "basemessage", "event")

    @property
    def user(self) -> dict[str, Any]:
        """Who sent it; in flat layouts the message itself."""
        return _first_object(self.data, "user", "userinfo", "fromuser") or self.data

    @property
    def message_id(self) -> str | None:
        """Its id, as text: as a number it has more digits than a float can hold."""
        names = ("msgid", "messageid")
        return identifier(*(m.get(name) for m in (self.data, self.common) for name in names))

    @property
    def sent_ms(self) -> int | None:
        """When it was sent, by itself or by the row it came in."""
        of_message = [m.get(name) for m in (self.data, self.common) for name in _TIME_FIELDS]
        of_row = [self.row.get(name) for name in (*_TIME_FIELDS, *_ROW_TIME_FIELDS)]
        for value in (*of_message, *of_row):
            at_ms = to_ms(value)
            if at_ms is not None and at_ms >= MIN_TIME_MS:
                return at_ms
        return None

    @property
    def viewer_id(self) -> str | None:
        """The platform's id of who sent it; a name only if there is none."""
        # A flat message's own `id` is not its sender's.
        own = () if self.user is self.data else ("id",)
        names = ("userid", "idstr", "useridstr", *own, "uniqueid", "displayid", "secuid")
        return identifier(*(self.user.get(name) for name in (*names, "nickname", "username")))

    @property
    def role(self) -> Role:
        """What the sender is to the stream."""
        identity = plain(self.data.get("useridentity"))
        if _true(identity.get("isanchor")) or _true(self.user.get("isanchor")):
            return "host"
        moderates = identity.get("ismoderatorofanchor"), self.data.get("ismoderator")
        if any(map(_true, (*moderates, self.user.get("ismoderator"), self.user.get("isadmin")))):
            return "moderator"
        return "viewer"

    @property
    def text(self) -> str | None:
        """A viewer's words."""
        details = plain(self.data.get("details")) or plain(self.data.get("question"))
        names = ("comment", "content", "questiontext", "text")
        return text_of(*(m.get(name) for m in (self.data, details) for name in names))

    @property
    def viewers(self) -> int | None:
        """How many watch now; `totalUser` counts all who ever did."""
        return whole_number(*(self.data.get(n) for n in ("viewercount", "mtotal", "total")))

    @property
    def in_streak(self) -> bool:
        """Whether a gift will be sent again with a higher count: only the last one counts."""
        gift = plain(self.data.get("gift")) or plain(self.data.get("giftdetails"))
        gift_types = (self.data.get("gifttype"), gift.get("gifttype"), gift.get("type"))
        streakable = next((t for t in gift_types if t is not None), 1) in (1, "1")
        return streakable and "repeatend" in self.data and not _true(self.data["repeatend"])

    @property
    def ends(self) -> bool:
        """Whether it says that the stream is over."""
        if self.kind in ENDS:
            return True
        return (
            self.kind in CONTROLS
            and whole_number(self.data.get("action"), self.data.get("status")) in _ENDED
        )

    def product(self) -> tuple[str | None, str | None]:
        """Return the id and the title of the first product in it, wherever they lie."""
        product_id = title = None
        waiting: deque[dict[str, Any]] = deque([self.data])
        for _ in range(_SEARCHED):
            if not waiting or product_id:
                break
            members = plain(waiting.popleft())
            product_id = identifier(*(members.get(name) for name in _PRODUCT_FIELDS))
            title = title or text_of(*(members.get(name) for name in _TITLE_FIELDS))
            for member in members.values():
                waiting.extend([member] if isinstance(member, dict) else objects(member))
        return product_id, title

    def deleted(self) -> tuple[list[str], list[str]]:
        """Return the ids of deleted messages, and of users whose messages all are."""
        return self._ids("deletemsgids"), self._ids("deleteuserids")

    def _ids(self, name: str) -> list[str]:
        found = self.data.get(name, self.data.get(f"{name}list"))
        ids = map(identifier, found) if isinstance(found, list) else ()
        return [one for one in ids if one]


def _first_object(members: dict[str, Any], *names: str) -> dict[str, Any]:
    return next((found for name in names if (found := plain(members.get(name)))), {})


def messages(row: dict[str, Any]) -> list[Message]:
    """Return the messages of one row: of an envelope, of an event, or the one that it is."""
    members = plain(row)
    enclosed = members.get("messages", members.get("messageslist"))
    if isinstance(enclosed, list):
        return [_message(message, members) for message in map(plain, objects(enclosed))]
    return [_message(members, members)]


def _message(members: dict[str, Any], row: dict[str, Any]) -> Message:
    data = _first_object(members, *_DATA_FIELDS) or members
    names = [members.get(name) for name in _KIND_FIELDS]
    names += [plain(data.get("common")).get("method"), data.get("method")]
    known = next((name for name in names if kind_of(name) in KNOWN), None)
    name = known or next((n for n in names if isinstance(n, str) and n), None) or _guessed(data)
    return Message(name, data, members | row if data is not row else row)


def _guessed(data: dict[str, Any]) -> str:
    """Return what a message without a name must be by its fields."""
    for name, kind in (
        *(("giftid", "gift"), ("giftname", "gift"), ("likecount", "like"), ("comment", "chat")),
        *(("content", "chat"), ("viewercount", "roomUser"), ("questiontext", "questionNew")),
    ):
        if name in data:
            return kind
    return ""


def _true(value: object) -> bool:
    return value is True or value in (1, "1", "true")
