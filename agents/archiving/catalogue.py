"""What lies in an archive: its streams, told by the files' footers alone."""

from dataclasses import dataclass, field
from itertools import groupby

import msgspec

from resonance.agents.archiving.store import Store
from resonance.agents.errors import UsageError
from resonance.streams.archive.files import (
    LOG,
    STREAMS,
    Span,
    StreamFile,
    gaps,
    span_of,
    stream_folder,
    whole,
)
from resonance.streams.archive.parquet import ForeignFileError, read_summary
from resonance.streams.archive.ranges import merged


class StreamEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One stream as `resonance streams list --json` prints it; times in UTC milliseconds."""

    stream: str
    channel: str
    platform: str
    start_ms: int
    end_ms: int
    comments: int
    purchases: int
    records: int
    markets: dict[str, int]
    started: bool
    ended: bool
    missing_offsets: int  # Of the log, between its first and its last file.
    complete: bool  # From `started` to `ended`, and nothing missing between.
    files: list[str]


@dataclass(slots=True)
class StreamFiles:
    """A stream's files in the order of the log, and what they say together."""

    summary: StreamFile
    paths: dict[Span, str] = field(default_factory=dict)


def files_of(store: Store, stream: str) -> StreamFiles:
    """Return a stream's files. Raises `UsageError` when the archive has no such stream."""
    paths = store.names(stream_folder(stream))
    found = _files(store, paths)
    if found is None:
        message = (
            f"the archive at {store.location} has no stream {stream!r}. "
            "`resonance streams list` shows those that it has"
        )
        raise UsageError(message)
    return found


def catalogue(store: Store) -> list[StreamEntry]:
    """Return every stream, the latest first. Raises `UsageError` at a file that is not ours."""
    ranges = whole(span for path in store.names(LOG) if (span := span_of(path)))
    folders = groupby(store.names(STREAMS), key=lambda path: path.rpartition("/")[0])
    found = [files for _, paths in folders if (files := _files(store, list(paths)))]
    entries = [_entry(store, files, ranges) for files in found]
    return sorted(entries, key=lambda entry: (-entry.start_ms, entry.stream))


def _files(store: Store, paths: list[str]) -> StreamFiles | None:
    by_span = {span: path for path in paths if (span := span_of(path))}
    chosen = {span: by_span[span] for span in whole(by_span)}
    if not chosen:
        return None
    return StreamFiles(merged([_summary(store, path) for path in chosen.values()]), chosen)


def _summary(store: Store, path: str) -> StreamFile:
    try:
        with store.reading(path) as file:
            return read_summary(file, StreamFile)
    except ForeignFileError as error:
        message = f"{store.url(path)}: {error}. Move it out of the archive"
        raise UsageError(message) from error


def _entry(store: Store, files: StreamFiles, ranges: list[Span]) -> StreamEntry:
    summary = files.summary
    missing = sum(gaps(ranges, span) for span in _extents(files.paths))
    return StreamEntry(
        stream=summary.stream,
        channel=summary.channel,
        platform=summary.platform,
        start_ms=summary.first_event_ms,
        end_ms=summary.last_event_ms,
        comments=summary.comments,
        purchases=summary.purchases,
        records=summary.records,
        markets=summary.markets,
        started=summary.started,
        ended=summary.ended,
        missing_offsets=missing,
        complete=summary.started and summary.ended and not missing,
        files=[store.url(path) for path in files.paths.values()],
    )


def _extents(spans: dict[Span, str]) -> list[Span]:
    """Return from where to where a stream lies in each partition of the log."""
    groups = groupby(sorted(spans), key=lambda span: span[:2])
    extents = []
    for _, group in groups:
        mine = list(group)
        extents.append(mine[0]._replace(end=max(span.end for span in mine)))
    return extents
