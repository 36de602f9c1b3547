"""Bytes to rows, however the bytes are cut."""

import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.importers.outcomes import BrokenFileError
from resonance.streams.importers.pieces import (
    PIECE_BYTES,
    ROW_BYTES,
    json_items,
    lines_of,
    pieces_of,
    sample_objects,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def cut(content, size):
    return [content[at : at + size] for at in range(0, len(content), size)]


@given(st.lists(JSON, max_size=6), st.integers(1, 40), st.sampled_from([None, 1]))
def test_an_array_gives_its_elements_however_it_is_cut(values, size, indent):
    content = json.dumps(values, indent=indent, ensure_ascii=False).encode()
    assert [json.loads(item) for _, item in json_items(cut(content, size))] == values


@given(st.lists(JSON.filter(lambda value: not isinstance(value, list)), max_size=6))
def test_json_lines_give_their_values(values):
    content = "".join(json.dumps(value) + "\n" for value in values).encode()
    assert [json.loads(i) for _, i in json_items(pieces_of(io.BytesIO(content)))] == values


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_broken_file(content):
    with suppress(BrokenFileError):
        list(json_items(pieces_of(io.BytesIO(content))))
    assert isinstance(sample_objects(content), list)


def test_elements_and_lines_are_found_at_their_line():
    array = b'\n[\n {"a": 1},\n\n {"b":\n 2}\n]\n'
    lines = b'{"a": 1}\n\n{"b": 2}'
    assert [n for n, _ in json_items(array.splitlines(keepends=True))] == [3, 5]
    assert [n for n, _ in json_items(lines.splitlines(keepends=True))] == [1, 3]


def test_a_row_over_the_limit_is_named_and_not_kept_and_the_next_is_fine():
    long = b'{"a": "' + b"x" * ROW_BYTES + b'"}'
    for content in (b"[" + long + b',\n{"b": 2}]', long + b'\n{"b": 2}\n'):
        first, (_, second) = json_items(pieces_of(io.BytesIO(content)))
        assert first == (1, None)
        assert json.loads(second) == {"b": 2}


def test_a_long_line_comes_in_pieces_and_is_whole_again():
    line = b"y" * (3 * PIECE_BYTES)
    pieces = list(pieces_of(io.BytesIO(line + b"\r\nz")))
    assert len(pieces) > 3
    assert list(lines_of(pieces)) == [(1, line), (2, b"z")]


@pytest.mark.parametrize(
    ("content", "line", "fault"),
    [
        (b'[{"a": 1},\n{"b"', 2, "ends before its closing bracket"),
        (b"[", 1, "ends before its closing bracket"),
        (b'[{"a": "]', 1, "ends before its closing bracket"),
        (b'[{"a": 1}]\n[{"b": 2}]', 2, "after the end"),
    ],
)
def test_a_broken_array_is_named_by_line_and_fault(content, line, fault):
    with pytest.raises(BrokenFileError, match=fault) as caught:
        list(json_items(content.splitlines(keepends=True)))
    assert caught.value.line == line


def test_the_head_of_an_array_shows_its_whole_elements_only():
    assert sample_objects(b'\xef\xbb\xbf[{"a": 1}, {"b": 2}, {"c"') == [{"a": 1}, {"b": 2}]
    assert sample_objects(b'not json\n{"a": 1}\n{"b"') == [{"a": 1}]
