"""Records are cut into batches that the broker takes, in order and without a loss."""

from hypothesis import given
from hypothesis import strategies as st

from resonance.agents.broker.batching import MAX_BATCH_BYTES, batch_spans
from resonance.agents.broker.records import Record

RECORDS = st.lists(st.integers(min_value=0, max_value=MAX_BATCH_BYTES + 10_000), max_size=30).map(
    lambda sizes: [Record(b"key", b"x" * size) for size in sizes]
)


@given(RECORDS)
def test_batches_hold_every_record_once_in_order(records: list[Record]) -> None:
    spans = batch_spans(records)
    covered = [index for first, end in spans for index in range(first, end)]
    assert covered == list(range(len(records)))


@given(RECORDS)
def test_a_batch_is_within_the_limit_or_a_single_record(records: list[Record]) -> None:
    for first, end in batch_spans(records):
        size_bytes = sum(len(record.value or b"") for record in records[first:end])
        assert end - first == 1 or size_bytes <= MAX_BATCH_BYTES


def test_small_records_travel_together() -> None:
    assert batch_spans([Record(b"k", b"small")] * 5_000) == [(0, 5_000)]


def test_no_records_are_no_batch() -> None:
    assert batch_spans([]) == []
