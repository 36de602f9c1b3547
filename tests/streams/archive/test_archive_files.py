"""Names of files tell ranges; ranges tell what is whole, and where to go on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.archive.files import (
    Span,
    gaps,
    log_path,
    resume_at,
    safe_name,
    span_of,
    stream_path,
    whole,
)
from resonance.streams.archive.ranges import Gathering


@given(stream=st.text(min_size=1, max_size=256))
def test_any_stream_has_a_folder_of_its_own_that_is_no_path_and_not_too_long(stream):
    path = stream_path(stream, Span("id", 1, 2, 3))
    assert path.count("/") == 2
    assert ".." not in path
    assert all(len(part.encode()) <= 255 for part in path.split("/"))
    assert span_of(path) == Span("id", 1, 2, 3)


def test_long_names_that_begin_alike_stay_apart():
    assert safe_name("x" * 200) != safe_name("x" * 201)


@pytest.mark.parametrize(
    "path",
    ["log/id/x.parquet", "log/id/0.5-5.parquet", "log/id/0.1-2.parquet.7.partial", "a", ""],
)
def test_what_is_no_file_of_ours_has_no_range(path):
    assert span_of(path) is None
    assert span_of(log_path(Span("id", 0, 1, 2))) == Span("id", 0, 1, 2)


@given(st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,39}", fullmatch=True))
def test_a_topic_whose_name_is_its_id_is_found_again_by_its_files(name):
    span = Span(name, 0, 1, 2)
    assert span_of(log_path(span)) == span
    assert span_of(stream_path("live", span)) == span


def test_of_ranges_that_overlap_the_widest_is_read_and_nothing_twice():
    spans = [Span("t", 0, 0, 5), Span("t", 0, 0, 20), Span("t", 0, 5, 20), Span("t", 0, 30, 40)]
    assert whole([*spans, Span("t", 1, 0, 5), Span("u", 0, 0, 5)]) == [
        Span("t", 0, 0, 20),
        Span("t", 0, 30, 40),
        Span("t", 1, 0, 5),
        Span("u", 0, 0, 5),
    ]


def test_an_archive_goes_on_after_the_highest_contiguous_offset():
    spans = [Span("t", 0, 0, 5), Span("t", 0, 5, 9), Span("t", 0, 12, 20)]
    assert resume_at(spans, 0) == 9
    assert resume_at([], 7) == 7, "a new archive begins with what the log still holds"
    assert resume_at(spans, 10) == 10, "what the log has lost is not waited for"
    assert resume_at(spans, 12) == 20


def test_missing_offsets_are_counted_within_the_range_alone():
    spans = [Span("t", 0, 0, 5), Span("t", 0, 8, 20), Span("t", 1, 0, 100)]
    assert gaps(spans, Span("t", 0, 2, 25)) == 3 + 5
    assert gaps(spans, Span("t", 0, 8, 20)) == 0


def test_a_range_ends_where_the_logs_time_or_size_says_so():
    gathering = Gathering(0, 60_000)
    gathering.add(0, 59_999, b"x")
    assert gathering.takes(59_999)
    assert not gathering.takes(60_000)
    gathering.add(1, 59_999, b"x" * (16 * 1024 * 1024))
    assert not gathering.takes(59_999)
