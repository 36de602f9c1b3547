"""YouTube chat as yt-dlp writes it (`.live_chat.json`): one action a line, replay or live."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from resonance.streams.events import Role
from resonance.streams.importers.fields import dig, identifier, object_of, objects, text_of
from resonance.streams.importers.format import Format
from resonance.streams.importers.kinds import KindedRows
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Outcome, Skipped
from resonance.streams.importers.pieces import json_items, sample_objects
from resonance.streams.importers.retractions import RecentComments

# What a renderer draws. A viewer's own words become comments, under these names.
_COMMENTS: Final = {
    "liveChatTextMessageRenderer": "text",
    "liveChatPaidMessageRenderer": "paid",
    "liveChatMembershipItemRenderer": "membership",
    "liveChatDonationAnnouncementRenderer": "donation",
}
# The others are the platform's words, or hold a place for what was held back.
_NO_COMMENTS: Final = {
    "liveChatPaidStickerRenderer": "paid_sticker",
    "liveChatSponsorshipsGiftPurchaseAnnouncementRenderer": "gift_purchase",
    "liveChatSponsorshipsGiftRedemptionAnnouncementRenderer": "gift_redemption",
    "liveChatViewerEngagementMessageRenderer": "viewer_engagement",
    "liveChatPlaceholderItemRenderer": "placeholder",
    # Says what was bought in YouTube's own shop, without an order or an amount.
    "liveChatPurchasedProductMessageRenderer": "purchased_product",
    "liveChatModeChangeMessageRenderer": "mode_change",
    "liveChatAutoModMessageRenderer": "held_for_review",
    "liveChatModerationMessageRenderer": "moderation",
    "creatorHeartViewModel": "creator_heart",
    "giftMessageViewModel": "gift",
}
_ADDED: Final = {"addChatItemAction": "item", "replaceChatItemAction": "replacementItem"}
_DELETED: Final = frozenset({"markChatItemAsDeletedAction", "removeChatItemAction"})
_AUTHOR_DELETED: Final = frozenset(
    {"markChatItemsByAuthorAsDeletedAction", "removeChatItemByAuthorAction"}
)
_OTHER_ACTIONS: Final = {
    "addLiveChatTickerItemAction": "ticker",  # Repeats a paid message, under the same id.
    "addBannerToLiveChatCommand": "banner",  # Repeats a pinned one.
    "removeBannerForLiveChatCommand": "banner",
    "updateLiveChatBannerCommand": "banner",
    # Viewers click on these polls: unlike a vote by chat they are no reason to mask comments.
    "showLiveChatActionPanelAction": "poll",
    "updateLiveChatPollAction": "poll",
    "closeLiveChatActionPanelAction": "poll",
    "liveChatReportModerationStateCommand": "moderation",
    "showLiveChatTooltipCommand": "tooltip",
    "showLiveChatSurveyCommand": "survey",
    "replaceLiveChatRendererAction": "renderer",
}
_ACTIONS: Final = frozenset({*_ADDED, *_DELETED, *_AUTHOR_DELETED, *_OTHER_ACTIONS})
_ROLES: Final[dict[str, Role]] = {"OWNER": "host", "MODERATOR": "moderator"}
MAX_OFFSET_MS: Final = 30 * 86_400_000
_NUMBER: Final = re.compile(r"-?\d{1,19}", re.ASCII)


def recognises(head: bytes) -> bool:
    """Return whether any of the first objects is an action of YouTube's chat."""
    return any(
        "replayChatItemAction" in found or not _ACTIONS.isdisjoint(found)
        for found in sample_objects(head)
    )


def read(pieces: Iterable[bytes], options: Options) -> Iterator[Outcome]:
    """Yield a comment for each message, a stage event for each deleted one."""
    reader = _Reader(options)
    for line, item in json_items(pieces):
        yield from reader.outcomes(line, item)


class _Reader:
    def __init__(self, options: Options) -> None:
        self._rows = KindedRows(options, platform="youtube")
        self._recent = RecentComments()
        # The wall clock at the video's offset 0 (live: at the start of the download, so that
        # offsets before it are negative). Comments have both clocks, deletions only this one.
        self._offset_zero_ms: int | None = None
        self._latest_ms = 0  # When the comment read last was written.

    def outcomes(self, line: int, item: bytes | None) -> Iterator[Kinded | Skipped]:
        """Yield what becomes of one line: mostly one action."""
        row = object_of(line, item)
        if isinstance(row, Skipped):
            yield self._rows.skip(row)
            return
        raw, replayed = item or b"", row.get("replayChatItemAction")
        offset_ms = _milliseconds(
            dig(replayed, "videoOffsetTimeMsec") or row.get("videoOffsetTimeMsec")
        )
        actions = objects(dig(replayed, "actions")) if "replayChatItemAction" in row else [row]
        if not actions:
            yield self._rows.unknown("no_action", line)
        for action in actions:
            yield from self._action(action, offset_ms, line, raw)

    def _action(
        self, action: dict[str, Any], offset_ms: int | None, line: int, raw: bytes
    ) -> Iterator[Kinded | Skipped]:
        name = _name_of(action)
        body = action.get(name)
        if name in _ADDED:
            yield self._added(dig(body, _ADDED[name]), offset_ms, line, raw)
        elif name in _DELETED:
            target_id = identifier(dig(body, "targetItemId"))
            yield self._deletion(target_id, offset_ms, line, raw)
        elif name in _AUTHOR_DELETED:
            author = identifier(dig(body, "externalChannelId"))
            known = self._recent.take(author) if author else []
            if not known:  # All were written before the recording began.
                yield self._rows.leave_out("author_deleted", line)
            for comment_id in known:
                yield self._deletion(comment_id, offset_ms, line, raw)
        elif name in _OTHER_ACTIONS:
            yield self._rows.leave_out(_OTHER_ACTIONS[name], line)
        else:
            yield self._rows.unknown(name, line)

    def _added(
        self, item: object, offset_ms: int | None, line: int, raw: bytes
    ) -> Kinded | Skipped:
        renderer = next(iter(item), "") if isinstance(item, dict) else ""
        body = dig(item, renderer)
        if renderer in _NO_COMMENTS:
            return self._rows.leave_out(_NO_COMMENTS[renderer], line)
        if renderer not in _COMMENTS:
            return self._rows.unknown(renderer, line)
        kind = _COMMENTS[renderer]
        # Who joins or pays may say nothing more: what the platform shows then stands for it.
        shown = ("message", "headerSubtext", "headerPrimaryText", "purchaseAmountText", "text")
        text = text_of(*(_words(dig(body, name)) for name in shown))
        if text is None:
            return self._rows.leave_out(f"{kind}_without_words", line)
        viewer_id = identifier(
            dig(body, "authorExternalChannelId"), dig(body, "authorName", "simpleText")
        )
        stamp_us = _whole(dig(body, "timestampUsec"))
        occurred_at_ms = stamp_us // 1_000 if stamp_us is not None else self._at_ms(offset_ms)
        fields = {
            "id": identifier(dig(body, "id")),
            "occurred_at_ms": occurred_at_ms,
            "viewer_id": viewer_id,
            "role": _role(body),
            "text": text,
        }
        outcome = self._rows.become(kind, "comment", fields, line=line, raw=raw)
        if isinstance(outcome, Kinded) and viewer_id:
            self._recent.note(viewer_id, outcome.event.id)
            self._latest_ms = outcome.event.occurred_at_ms
            if stamp_us is not None and offset_ms is not None:
                self._offset_zero_ms = stamp_us // 1_000 - offset_ms
        return outcome

    def _deletion(
        self, target_id: str | None, offset_ms: int | None, line: int, raw: bytes
    ) -> Kinded | Skipped:
        if target_id is None:
            return self._rows.leave_out("deletion_without_target", line)
        occurred_at_ms = self._at_ms(offset_ms)
        if self._latest_ms:
            # Live, its offset is that of the comment before: it must not come before that one.
            occurred_at_ms = max(occurred_at_ms or 0, self._latest_ms + 1)
        fields = {
            "action": "comment_deleted",
            "occurred_at_ms": occurred_at_ms,
            "target_id": target_id,
        }
        return self._rows.become("deletion", "stage", fields, line=line, raw=raw)

    def _at_ms(self, offset_ms: int | None) -> int | None:
        """Return the wall clock at an offset, as the comment before it tells."""
        if offset_ms is None or self._offset_zero_ms is None:
            return None
        return self._offset_zero_ms + offset_ms


def _name_of(action: dict[str, Any]) -> str:
    """Return the name of an action; `clickTrackingParams` and the like may stand before it."""
    known = next((name for name in action if name in _ACTIONS), None)
    return known or next((n for n in action if n.endswith(("Action", "Command"))), "no_action")


def _words(message: object) -> str:
    """Return a message as its viewer sees it; an emote of a channel as its shortcut, `:_yay:`."""
    if simple := dig(message, "simpleText"):
        return str(simple)
    return "".join(map(_run, objects(dig(message, "runs"))))


def _run(run: dict[str, Any]) -> str:
    if isinstance(text := run.get("text"), str):
        return text
    emoji, emoji_id = run.get("emoji"), dig(run, "emoji", "emojiId")
    shortcuts = dig(emoji, "shortcuts")
    # A channel's emote has an id of letters and a slash; an emoji is its own id.
    if isinstance(emoji_id, str) and not emoji_id.isascii():
        return emoji_id
    return str(shortcuts[0]) if isinstance(shortcuts, list) and shortcuts else ""


def _role(body: object) -> Role:
    """Return the author's role by the badge's icon: its text is in the downloader's language."""
    for badge in objects(dig(body, "authorBadges")):
        icon = dig(badge, "liveChatAuthorBadgeRenderer", "icon", "iconType")
        if isinstance(icon, str) and icon in _ROLES:
            return _ROLES[icon]
    return "viewer"


def _whole(value: object) -> int | None:
    """Return a whole number, which YouTube writes as text."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if _NUMBER.fullmatch(text) else None


def _milliseconds(value: object) -> int | None:
    number = _whole(value)
    return number if number is not None and abs(number) < MAX_OFFSET_MS else None


FORMAT: Final = Format("yt-dlp", "YouTube chat of yt-dlp, .live_chat.json", recognises, read)
