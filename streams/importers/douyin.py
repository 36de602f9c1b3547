"""Douyin's live chat as JSON Lines: flat rows of one tool, or messages of its protocol."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from resonance.streams.importers import webcast
from resonance.streams.importers.format import Format
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Outcome
from resonance.streams.importers.pieces import json_items, sample_objects
from resonance.streams.importers.webcast_rows import WebcastReader

_FLAT: Final = frozenset({"eventtsms", "eventiso"})
# TikTok's users have the protocol's other fields, but not these; and `nickname` in small letters.
_USER_FIELDS: Final = frozenset({"idStr", "id_str", "shortId", "short_id", "nickName", "nick_name"})
_TIKTOK_FIELDS: Final = frozenset({"uniqueid", "displayid", "useridentity"})


def recognises(head: bytes) -> bool:
    """Return whether any of the first objects is such a row or message."""
    return any(map(_is_douyin, sample_objects(head)))


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield comments, viewer numbers, products shown and the end."""
    reader = WebcastReader(options, platform="douyin")
    for line, item in json_items(pieces):
        yield from reader.outcomes(line, item)


def _is_douyin(row: dict[str, Any]) -> bool:
    members = webcast.plain(row)
    if not _FLAT.isdisjoint(members):
        return not members.keys().isdisjoint({"content", "userid", "username", "user", "giftname"})
    return any(map(_is_message, webcast.messages(row)))


def _is_message(message: webcast.Message) -> bool:
    user = message.data.get("user")
    return (
        message.kind in webcast.KNOWN
        and not message.name.endswith("Event")  # TikTokLive's.
        and isinstance(user, dict)
        and not _USER_FIELDS.isdisjoint(user)
        and _TIKTOK_FIELDS.isdisjoint(webcast.plain(user) | message.data)
    )


FORMAT: Final = Format("douyin", "Douyin's chat as JSON Lines", recognises, read)
