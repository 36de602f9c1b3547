"""A dead letter says why and where, and shows of the record no more than it may."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from resonance.streams.codec import encode_log
from resonance.streams.dead_letters import EXCERPT_CHARACTERS, dead_letter, without_erased
from resonance.streams.reasons import Reason
from support.log_events import Build


def letter(value):
    return dead_letter(value, Reason.NOT_JSON, "", topic="comments", partition=0, offset=7)


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize(
    ("text", "private"),
    [("رقمي ٠٥٠١٢٣٤٥٦٧", "٠٥٠١٢٣٤٥٦٧"), ("電話０９０１２３４５６７８", "０９０１２３４５６７８")],
)
def test_personal_data_is_masked_however_its_producer_escapes_it(text, private, ensure_ascii):
    value = json.dumps({"words": text}, ensure_ascii=ensure_ascii).encode()
    excerpt = letter(value).excerpt
    assert "<phone>" in excerpt
    assert private not in excerpt
    assert json.dumps(private)[1:-1] not in excerpt


@pytest.mark.parametrize(
    ("value", "excerpt"),
    [
        (b'{"viewer_id": "UCann", "text": 5}', '{"viewer_id": "<viewer>", "text": 5}'),
        (b'{"viewer": "UCann", "text": 5}', '{"viewer": "<viewer>", "text": 5}'),
        (b'{"viewer_id":17,"text":5}', '{"viewer_id":"<viewer>","text":5}'),
        (b'{"viewer_id":"UC\\"ann","text":5}', '{"viewer_id":"<viewer>","text":5}'),
        (rb'{"viewer_id":"UC\u0022ann"}', '{"viewer_id":"<viewer>"}'),
        (rb'{"viewer\u005fid":"\u0055Cann"}', '{"viewer_id":"<viewer>"}'),
        (rb'"{\"viewer_id\":\"UCann\",\"text\":5}"', r'"{\"viewer_id\":"<viewer>",\"text\":5}"'),
        (b"{'userId': 'UCann'}", """{'userId': "<viewer>"}"""),
        (b'{"viewer_id": "UCann', '{"viewer_id": "<viewer>"'),
        (b'{"text": "what is a viewer_id?", "id": "c1"}', None),
    ],
)
def test_the_id_of_a_viewer_stays_in_the_raw_topic_and_what_is_said_of_ids_stays(value, excerpt):
    assert letter(value).excerpt == (excerpt or value.decode())


@given(st.text() | st.text('"\\\\u0041{}: é', max_size=12), st.booleans())
def test_whatever_a_viewers_id_is_made_of_no_part_of_it_is_quoted(viewer_id, ensure_ascii):
    value = json.dumps({"viewer_id": viewer_id, "text": 5}, ensure_ascii=ensure_ascii).encode()
    assert letter(value).excerpt == '{"viewer_id": "<viewer>", "text": 5}'


@given(st.integers(0, 2**64 - 1))
def test_what_a_viewer_said_too_late_is_known_by_the_pseudonym_and_left_out_once_erased(number):
    viewer, another = f"{number:016x}", f"{number ^ 1:016x}"
    said = Build().comment(
        "c1", 1, viewer=viewer, text='late, "viewer":"0000000000000000" 0812345678'
    )
    late = dead_letter(
        encode_log(said), Reason.TOO_LATE, "", topic="comments", partition=0, offset=7
    )
    assert f'"viewer":"{viewer}","text":"late' in late.excerpt
    assert "0812345678" not in late.excerpt
    assert without_erased(late, {another}) == late
    assert without_erased(late, {viewer}) == replace(late, excerpt="")


def test_a_pseudonym_that_a_viewer_wrote_hides_nothing():
    said = Build().comment("c1", 1, viewer="a" * 16, text='"viewer":"bbbbbbbbbbbbbbbb"')
    late = dead_letter(
        encode_log(said), Reason.TOO_LATE, "", topic="comments", partition=0, offset=7
    )
    assert without_erased(late, {"b" * 16}) == late


def test_controls_and_half_characters_stay_escaped():
    value = rb'{"text": "a\u0000b\ud83d \u00e9"}'
    assert letter(value).excerpt == r'{"text": "a\u0000b\ud83d é"}'


def test_length_and_hash_are_of_the_whole_record_and_the_excerpt_is_short():
    value = b"word " * 10_000
    found = letter(value)
    assert found.length == len(value)
    assert found.sha256 == sha256(value).hexdigest()
    assert len(found.excerpt) == EXCERPT_CHARACTERS


def test_a_record_without_a_value_has_an_empty_excerpt():
    assert (letter(None).length, letter(None).excerpt) == (0, "")
