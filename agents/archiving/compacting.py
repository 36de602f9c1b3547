"""A finished stream's many small files to one."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import pyarrow as pa

from resonance.agents.archiving.store import Store
from resonance.streams.archive.files import (
    STREAMS,
    Span,
    StreamFile,
    safe_name,
    span_of,
    stream_folder,
    stream_path,
    whole,
)
from resonance.streams.archive.parquet import read_batches, read_summary, write_tables
from resonance.streams.archive.ranges import merged
from resonance.streams.archive.schema import SCHEMA


def compact(store: Store, stream: str) -> int:
    """Make one file of a stream's files of each partition; return how many that replaced.

    First the one is written, then the many are deleted. Whoever reads in between takes the widest
    file, which is the one.
    """
    paths = _paths(store, stream_folder(stream))
    replaced = 0
    for _, spans in groupby(sorted(paths), key=lambda span: span[:2]):
        replaced += _compact(store, stream, paths, list(spans))
    return replaced


def _compact(store: Store, stream: str, paths: dict[Span, str], spans: list[Span]) -> int:
    chosen = whole(spans)
    if len(spans) == 1:
        return 0
    if len(chosen) > 1:
        one = chosen[0]._replace(end=chosen[-1].end)
        summaries = []
        for span in chosen:
            with store.reading(paths[span]) as file:
                summaries.append(read_summary(file, StreamFile))
        target = stream_path(stream, one)
        with store.written(target) as partial:
            write_tables(
                str(partial), _tables(store, (paths[s] for s in chosen)), merged(summaries)
            )
    else:
        target = paths[chosen[0]]
    old = [path for span in spans if (path := paths[span]) != target]
    for path in old:
        store.remove(path)
    return len(old)


def _tables(store: Store, paths: Iterable[str]) -> Iterator[pa.Table]:
    for path in paths:
        with store.reading(path) as file:
            for batch in read_batches(file):
                yield pa.Table.from_batches([batch]).cast(SCHEMA)


def _paths(store: Store, folder: str) -> dict[Span, str]:
    return {span: path for path in store.names(folder) if (span := span_of(path))}


def unfinished(store: Store, topic_id: str) -> dict[int, list[str]]:
    """Return the streams that have ended and are not compacted yet, by partition."""
    found: dict[int, list[str]] = {}
    paths = store.names(STREAMS)
    for folder, mine in groupby(paths, key=lambda path: path.rpartition("/")[0]):
        del folder
        spans = {span: path for path in mine if (span := span_of(path))}
        here = {span: p for span, p in spans.items() if span.topic_id == safe_name(topic_id)}
        if len(here) < 2:  # noqa: PLR2004 # One file needs no company.
            continue
        last = max(here, key=lambda span: span.end)
        with store.reading(here[last]) as file:
            summary = read_summary(file, StreamFile)
        if summary.ended:
            found.setdefault(last.partition, []).append(summary.stream)
    return found
