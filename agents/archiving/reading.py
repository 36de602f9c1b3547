"""A stream out of the archive as its log was: its events, and the ticks between them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge

from resonance.agents.archiving.catalogue import StreamFiles, files_of
from resonance.agents.archiving.store import Store
from resonance.agents.errors import UsageError
from resonance.streams.archive.events import events_of
from resonance.streams.archive.files import LogFile, Span, StreamFile, log_folder, span_of, whole
from resonance.streams.archive.parquet import ForeignFileError, read_batches, read_summary
from resonance.streams.archive.rows import Archived
from resonance.streams.events import LogEvent, LoggedPurchase
from resonance.streams.fold.duplicates import MINUTE_MS
from resonance.streams.fold.order import Ticks
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replaying.log import LogRecord

# What becomes of an event before anybody sees it: the place for a list of erased viewers.
Redact = Callable[[LogEvent], LogEvent]


def as_it_is(event: LogEvent) -> LogEvent:
    """Return the event: nobody is to be forgotten."""
    return event


@dataclass(slots=True)
class ArchivedLog:
    """Records to replay, how many of them are the streams' own, and what ticks said before."""

    records: Iterator[LogRecord]
    ticks: dict[int, Ticks]
    events: int
    streams: tuple[str, ...]


def read_streams(store: Store, streams: Collection[str], redact: Redact = as_it_is) -> ArchivedLog:
    """Return the log of some streams, in log order within each partition.

    Purchases without a stream come along where they are of a stream's channel. Raises `UsageError`
    when a stream is not there, or a file is none of ours.
    """
    found = {stream: files_of(store, stream) for stream in sorted(streams)}
    channels = {files.summary.channel for files in found.values()}
    places = sorted({span[:2] for files in found.values() for span in files.paths})
    ticks: dict[int, Ticks] = {}
    logs = []
    for topic_id, partition in places:
        mine = [_within(files, topic_id, partition) for files in found.values()]
        extents = [span for files in mine for span in files]
        first, end = min(s.first for s in extents), max(s.end for s in extents)
        until_ms = max(_settled_ms(files.summary) for files in found.values())
        ranges = _log_ranges(store, Span(topic_id, partition, first, end))
        if ranges:
            ticks.setdefault(partition, _log_summary(store, ranges[0][1]).ticks_before)
        own = [_read(store, files.values()) for files in mine]
        control = _control(store, ranges, end, until_ms, channels)
        logs.append(merge(*own, control, key=_offset))
    return ArchivedLog(
        records=_records(logs, redact),
        ticks=ticks,
        events=sum(files.summary.records for files in found.values()),
        streams=tuple(found),
    )


def _within(files: StreamFiles, topic_id: str, partition: int) -> dict[Span, str]:
    return {span: p for span, p in files.paths.items() if span[:2] == (topic_id, partition)}


def _settled_ms(summary: StreamFile) -> int:
    """Return when ticks change nothing any more: what is late is too late, silence is an end."""
    limits = FoldSettings()
    quiet_ms = limits.max_lateness_ms if summary.ended else limits.idle_after_ms
    return summary.last_event_ms + quiet_ms + 2 * MINUTE_MS


def _log_ranges(store: Store, wanted: Span) -> list[tuple[Span, str]]:
    """Return the ranges from `wanted` to the end of the archive."""
    paths = {s: path for path in store.names(log_folder(wanted.topic_id)) if (s := span_of(path))}
    spans = whole(span for span in paths if span.partition == wanted.partition)
    return [(span, paths[span]) for span in spans if span.end > wanted.first]


def _log_summary(store: Store, path: str) -> LogFile:
    with _explained(store, path), store.reading(path) as file:
        return read_summary(file, LogFile)


def _control(
    store: Store,
    ranges: list[tuple[Span, str]],
    end: int,
    until_ms: int,
    channels: Collection[str],
) -> Iterator[Archived]:
    """Yield ticks and the channels' purchases, past the streams' end until all has settled."""
    for span, path in ranges:
        if span.first >= end and _log_summary(store, path).ticks_before.complete_ms > until_ms:
            return
        for record in _read(store, [path]):
            event = record.event
            if not isinstance(event, LoggedPurchase) or event.channel in channels:
                yield record


def _offset(record: Archived) -> int:
    return record.offset


def _read(store: Store, paths: Collection[str]) -> Iterator[Archived]:
    for path in paths:
        with _explained(store, path), store.reading(path) as file:
            for batch in read_batches(file):
                yield from events_of(batch)


def _records(logs: Iterable[Iterable[Archived]], redact: Redact) -> Iterator[LogRecord]:
    for log in logs:
        for record in log:
            yield LogRecord(record.offset, redact(record.event), record.partition)


@contextmanager
def _explained(store: Store, path: str) -> Iterator[None]:
    try:
        yield
    except ForeignFileError as error:
        message = f"{store.url(path)}: {error}. Move it out of the archive"
        raise UsageError(message) from error
