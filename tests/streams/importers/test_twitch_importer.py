"""Twitch chat of recorded videos."""

import json

import pytest

from resonance.streams.importers.load import events_of_file
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Skipped
from resonance.streams.importers.twitch import read
from resonance.streams.reasons import Reason
from support.chat_samples import T0_MS, lines, twitch, twitch_downloader


def cut(content):
    return content.splitlines(keepends=True)


def outcomes(*rows, **options):
    return list(read([json.dumps(rows).encode()], Options(**options)))


LAYOUTS = {
    "array": lambda rows: json.dumps(rows).encode(),
    "indented array": lambda rows: json.dumps(rows, indent=1).encode(),
    "lines": lambda rows: lines(*rows),
    "TwitchDownloader": lambda rows: json.dumps(twitch_downloader(*rows)).encode(),
    "indented": lambda rows: json.dumps(twitch_downloader(*rows), indent=1).encode(),
    "API page": lambda rows: json.dumps({"comments": rows, "_next": "x"}).encode(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_comments_are_found_alone_or_within_an_object(layout):
    content = LAYOUTS[layout]([twitch(1.5), twitch(2.5)])
    found = [outcome.event for outcome in read(cut(content), Options())]
    assert [event.id for event in found] == ["t-1.5", "t-2.5"]
    assert [event.occurred_at_ms for event in found] == [T0_MS, T0_MS + 1_000]
    assert {(event.platform, event.channel, event.stream) for event in found} == {
        ("twitch", "55", "77")
    }


def test_the_objects_own_streamer_and_video_stand_in_for_a_comments():
    bare = twitch(2.0, created_at=None)
    del bare["channel_id"], bare["content_id"]
    content = json.dumps(twitch_downloader(bare)).encode()
    (outcome,) = read([content], Options())
    assert (outcome.event.channel, outcome.event.stream) == ("55", "77")
    assert outcome.event.occurred_at_ms == T0_MS + 2_000


def test_a_clock_that_stands_still_does_not_undo_the_videos_order():
    rows = [twitch(offset_s, created_at="2023-11-14T22:13:20Z") for offset_s in (0, 60, 30.25)]
    times_ms = [outcome.event.occurred_at_ms - T0_MS for outcome in outcomes(*rows)]
    assert times_ms == [0, 60_000, 30_250]


def test_a_clock_that_keeps_pace_is_kept():
    later = twitch(90.0, created_at="2023-11-14T22:14:50.004Z")
    _, outcome = outcomes(twitch(0.0), later)
    assert abs(outcome.event.occurred_at_ms - (T0_MS + 90_004)) <= 10


@pytest.mark.parametrize(
    ("badges", "role"),
    [
        ([{"_id": "broadcaster", "version": "1"}], "host"),
        ([{"_id": "subscriber"}, {"_id": "moderator"}], "moderator"),
        ([{"_id": "vip"}], "viewer"),
        (None, "viewer"),
        (["moderator"], "viewer"),
    ],
)
def test_a_badge_tells_the_role(badges, role):
    (outcome,) = outcomes(twitch(message={"body": "hi", "user_badges": badges}))
    assert outcome.event.role == role


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"body": "hi"}, "chat"),
        ({"body": "hi", "bits_spent": 100}, "bits"),
        ({"body": "hi", "user_notice_params": {"msg_id": "resub"}}, "resub"),
        (
            {"body": "hi", "user_notice_params": {"msg-id": "highlighted-message"}},
            "highlighted_message",
        ),
        ({"fragments": [{"text": "h"}, {"text": "i"}, 3]}, "chat"),
    ],
)
def test_a_message_is_of_the_kind_that_twitch_says(message, kind):
    (outcome,) = outcomes(twitch(message=message))
    assert (outcome.kind, outcome.event.text) == (kind, "hi")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"message": {"body": "x", "user_notice_params": {"msgid": "subgift"}}}, "subgift"),
        ({"message": {"body": " "}}, "chat_without_words"),
        ({"message": None}, "chat_without_words"),
        ({"state": "unpublished"}, "unpublished"),
    ],
)
def test_what_is_no_ones_words_is_left_out_by_name(changes, name):
    (skipped,) = outcomes(twitch(**changes))
    assert isinstance(skipped, Skipped)
    assert skipped.kind == name


def test_commenters_whose_accounts_are_gone_are_not_taken_for_one():
    found = outcomes(twitch(1.0, commenter=None), twitch(2.0, commenter={}))
    assert [o.event.viewer_id for o in found] == ["anonymous:t-1.0", "anonymous:t-2.0"]


def test_an_unknown_row_is_counted_and_the_rest_goes_on():
    first, skipped, last = outcomes(twitch(1.0), {"what": 1}, twitch(2.0))
    assert skipped.reason is Reason.UNKNOWN_KIND
    assert last.event.occurred_at_ms - first.event.occurred_at_ms == 1_000


def test_a_file_that_was_cut_short_says_so():
    content = json.dumps(twitch_downloader(twitch(), twitch(2.0)), indent=1).encode()
    with pytest.raises(BrokenFileError, match="ends before its closing bracket") as caught:
        list(read(cut(content[: content.index(b"t-2.0")]), Options()))
    assert caught.value.line == content[: content.index(b"t-2.0")].count(b"\n") + 1


def test_the_real_file_has_all_its_comments_in_the_videos_order(data_dir):
    path = data_dir / "chat" / "twitch_vod_518790713_v5_array.json"
    places = [(row["content_offset_seconds"], row["_id"]) for row in json.loads(path.read_text())]
    with events_of_file(path) as imported:
        _, *comments, _ = imported
    assert imported.summary.rows == imported.summary.converted == 375
    assert [comment.id for comment in comments] == [comment_id for _, comment_id in sorted(places)]
    assert {comment.role for comment in comments} == {"viewer", "host", "moderator"}
