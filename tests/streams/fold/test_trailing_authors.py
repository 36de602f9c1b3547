"""Authors of trailing windows: counted as buckets complete, as by joining the buckets' authors."""

from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.fold.authors import AUTHOR_WINDOWS, RecentAuthors
from resonance.streams.windows import BUCKET_MS

# A turn: how many buckets later, and who writes then, in which of them, negatively or not.
authors = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.booleans()), max_size=8)
turns = st.lists(st.tuples(st.integers(1, 25), authors), max_size=12)


@given(turns=turns)
def test_counts_are_those_of_joining_what_was_written_before_and_after_completion(turns):
    recent, start_ms = RecentAuthors(), 0
    written = set()  # Bucket start, viewer, whether negatively.

    def joined(end_ms):
        found = {}
        for window, length in AUTHOR_WINDOWS.items():
            first_ms = end_ms - (length - 1) * BUCKET_MS
            within = {one for one in written if first_ms <= one[0] <= end_ms}
            if within:
                found[window] = {
                    "all": len({viewer for _, viewer, _ in within}),
                    "negative": len({viewer for _, viewer, negative in within if negative}),
                    "complaint": 0,
                    "friction": 0,
                }
        return found

    for later, wrote in turns:
        start_ms += later * BUCKET_MS
        for bucket, viewer, negative in wrote:
            at_ms = start_ms + bucket * BUCKET_MS
            recent.note(at_ms, viewer, ["negative"] if negative else [])
            written.add((at_ms, viewer, negative))
        complete_ms = start_ms + 2 * BUCKET_MS  # Two may still be under way.
        starts = range(recent.complete_before_ms, complete_ms + 2 * BUCKET_MS, BUCKET_MS)
        for _ in range(2):
            assert {start: recent.until(start) for start in starts} == {
                s: joined(s) for s in starts
            }
            recent.complete_before(complete_ms)
        start_ms = complete_ms
