"""Whatever is done to a chat file, reading it gives outcomes or says what is broken."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resonance.streams.importers.formats import by_name, detect, read_events
from resonance.streams.importers.load import KINDS_LIMIT, OTHER_KINDS, Summary, events_of_file
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError, Kinded, Skipped
from resonance.streams.importers.retractions import RecentComments
from resonance.streams.reasons import Reason
from support.chat_samples import SAMPLES

VALUES = [b"null", b"[]", b"{}", b"-1", b"1e400", b'""', b"9" * 30, b"true", b'"\\ud800"']
MARKS = [b"<", b">", b"[" * 2_000, b"\n", b'"', b",", b"</i>", b"<d p='", b"<!DOCTYPE i>", b"&a;"]
JUNK = st.one_of(st.binary(min_size=1, max_size=6), st.sampled_from([*VALUES, *MARKS, b"\x00"]))
EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40), JUNK), min_size=1, max_size=4
)


def mutated(content, edits):
    for place, removed, junk in edits:
        at = int(place * (len(content) + 1))
        content = content[:at] + junk + content[at + removed :]
    return content


def check(name, content):
    """Read it all; any exception but the one for broken files is a fault of ours."""
    outcomes = []
    with contextlib.suppress(BrokenFileError):
        outcomes.extend(
            read_events(by_name(name), content.splitlines(keepends=True), Options(name="live"))
        )
    for outcome in outcomes:
        assert isinstance(outcome, Kinded | Skipped)
        if isinstance(outcome, Kinded):
            assert outcome.kind.isidentifier()


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=150)
@given(edits=EDITS)
def test_no_mutation_of_a_file_raises(name, edits):
    check(name, mutated(SAMPLES[name], edits))


@pytest.mark.parametrize("name", SAMPLES)
@given(edits=EDITS)
def test_no_mutation_of_a_head_makes_detection_raise(name, edits):
    assert detect(mutated(SAMPLES[name], edits)) in {None, *SAMPLES, "csv", "jsonl", "shopify"} | {
        "cloudevents",
        "tiktok-shop",
        "chat-downloader",
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_known_by_its_content_and_not_by_its_name(name, tmp_path):
    path = tmp_path / "recording.txt"
    path.write_bytes(SAMPLES[name])
    with events_of_file(path) as imported:
        assert imported.summary.formats == [name]
        assert imported.summary.converted > 0


def test_a_file_can_invent_kinds_but_not_fill_the_memory_with_them():
    summary = Summary()
    for n in range(KINDS_LIMIT * 3):
        summary.skip("file", Skipped(Reason.UNKNOWN_KIND, 1, "", f"kind_{n}"))
    assert len(summary.skipped_kinds) == KINDS_LIMIT + 1
    assert summary.skipped_kinds[OTHER_KINDS] == KINDS_LIMIT * 2


def test_of_too_many_comments_the_longest_silent_authors_are_forgotten():
    recent = RecentComments(limit=3)
    for author, comment_id in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")]:
        recent.note(author, comment_id)
    assert (recent.take("a"), recent.take("b"), recent.take("c")) == (["1", "3"], [], ["4"])
    assert recent.take("a") == []
