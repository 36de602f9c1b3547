"""Chat as the tool chat-downloader writes it: nested since 2021, flat in 2020, array or lines."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from resonance.streams.events import Role
from resonance.streams.importers.fields import identifier, object_of
from resonance.streams.importers.format import Format
from resonance.streams.importers.kinds import KindedRows
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Outcome, Skipped
from resonance.streams.importers.pieces import json_items, sample_objects
from resonance.streams.importers.times import to_ms

# Rows of a viewer's own words. The others repeat one of these (tickers, banners), are the
# platform's own voice, or hold a place for a message that was held back.
_MESSAGES: Final = frozenset(
    {
        "text_message",
        "paid_message",
        "paid_sticker",
        "membership_item",
        "donation_announcement",
        "bits_badge_tier",
        "highlighted_message",
        "resubscription",
        "subscription",
    }
)
MAX_OFFSET_SECONDS: Final = 30 * 86_400
_DELETION: Final = "deleted_message"
# Badge titles are in the language of whoever ran the tool; only its English default is known.
_ROLES: Final[dict[str, Role]] = {
    "owner": "host",
    "broadcaster": "host",
    "moderator": "moderator",
}


def recognises(head: bytes) -> bool:
    """Return whether the first objects have the tool's fields."""
    return any(
        ("message" in found or "message_type" in found)
        and ("author" in found or "author_id" in found or "action_type" in found)
        and ("timestamp" in found or "time_in_seconds" in found)
        for found in sample_objects(head)
    )


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield a comment for each message, a stage event for each deletion."""
    reader = _Reader(options)
    for line, item in json_items(pieces):
        yield reader.outcome(line, item)


class _Reader:
    def __init__(self, options: Options) -> None:
        self._rows = KindedRows(options, platform="youtube")
        self._platform_known = options.platform is not None
        self._offset_zero_us: int | None = None  # The wall clock at the video's offset 0.

    def outcome(self, line: int, item: bytes | None) -> Kinded | Skipped:
        """Return what becomes of one row."""
        row = object_of(line, item)
        if isinstance(row, Skipped):
            return self._rows.skip(row)
        message_type = str(row.get("message_type") or "text_message")
        occurred_at_ms = self._occurred_at_ms(row)
        if message_type == _DELETION:
            fields = {
                "action": "comment_deleted",
                "occurred_at_ms": occurred_at_ms,
                "target_id": row.get("target_message_id"),
            }
            return self._rows.become(message_type, "stage", fields, line=line, raw=item or b"")
        if message_type not in _MESSAGES:
            return self._rows.leave_out(message_type, line)
        if not row.get("message"):
            return self._rows.leave_out(f"{message_type}_without_words", line)
        viewer_id = _viewer_id(row)
        self._learn_platform(viewer_id, item or b"")
        fields = {
            "id": identifier(row.get("message_id")),
            "occurred_at_ms": occurred_at_ms,
            "viewer_id": viewer_id,
            "role": _role(row),
            "text": row["message"],
        }
        return self._rows.become(message_type, "comment", fields, line=line, raw=item or b"")

    def _occurred_at_ms(self, row: dict[str, Any]) -> int | None:
        """Return the wall clock; deletions have only the video's, so the row before it helps."""
        stamp_us, offset_s = row.get("timestamp"), row.get("time_in_seconds")
        offset_us = None
        if isinstance(offset_s, int | float) and abs(offset_s) < MAX_OFFSET_SECONDS:
            offset_us = round(offset_s * 1_000_000)
        if isinstance(stamp_us, int):
            if offset_us is not None:
                self._offset_zero_us = stamp_us - offset_us
            return stamp_us // 1_000
        if stamp_us is not None:
            return to_ms(stamp_us)
        if offset_us is None or self._offset_zero_us is None:
            return None
        return (self._offset_zero_us + offset_us) // 1_000

    def _learn_platform(self, viewer_id: str | None, item: bytes) -> None:
        """Settle the platform by the first message: the tool does not write it down."""
        if self._platform_known or viewer_id is None:
            return
        self._platform_known = True
        if viewer_id.isdecimal() or b"jtvnw.net" in item:  # Twitch's ids, and its image host.
            self._rows.platform = "twitch"


def _viewer_id(row: dict[str, Any]) -> str | None:
    """Return the platform's id, which outlives a change of name; the name if there is none."""
    author = row.get("author")
    nested = author if isinstance(author, dict) else {"name": author}
    return identifier(row.get("author_id"), nested.get("id"), nested.get("name"))


def _role(row: dict[str, Any]) -> Role:
    """Return the author's role; the 2020 files have one text for all badges, which is not read."""
    author = row.get("author")
    badges = author.get("badges") if isinstance(author, dict) else None
    for badge in badges if isinstance(badges, list) else []:
        if isinstance(badge, dict):
            title = str(badge.get("title") or badge.get("name"))
            if role := _ROLES.get(title.casefold()):
                return role
    return "viewer"


FORMAT: Final = Format(
    "chat-downloader", "chat-downloader's JSON, 2020 and current", recognises, read
)
