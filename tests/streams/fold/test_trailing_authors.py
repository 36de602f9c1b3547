"""Authors of trailing windows: counted as buckets complete, as by joining the buckets' authors."""

from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.fold.market import MarketFold
from resonance.streams.windows import BUCKET_MS

# A turn: how many buckets later, and who writes then, in which of them, negatively or not.
authors = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.booleans()), max_size=8)
turns = st.lists(st.tuples(st.integers(1, 25), authors), max_size=12)


@given(turns=turns)
def test_counting_as_buckets_complete_equals_joining_their_authors(turns):
    fold, start_ms = MarketFold(), 0
    for later, wrote in turns:
        start_ms += later * BUCKET_MS
        for bucket, viewer, negative in wrote:
            fold.author(start_ms + bucket * BUCKET_MS, viewer, ["negative"] if negative else [])
        complete_ms = start_ms + 2 * BUCKET_MS  # Two may still be under way.
        starts = range(fold.complete_before_ms, complete_ms, BUCKET_MS)
        joined = {start: fold.authors_until(start) for start in starts}
        fold.complete_before(complete_ms)
        assert {start: fold.authors_until(start) for start in starts} == joined
        start_ms = complete_ms
