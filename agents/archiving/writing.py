"""Ranges of the log to files, and from the files where to go on."""

from dataclasses import dataclass

from resonance.agents.archiving.store import Store
from resonance.streams.archive.files import (
    LogFile,
    Span,
    log_folder,
    log_path,
    resume_at,
    safe_name,
    span_of,
    stream_path,
)
from resonance.streams.archive.parquet import parquet_bytes, read_summary
from resonance.streams.archive.ranges import Gathering, LogState, sort_range, stream_summary
from resonance.streams.archive.rows import Archived, table_of


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the records of one range, and the streams that it holds a part of."""

    archived: int
    repeated: int
    unreadable: int
    streams: tuple[str, ...]
    ended: tuple[str, ...]
    after: LogState


def go_on(store: Store, topic_id: str, partition: int, log_first: int) -> tuple[int, LogState]:
    """Return the offset that a partition's archive goes on at, and what is known there."""
    name = safe_name(topic_id)
    spans = [span for path in store.names(log_folder(topic_id)) if (span := span_of(path))]
    mine = [span for span in spans if span.topic_id == name and span.partition == partition]
    position = resume_at(mine, log_first)
    last = [span for span in mine if span.end == position]
    if not last:
        return position, LogState()
    with store.reading(log_path(max(last, key=lambda span: span.first))) as file:
        summary = read_summary(file, LogFile)
    return position, LogState(summary.ticks_after, summary.fences)


def write_range(
    store: Store, topic_id: str, partition: int, gathering: Gathering, before: LogState
) -> Written:
    """Write a range: its streams, then the file of `log`, by which it counts as written.

    The same records give the same files: a range that is written twice, by two workers even, is
    written once.
    """
    span = Span(topic_id, partition, gathering.first, gathering.end)
    found = sort_range(gathering.records, partition, before)
    unfit = 0
    ended = []
    for stream, records in sorted(found.streams.items()):
        missed, has_ended = _write_stream(store, stream, span, records)
        unfit += missed
        if has_ended:
            ended.append(stream)
    table, missed = table_of(found.log)
    unfit += missed
    summary = LogFile(
        archived=found.summary.archived - unfit,
        repeated=found.summary.repeated,
        unreadable=found.summary.unreadable + unfit,
        fences=found.summary.fences,
        ticks_before=found.summary.ticks_before,
        ticks_after=found.summary.ticks_after,
    )
    store.put(log_path(span), parquet_bytes(table, summary))
    return Written(
        archived=summary.archived,
        repeated=summary.repeated,
        unreadable=summary.unreadable,
        streams=tuple(sorted(found.streams)),
        ended=tuple(ended),
        after=found.after,
    )


def _write_stream(
    store: Store, stream: str, span: Span, records: list[Archived]
) -> tuple[int, bool]:
    """Write one stream's part; returns how many records do not fit, and whether it has ended."""
    table, missed = table_of(records)
    summary = stream_summary(stream, records)
    store.put(stream_path(stream, span), parquet_bytes(table, summary))
    return missed, summary.ended
