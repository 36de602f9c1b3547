"""A viewer who is to be forgotten: no words and no name, and every number as it was."""

import pytest
from msgspec.structs import replace

from resonance.streams.erasure import (
    DamagedListError,
    ErasedViewers,
    Erasure,
    erasure_line,
    read_erasures,
)
from resonance.streams.events import LoggedPurchase, Place
from support.board_feed import comment, friction
from support.format_samples import ENVELOPE
from support.log_events import Build, file_rows

ANN, BOB = "00000000000000a1", "00000000000000b2"
LIST = [Erasure(viewer=ANN, epoch="ffffffff", erased_at_ms=1)]
ERASED = ErasedViewers(LIST, b"salt")


def test_the_words_of_an_erased_viewer_are_gone_and_what_was_counted_stays():
    said = comment("call Ann", viewer=ANN, reply_to="c0", friction=(friction("hard_sell"),))
    kept = ERASED.redacted(said)
    assert (kept.text, kept.reply_to, kept.friction[0].evidence) == ("", None, "")
    assert kept.viewer not in {ANN, ""}
    assert kept.viewer_epoch == "erased"
    unchanged = ("id", "market", "language", "sentiment", "topics", "text_key", "place")
    assert all(getattr(kept, name) == getattr(said, name) for name in unchanged)
    assert ERASED.redacted(kept) == kept


def test_another_viewers_words_are_left_alone():
    said = comment("hello", viewer=BOB)
    assert ERASED.redacted(said) is said
    assert not ErasedViewers().holds(said)


def test_an_erased_buyer_bought_all_the_same():
    bought = LoggedPurchase(
        id="p",
        order_id="o",
        state="paid",
        amount_minor=5,
        currency="EUR",
        viewer=ANN,
        place=Place("purchases", 0, 0),
        **ENVELOPE,
    )
    kept = ERASED.redacted(bought)
    assert (kept.amount_minor, kept.viewer == ANN) == (5, False)


def test_without_the_salt_nobody_can_tell_whose_the_substitute_is():
    said = comment("hello", viewer=ANN)
    assert ERASED.redacted(said) != ErasedViewers(LIST, b"another").redacted(said)
    assert ERASED.redacted(said) == ErasedViewers(LIST, b"salt").redacted(said)


def test_an_archive_that_was_rewritten_replays_to_the_same_numbers():
    build = Build()
    said = [
        build.comment(
            f"c{number}",
            number,
            viewer=(ANN, BOB)[number % 2],
            text=f"text {number % 3}",
            text_key=number % 3,
            signals=("question",),
        )
        for number in range(40)
    ]
    again = list(map(ERASED.redacted, said))
    assert sum(event.text == "" for event in again) == 20
    assert all(event.viewer != ANN for event in again)
    rows = file_rows(build, said)
    assert file_rows(build, again) == rows
    assert rows["live|*|total"].commenters == 2
    # As it would be if all who are forgotten became one.
    assert file_rows(build, [replace(one, viewer=BOB) for one in said]) != rows


def test_a_question_that_an_erased_moderator_answered_stays_answered():
    build = Build()
    asked = build.comment("q", 1, viewer=BOB, text="how long", text_key=1, signals=("question",))
    reply = build.comment("r", 2, viewer=ANN, text="a week", role="moderator", reply_to="q")
    viewers_own = build.comment("v", 3, viewer=ANN, text="thanks", reply_to="r")
    kept = [ERASED.redacted(event) for event in (asked, reply, viewers_own)]
    assert [getattr(event, "reply_to", "") for event in kept] == [None, "q", None]
    assert [getattr(event, "text", "") for event in kept] == ["how long", "", ""]
    rows = file_rows(build, [asked, reply, viewers_own])
    assert rows["live|*|total"].questions_answered == 1
    assert file_rows(build, kept) == rows


def test_the_list_comes_back_as_it_was_written():
    content = b"".join(map(erasure_line, LIST)) + b"\n"
    assert read_erasures(content) == LIST


@pytest.mark.parametrize("line", [b"{", b"null", b'{"viewer": 1}', b"\xff"])
def test_a_damaged_list_is_refused_by_line_rather_than_read_in_part(line):
    with pytest.raises(DamagedListError, match="line 2"):
        read_erasures(erasure_line(LIST[0]) + line)
