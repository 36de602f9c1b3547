"""Which format a file has: by its content."""

import pytest

from resonance.streams.importers.formats import FORMATS, NAMES, by_name, detect, format_of
from resonance.streams.importers.outcomes import BrokenFileError

OURS = b'{"kind": "comment", "text": "hi", "viewer_id": "u", "occurred_at_ms": 1}'
CHAT = b'{"author": "a", "author_id": "b", "message": "hi", "timestamp": 1598724011094885}'


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (OURS + b"\n", "jsonl"),
        (b"[" + OURS + b"]", "jsonl"),
        (b"\xef\xbb\xbf" + OURS, "jsonl"),
        (b"a line that was cut\n" + OURS + b"\n", "jsonl"),
        (CHAT + b"\n" + CHAT[:20], "chat-downloader"),
        (b"[\n  " + CHAT + b",\n" + CHAT[:20], "chat-downloader"),
        (b'{"message_type": "x", "action_type": "y", "time_in_seconds": 1}', "chat-downloader"),
        (b"time,user,text\n", "csv"),
        (b"\xef\xbb\xbfTime;User;Text;Likes\r\n1;2;3;4\r\n", "csv"),
        (b"created_at\torder_id\tamount\tcurrency\n", "csv"),
        (b'{"message": "hi"}\n', None),
        (b"hello there\n", None),
        (b"root:x:0:0\n", None),
        (b"<?xml version='1.0'?><i></i>", None),
        (b"", None),
        (b"[]", None),
        (b"\x00\x01\x02", None),
    ],
)
def test_a_format_is_seen_from_the_head_of_a_file(head, name):
    assert detect(head) == name


@pytest.mark.parametrize(
    ("head", "fault", "line"),
    [
        (b"", "nothing in it", None),
        (b" \n\n", "nothing in it", None),
        (b"\x1f\x8b\x08\x00", "compressed", None),
        ("zeit\nGröße\n".encode("utf-16"), "not UTF-8", 1),
        ("ab\nGröße\n".encode("latin-1"), "not UTF-8", 2),
        (b"hello there\n", "none of the known formats: jsonl", 1),
    ],
)
def test_a_file_of_no_known_format_is_told_what_it_seems_to_be(head, fault, line):
    with pytest.raises(BrokenFileError, match=fault) as caught:
        format_of(head)
    assert caught.value.line == line
    assert caught.value.remedy


def test_every_format_has_a_name_of_its_own_and_says_what_it_is():
    assert len(set(NAMES)) == len(FORMATS)
    assert all(by_name(name).about for name in NAMES)
    with pytest.raises(BrokenFileError, match="'xls'"):
        by_name("xls")
