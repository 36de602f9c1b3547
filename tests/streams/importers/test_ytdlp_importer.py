"""YouTube chat of yt-dlp, replay and live."""

import pytest

from resonance.streams.events import Comment, Stage
from resonance.streams.importers.load import events_of_file
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Kinded, Skip, Skipped
from resonance.streams.importers.ytdlp import read
from resonance.streams.reasons import Reason
from support.chat_samples import T0_MS, lines, youtube, youtube_item

PAID = "liveChatPaidMessageRenderer"
MEMBER = "liveChatMembershipItemRenderer"
AMOUNT = {"simpleText": "US$5.00"}


def outcomes(*rows, **options):
    return list(read([lines(row) for row in rows], Options(**options)))


def test_a_message_is_a_comment_with_the_platforms_ids_and_wall_clock():
    (outcome,) = outcomes(youtube_item(offset_ms=404_469), name="live")
    comment = outcome.event
    assert outcome.kind == "text"
    assert (comment.id, comment.viewer_id, comment.text) == (
        "id-404469",
        "UC1",
        "how much is shipping?",
    )
    assert (comment.platform, comment.stream, comment.role) == ("youtube", "live", "viewer")
    assert comment.occurred_at_ms == comment.ingested_at_ms == T0_MS + 404_469


@pytest.mark.parametrize(
    ("renderer", "body", "kind", "text"),
    [
        (PAID, {"purchaseAmountText": AMOUNT}, "paid", "how much is shipping?"),
        (PAID, {"purchaseAmountText": AMOUNT, "message": None}, "paid", "US$5.00"),
        (
            MEMBER,
            {"message": None, "headerSubtext": {"runs": [{"text": "Welcome "}, {"text": "Ann"}]}},
            "membership",
            "Welcome Ann",
        ),
        (MEMBER, {"headerSubtext": {"simpleText": "6 months"}}, "membership", None),
    ],
)
def test_who_pays_or_joins_comments_and_where_silent_the_platforms_line_stands_for_it(
    renderer, body, kind, text
):
    (outcome,) = outcomes(youtube_item(renderer, **body))
    assert (outcome.kind, outcome.event.text) == (kind, text or "how much is shipping?")


def test_an_emoji_is_itself_and_a_channels_emote_its_shortcut():
    runs = [
        {"text": "nice "},
        {"emoji": {"emojiId": "😊", "shortcuts": [":smile:"]}},
        {"emoji": {"emojiId": "UC1/abc", "shortcuts": [":_yay:", ":yay:"], "isCustomEmoji": True}},
        {"emoji": {"emojiId": "UC1/abc"}},
        "noise",
    ]
    (outcome,) = outcomes(youtube_item(message={"runs": runs}))
    assert outcome.event.text == "nice 😊:_yay:"


@pytest.mark.parametrize(
    ("icon", "role"),
    [("OWNER", "host"), ("MODERATOR", "moderator"), ("VERIFIED", "viewer"), (None, "viewer")],
)
def test_the_badges_icon_tells_the_role(icon, role):
    badge = {"liveChatAuthorBadgeRenderer": {"icon": {"iconType": icon}, "tooltip": "Moderator"}}
    (outcome,) = outcomes(youtube_item(authorBadges=[badge]))
    assert outcome.event.role == role


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (youtube("addLiveChatTickerItemAction", {"item": {"x": {"id": "id-0"}}}), "ticker"),
        (youtube("addBannerToLiveChatCommand", {}), "banner"),
        (youtube("showLiveChatActionPanelAction", {}), "poll"),
        (youtube_item("liveChatPlaceholderItemRenderer"), "placeholder"),
        (youtube_item("liveChatViewerEngagementMessageRenderer"), "viewer_engagement"),
        (youtube_item("liveChatPaidStickerRenderer"), "paid_sticker"),
        (youtube_item(message={"runs": [{"text": " "}]}), "text_without_words"),
        (youtube("removeChatItemByAuthorAction", {"externalChannelId": "UC9"}), "author_deleted"),
    ],
)
def test_what_is_no_ones_words_is_left_out_by_name(row, name):
    (skipped,) = outcomes(row)
    assert skipped == Skipped(Skip.NOT_A_MESSAGE, 1, name, name)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (youtube("addShoppingShelfAction", {}), "addShoppingShelfAction"),
        (youtube_item("liveChatNewThingRenderer"), "liveChatNewThingRenderer"),
        (youtube_item("free text\nin a key"), "unnamed"),
        (youtube("addChatItemAction", {"item": []}), "unnamed"),
        ({"replayChatItemAction": {"actions": "none"}}, "no_action"),
    ],
)
def test_what_was_never_seen_before_is_counted_under_its_own_name(row, name):
    (skipped,) = outcomes(row)
    assert (skipped.reason, skipped.kind) == (Reason.UNKNOWN_KIND, name)


@pytest.mark.parametrize("live", [False, True])
def test_a_deletion_retracts_one_comment_at_the_videos_time(live):
    deletion = youtube("markChatItemAsDeletedAction", {"targetItemId": "id--500"}, 9_000, live=live)
    _, deleted = outcomes(youtube_item(offset_ms=-500, live=live), deletion)
    assert isinstance(deleted.event, Stage)
    assert (deleted.kind, deleted.event.action) == ("deletion", "comment_deleted")
    assert (deleted.event.target_id, deleted.event.occurred_at_ms) == ("id--500", T0_MS + 9_000)


def test_a_deletion_that_carries_the_offset_of_its_comment_still_comes_after_it():
    deletion = youtube("markChatItemAsDeletedAction", {"targetItemId": "id-5"}, 5, live=True)
    added, deleted = outcomes(youtube_item(offset_ms=5, live=True), deletion)
    assert deleted.event.occurred_at_ms == added.event.occurred_at_ms + 1


def test_a_deleted_authors_comments_are_retracted_one_by_one_and_no_ones_else():
    rows = [
        youtube_item(offset_ms=1),
        youtube_item(offset_ms=2, authorExternalChannelId="UC2"),
        youtube_item(offset_ms=3),
        youtube("markChatItemsByAuthorAsDeletedAction", {"externalChannelId": "UC1"}, 4),
    ]
    deleted = [o.event for o in outcomes(*rows) if o.kind == "deletion"]
    assert [event.target_id for event in deleted] == ["id-1", "id-3"]
    assert len({event.id for event in deleted}) == 2


def test_a_deletion_before_any_comment_has_no_time_and_is_skipped():
    (skipped,) = outcomes(youtube("markChatItemAsDeletedAction", {"targetItemId": "x"}, 5))
    assert (skipped.reason, skipped.kind) == (Reason.MISSING_FIELD, "deletion")


def test_a_released_message_takes_the_place_of_its_placeholder():
    (added,) = outcomes(youtube_item())
    item = youtube_item()["replayChatItemAction"]["actions"][0]["addChatItemAction"]["item"]
    replacement = {"targetItemId": "id-0", "replacementItem": item}
    (replaced,) = outcomes(youtube("replaceChatItemAction", replacement, 0))
    assert replaced.event.text == added.event.text


def test_bare_actions_and_several_in_a_line_are_read_too():
    one = youtube_item(offset_ms=1)["replayChatItemAction"]["actions"]
    two = youtube_item(offset_ms=2)["replayChatItemAction"]["actions"]
    found = outcomes({"replayChatItemAction": {"actions": one + two}}, one[0])
    assert [outcome.event.id for outcome in found] == ["id-1", "id-2", "id-1"]


@pytest.mark.parametrize(
    ("name", "converted", "skipped"),
    [
        (
            "youtube_live_chat_ytdlp_replay.jsonl",
            {"text": 243, "paid": 6, "membership": 2},
            {"ticker": 4, "placeholder": 1},
        ),
        (
            "youtube_live_chat_ytdlp_LIVE.jsonl",
            {"text": 75},
            {"ticker": 1, "viewer_engagement": 1},
        ),
    ],
)
def test_real_files_are_read_to_the_last_row(data_dir, name, converted, skipped):
    with events_of_file(data_dir / "chat" / name) as imported:
        comments = [event for event in imported if isinstance(event, Comment)]
    assert imported.summary.kinds == converted
    assert imported.summary.skipped_kinds == skipped
    assert len(comments) == sum(converted.values())


def test_every_outcome_has_a_kind():
    found = outcomes(youtube_item(), youtube("addChatItemAction", None), youtube_item(PAID))
    assert all(outcome.kind for outcome in found)
    assert [type(outcome) for outcome in found] == [Kinded, Skipped, Kinded]
