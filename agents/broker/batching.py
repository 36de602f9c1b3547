"""Which records of one partition travel together, and what is left of a batch that is refused."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiokafka import TopicPartition

from resonance.agents.broker.records import Record, Refused

MAX_BATCH_BYTES: Final = 512 * 1024

# Writes one batch; False when the broker refused it for good.
SendBatch = Callable[[TopicPartition, Sequence[Record]], Awaitable[bool]]


async def send_in_order(
    target: TopicPartition,
    records: Sequence[Record],
    send_batch: SendBatch,
    max_batch_bytes: int = MAX_BATCH_BYTES,
) -> list[Refused]:
    """Write one partition's records, batch after batch; returns those that were refused.

    A batch that is refused is halved until the culprits are alone. Never is a second batch under
    way, so that whatever is repeated is repeated from the start of what was not confirmed.
    """
    refused: list[Refused] = []
    spans = list(reversed(batch_spans(records, max_batch_bytes)))  # The first is on top.
    while spans:
        first, end = spans.pop()
        if await send_batch(target, records[first:end]):
            continue
        if end - first == 1:
            refused.append(Refused(target, first))
        else:
            middle = (first + end) // 2
            spans += [(middle, end), (first, middle)]
    return refused


def batch_spans(
    records: Sequence[Record], max_batch_bytes: int = MAX_BATCH_BYTES
) -> list[tuple[int, int]]:
    """Return the index ranges of the batches: each as big as a batch may be, or one record.

    >>> batch_spans([Record(b"", b"x" * 300_000)] * 3)
    [(0, 1), (1, 2), (2, 3)]
    """
    spans: list[tuple[int, int]] = []
    first = size_bytes = 0
    for index, record in enumerate(records):
        record_bytes = _size_bytes(record)
        if index > first and size_bytes + record_bytes > max_batch_bytes:
            spans.append((first, index))
            first, size_bytes = index, 0
        size_bytes += record_bytes
    if records:
        spans.append((first, len(records)))
    return spans


def _size_bytes(record: Record) -> int:
    """Return an upper bound of a record's size in a batch."""
    headers_bytes = sum(len(name) + len(value) + 10 for name, value in record.headers)
    return len(record.key) + len(record.value or b"") + headers_bytes + 48
