"""Bilibili's XML, of videos and of live recorders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.importers.bilibili import FORMAT, read, recognises
from resonance.streams.importers.formats import read_events
from resonance.streams.importers.load import events_of_file
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Kinded, Skip, Skipped
from resonance.streams.importers.pieces import ROW_BYTES
from support.chat_samples import RECORDER_XML, T0_MS, VIDEO_XML

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE i [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<i><d p="1,1,25,1,1484219280,0,aa,1">&b;</d></i>"""
GOOD = b'<d p="1,1,25,1,1484219280,0,aa,%d">x</d>\n'


def outcomes(content, **options):
    return list(read(content.splitlines(keepends=True), Options(**options)))


def test_a_videos_comments_have_the_clock_of_their_sending():
    plain, positioned = (outcome.event for outcome in outcomes(VIDEO_XML, name="video"))
    assert (plain.id, plain.viewer_id, plain.text) == ("901", "47f24a19", "合影")
    assert (plain.platform, plain.stream, plain.occurred_at_ms) == ("bilibili", "video", T0_MS)
    assert (positioned.text, positioned.occurred_at_ms) == ("好\n看", T0_MS + 1_000)


def test_a_live_recorders_comments_have_milliseconds_and_users():
    found = outcomes(RECORDER_XML, name="file")
    comments = [outcome.event for outcome in found if isinstance(outcome, Kinded)]
    assert [comment.text for comment in comments] == ["多少钱 <3", "包邮吗", "支持"]
    assert [comment.occurred_at_ms - T0_MS for comment in comments] == [1_500, 1_900, 3_250]
    assert [outcome.kind for outcome in found] == ["text", "text", "gift", "paid", "guard"]
    assert {(comment.channel, comment.stream) for comment in comments} == {("21", "file")}
    assert comments[0].viewer_id == comments[2].viewer_id == "4711"
    assert comments[1].viewer_id.startswith("anonymous:")  # A recorder that was not logged in.


def test_each_comment_is_there_as_soon_as_its_line_is():
    arrived = []

    def growing():
        for line in RECORDER_XML.splitlines(keepends=True):
            yield line
            arrived.append(line)

    first = next(read(growing(), Options()))
    assert first.event.text == "多少钱 <3"
    assert "多少钱".encode() not in b"".join(arrived)


def test_a_recorder_that_begins_a_new_file_is_followed():
    found = outcomes(RECORDER_XML.rpartition(b"</i>")[0] + RECORDER_XML)
    assert [outcome.kind for outcome in found] == ["text", "text", "gift", "paid", "guard"] * 2


def test_a_file_without_its_last_tag_is_whole():
    assert len(outcomes(RECORDER_XML.rpartition(b"</i>")[0])) == 5


@pytest.mark.parametrize("before", [b"", b"\n \n", b"\xef\xbb\xbf", b"<?xml version='1.0'?>"])
def test_a_file_is_known_by_its_comments(before):
    content = before + b"<i>" + GOOD % 1 + b"</i>"
    assert recognises(content)
    (outcome,) = read_events(FORMAT, content.splitlines(keepends=True), Options())
    assert outcome.event.id == "1"
    assert not recognises(b"text before " + content)
    assert not recognises(b"<html><i>x</i></html>")


@pytest.mark.parametrize(
    "fault",
    [
        b'<d p="1,1,25,1,1484219280,0,aa,7">a < b</d>\n',
        b'<d p="1,1,25,1,1484219280,0,aa,7">&nbsp;</d>\n',
        b'<d p="1,1,25,1,1484219280,0,aa,7>x</d>\n',
        b'<d p="1,1,25,1,1484219280,0,aa,7">\xff\xfe</d>\n',
        b"</i>\n",
    ],
)
def test_a_line_that_is_no_xml_costs_itself_only(fault):
    content = b"<i>\n" + GOOD % 1 + fault + GOOD % 2 + GOOD % 3 + b"</i>"
    found = outcomes(content)
    events = [outcome.event.id for outcome in found if isinstance(outcome, Kinded)]
    assert set(events) >= {"1", "3"}
    assert any(isinstance(o, Skipped) and o.reason is Skip.NOT_A_ROW for o in found)


def test_control_characters_are_left_out_of_a_text():
    (outcome,) = outcomes(b"<i>" + (GOOD % 1).replace(b">x<", b">a\x08\x00b<"))
    assert outcome.event.text == "ab"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "document type"),
        (b"<i>" + b"<a>" * 50, "within each other"),
        (b'<i><d p="' + b"1" * (2 * ROW_BYTES), "has no end"),
    ],
)
def test_a_file_that_would_eat_the_memory_is_refused(content, words):
    pieces = [content[at : at + 65_536] for at in range(0, len(content), 65_536)]
    with pytest.raises(BrokenFileError, match=words):
        list(read(pieces, Options()))


@given(st.integers(1, 200))
def test_where_the_pieces_are_cut_makes_no_difference(size):
    content = VIDEO_XML + b"<d>" + RECORDER_XML.partition(b"?>")[2]
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    whole = [o.event for o in read([content], Options()) if isinstance(o, Kinded)]
    assert [o.event for o in read(pieces, Options()) if isinstance(o, Kinded)] == whole


def test_the_real_video_has_all_its_comments(data_dir):
    with events_of_file(data_dir / "chat" / "bilibili_vod_8729348.xml") as imported:
        _, *comments, _ = imported
    assert imported.summary.kinds == {"text": 1_239}
    assert len({comment.id for comment in comments}) == 1_239
    assert imported.summary.skipped == {}
