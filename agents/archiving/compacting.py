"""A finished stream's many small files to one, without what erased viewers said."""

from itertools import groupby

from resonance.agents.archiving.rewriting import rewrite, rewrite_log, tables
from resonance.agents.archiving.store import Store
from resonance.streams.archive.erased_rows import ErasedRows
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
from resonance.streams.archive.parquet import read_summary, write_tables
from resonance.streams.archive.ranges import merged


def compact(store: Store, stream: str, erased: ErasedRows, *, whole_log: bool = False) -> int:
    """Make one file of a stream's files of each partition; return how many that replaced.

    What erased viewers said is not in it, nor are they among the purchases of no stream that lie
    in the log's ranges beside it, or with `whole_log` in any. First the one is written, then the
    many are deleted. Whoever reads in between takes the widest file, which is the one.
    """
    paths = _paths(store, stream_folder(stream))
    places = [list(spans) for _, spans in groupby(sorted(paths), key=lambda span: span[:2])]
    # The log's before the stream's own: while those are many, what is cut short is begun anew.
    rewrite_log(store, erased, None if whole_log else [_extent(spans) for spans in places])
    return sum(_compact(store, stream, paths, spans, erased) for spans in places)


def _extent(spans: list[Span]) -> Span:
    """Return what all ranges of one partition span."""
    return spans[0]._replace(end=max(span.end for span in spans))


def _compact(
    store: Store, stream: str, paths: dict[Span, str], spans: list[Span], erased: ErasedRows
) -> int:
    chosen = whole(spans)
    if len(chosen) > 1:
        one = _extent(chosen)
        summaries = []
        for span in chosen:
            with store.reading(paths[span]) as file:
                summaries.append(read_summary(file, StreamFile))
        target = stream_path(stream, one)
        parts = tables(store, (paths[span] for span in chosen), erased)
        with store.written(target) as partial:
            write_tables(str(partial), parts, merged(summaries))
    else:
        # The only one, or what was cut short had written it: under the list as it was then.
        target = paths[chosen[0]]
        rewrite(store, target, StreamFile, erased)
    old = [path for span in spans if (path := paths[span]) != target]
    for path in old:
        store.remove(path)
    return len(old)


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
