"""Twitch chat of a recorded video: the v5 interface's comments, alone or in TwitchDownloader's."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

import msgspec

from resonance.streams.events import Role
from resonance.streams.importers.fields import dig, identifier, object_of, objects, text_of
from resonance.streams.importers.format import Format
from resonance.streams.importers.kinds import ANONYMOUS, KindedRows
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Outcome, Skipped
from resonance.streams.importers.pieces import ROW_BYTES, ArrayScanner, Item, json_items
from resonance.streams.importers.times import to_ms

# Whichever comes first tells whether the comments are a member of one object or stand alone. A
# viewer cannot write either: quotes within a text are escaped.
_LAYOUT: Final = re.compile(rb'"comments"\s*:\s*(?=\[)|"content_offset_seconds"\s*:')
_LAYOUT_BYTES: Final = 64  # No match is longer, spaces aside.
_EMPTY: Final = re.compile(rb'"FileInfo"\s*:.*"streamer"\s*:', re.DOTALL)
_ROLES: Final[dict[str, Role]] = {
    "broadcaster": "host",
    "moderator": "moderator",
    "lead_moderator": "moderator",
}
# The platform says these, in the name of a viewer.
_NOTICES: Final = frozenset(
    {"subgift", "anonsubgift", "submysterygift", "anonsubmysterygift", "giftpaidupgrade"}
    | {"rewardgift", "raid", "unraid", "primepaidupgrade", "viewermilestone"}
)
MAX_OFFSET_SECONDS: Final = 30 * 86_400


def recognises(head: bytes) -> bool:
    """Return whether there are comments with the place in the video that they belong to."""
    if found := _LAYOUT.search(head):
        return b'"content_offset_seconds"' in head[found.start() :]
    return _EMPTY.search(head) is not None


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield a comment for each message, at the wall clock of its place in the video."""
    source = iter(pieces)
    held, found = _looked_at(source)
    if found is None:
        yield from _comments(_Reader(options, {}), json_items(chain(held, source)))
        return
    head = b"".join(held)
    before, array = head[: found.start()], head[found.end() :]
    reader = _Reader(options, _members(before))
    line = 1 + before.count(b"\n")
    yield from _comments(reader, _elements(chain((array,), source), line))


def _looked_at(source: Iterator[bytes]) -> tuple[list[bytes], re.Match[bytes] | None]:
    """Return the pieces up to the first comment, and where an object's array of them begins."""
    held, head = [], bytearray()
    for piece in source:
        held.append(piece)
        looked_from = max(0, len(head) - _LAYOUT_BYTES)
        head += piece
        if found := _LAYOUT.search(head, looked_from):
            return held, found if found[0].startswith(b'"comments"') else None
        if len(head) > ROW_BYTES:
            break
    return held, None


def _comments(reader: "_Reader", items: Iterable[Item]) -> Iterator[Outcome]:
    for line, item in items:
        yield reader.outcome(line, item)


def _elements(pieces: Iterable[bytes], line: int) -> Iterator[Item]:
    """Yield the elements of an array that other members may follow: megabytes of images."""
    scanner = ArrayScanner(line=line, enclosed=True)
    for piece in pieces:
        yield from scanner.feed(piece)
        if scanner.closed:
            return
    scanner.finish()


def _members(before: bytes) -> dict[str, Any]:
    """Return what an object says before its comments: streamer and video."""
    try:
        found = msgspec.json.decode(before.rstrip().rstrip(b",") + b"}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class _Reader:
    def __init__(self, options: Options, about: dict[str, Any]) -> None:
        self._rows = KindedRows(options, platform="twitch")
        self._stream = identifier(dig(about, "video", "id"))
        self._channel = identifier(dig(about, "streamer", "id"))
        self._video_start_ms = to_ms(dig(about, "video", "created_at"))
        self._zero_of: tuple[str | None, int] | None = None

    def outcome(self, line: int, item: bytes | None) -> Kinded | Skipped:
        """Return what becomes of one comment."""
        row = object_of(line, item)
        if isinstance(row, Skipped):
            return self._rows.skip(row)
        if "content_offset_seconds" not in row and "message" not in row:
            return self._rows.unknown("no_comment", line)
        message, state = row.get("message"), row.get("state")
        if isinstance(state, str) and state != "published":
            return self._rows.leave_out(state, line)
        kind = _kind(message)
        if kind in _NOTICES:
            return self._rows.leave_out(kind, line)
        text = text_of(dig(message, "body"), _joined(dig(message, "fragments")))
        if text is None:
            return self._rows.leave_out(f"{kind}_without_words", line)
        stream = identifier(row.get("content_id")) or self._stream
        commenter = row.get("commenter")
        fields = {
            "id": identifier(row.get("_id")),
            "channel": identifier(row.get("channel_id")) or self._channel,
            "stream": stream,
            "occurred_at_ms": self._occurred_at_ms(row, stream),
            # Null when the account is gone.
            "viewer_id": identifier(dig(commenter, "_id"), dig(commenter, "name")) or ANONYMOUS,
            "role": _role(message),
            "text": text,
        }
        return self._rows.become(kind, "comment", fields, line=line, raw=item or b"")

    def _occurred_at_ms(self, row: dict[str, Any], stream: str | None) -> int | None:
        """Return the first comment's clock, moved by the distance in the video.

        Where `created_at` keeps pace with the video this is `created_at`; in highlights it was
        seen to stand still (3 090 comments of 49 minutes within 5 s) while the offset was right.
        """
        created_at_ms, offset_s = to_ms(row.get("created_at")), row.get("content_offset_seconds")
        if isinstance(offset_s, bool) or not isinstance(offset_s, int | float):
            return created_at_ms
        if abs(offset_s) > MAX_OFFSET_SECONDS:
            return created_at_ms
        offset_ms = round(offset_s * 1_000)
        if self._zero_of is None or self._zero_of[0] != stream:
            if created_at_ms is not None:
                self._zero_of = stream, created_at_ms - offset_ms
            elif self._video_start_ms is not None:
                self._zero_of = stream, self._video_start_ms
            else:
                return None
        return max(0, self._zero_of[1] + offset_ms)


def _kind(message: object) -> str:
    """Return what the message is to Twitch: a notice by its name, `bits`, or `chat`."""
    notice = dig(message, "user_notice_params")
    for name in ("msg-id", "msg_id", "msgid"):
        if text := text_of(dig(notice, name)):
            return text.replace("-", "_")
    bits = dig(message, "bits_spent")
    return "bits" if isinstance(bits, int) and bits > 0 else "chat"


def _joined(fragments: object) -> str:
    return "".join(str(part.get("text") or "") for part in objects(fragments))


def _role(message: object) -> Role:
    for badge in objects(dig(message, "user_badges")):
        if role := _ROLES.get(str(badge.get("_id"))):
            return role
    return "viewer"


FORMAT: Final = Format(
    "twitch", "a Twitch video's chat of v5 or TwitchDownloader", recognises, read
)
