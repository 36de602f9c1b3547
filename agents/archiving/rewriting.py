"""The archive's files written anew, without what erased viewers said."""

from collections.abc import Collection, Iterable, Iterator

import pyarrow as pa

from resonance.agents.archiving.store import Store
from resonance.streams.archive.erased_rows import ErasedRows
from resonance.streams.archive.files import LOG, LogFile, Span, StreamFile, span_of
from resonance.streams.archive.parquet import read_batches, read_summary, write_tables


def rewrite(
    store: Store, path: str, kind: type[StreamFile] | type[LogFile], erased: ErasedRows
) -> bool:
    """Write a file anew if it holds anything of theirs; return whether it did.

    It is replaced whole, under its name: a crash leaves it as it was or as it is to be. Events
    stay, their number and order too. Numbers in the footer stand.
    """
    with store.reading(path) as file:
        if not erased.are_in(file):
            return False
    with store.reading(path) as file:
        summary = read_summary(file, kind)
    with store.written(path) as partial:
        write_tables(str(partial), tables(store, [path], erased), summary)
    return True


def rewrite_log(store: Store, erased: ErasedRows, within: Collection[Span] | None = None) -> None:
    """Write the purchases of no stream anew.

    `within`: only the ranges that overlap one of these.
    """
    spans = {path: s for path in (store.names(LOG) if erased else ()) if (s := span_of(path))}
    wanted = [p for p, s in spans.items() if within is None or any(_meet(s, o) for o in within)]
    for path in wanted:
        rewrite(store, path, LogFile, erased)


def _meet(one: Span, other: Span) -> bool:
    return one[:2] == other[:2] and one.first < other.end and other.first < one.end


def tables(store: Store, paths: Iterable[str], erased: ErasedRows) -> Iterator[pa.Table]:
    """Yield the rows of files, a few thousand at a time, without what erased viewers said."""
    for path in paths:
        with store.reading(path) as file:
            for batch in read_batches(file):
                yield erased.without(batch)
