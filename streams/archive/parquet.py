"""Tables to Parquet bytes and back: zstd, row groups by event time, a summary in the footer."""

from collections.abc import Iterable, Iterator
from typing import IO, Any, Final, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from resonance.streams.archive.files import METADATA_KEY
from resonance.streams.archive.schema import ARCHIVE_SCHEMA, SCHEMA, WORDS

ROW_GROUP_MS: Final = 600_000  # A query of ten minutes reads one or two groups.
ROW_GROUP_ROWS: Final = 65_536
READ_ROWS: Final = 8_192

_Summary = TypeVar("_Summary")


class ForeignFileError(ValueError):
    """A file is none of ours, or of a schema that this version does not read."""


def write_tables(sink: Any, tables: Iterable[pa.Table], summary: msgspec.Struct) -> None:
    """Write tables, in log order, as one file."""
    metadata = {METADATA_KEY: msgspec.json.encode(summary)}
    with pq.ParquetWriter(sink, SCHEMA.with_metadata(metadata), compression="zstd") as writer:
        for group in _row_groups(tables):
            writer.write_table(group, row_group_size=ROW_GROUP_ROWS)


def parquet_bytes(table: pa.Table, summary: msgspec.Struct) -> bytes:
    """Return one table as a Parquet file; the same table gives the same bytes."""
    sink = pa.BufferOutputStream()
    write_tables(sink, [table], summary)
    return bytes(sink.getvalue())


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Cut where event time enters a new span; what is late stays where the log has it."""
    waiting: list[pa.Table] = []
    rows, reached_ms = 0, -1
    for table in tables:
        first = 0
        for index, at_ms in enumerate(_times_ms(table)):
            beyond = at_ms is not None and at_ms // ROW_GROUP_MS > reached_ms // ROW_GROUP_MS
            full = rows + index - first >= ROW_GROUP_ROWS
            if (beyond and rows + index > first) or full:
                waiting.append(table.slice(first, index - first))
                yield pa.concat_tables(waiting).unify_dictionaries()
                waiting, rows, first = [], 0, index
            reached_ms = max(reached_ms, at_ms or 0)
        waiting.append(table.slice(first))
        rows += table.num_rows - first
    if waiting:
        yield pa.concat_tables(waiting).unify_dictionaries()


def _times_ms(table: pa.Table) -> list[int | None]:
    times: list[int | None] = table.column("occurred_at_ms").to_pylist()
    return times


def read_summary(source: IO[bytes], kind: type[_Summary]) -> _Summary:
    """Return what a file says of itself. Raises `ForeignFileError` if it is none of ours."""
    try:
        metadata = pq.read_schema(source).metadata or {}
        summary = msgspec.json.decode(metadata.get(METADATA_KEY, b""), type=dict[str, Any])
    except (pa.ArrowException, msgspec.MsgspecError, OSError) as error:
        message = f"no file of the archive ({type(error).__name__})"
        raise ForeignFileError(message) from error
    if summary.get("schema") != ARCHIVE_SCHEMA:
        message = f"schema {summary.get('schema')}, this version reads {ARCHIVE_SCHEMA}"
        raise ForeignFileError(message)
    try:
        return msgspec.convert(summary, kind)
    except msgspec.ValidationError as error:
        message = f"no file of the archive ({error})"
        raise ForeignFileError(message) from error


def read_batches(source: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """Yield a file's rows in order, a few thousand at a time, with all columns of the schema."""
    try:
        metadata = pq.read_metadata(source)
        here = set(metadata.schema.names)
        words = [name for name in WORDS if name in here]
        with pq.ParquetFile(source, metadata=metadata, read_dictionary=words) as file:
            yield from map(_widened, file.iter_batches(batch_size=READ_ROWS))
    except pa.ArrowException as error:
        message = f"no file of the archive ({type(error).__name__})"
        raise ForeignFileError(message) from error


def _widened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch with nulls in the columns that its file, an older one, does not have."""
    if len(batch.schema) == len(SCHEMA):
        return batch
    here = set(batch.schema.names)
    columns = [
        batch.column(field.name) if field.name in here else pa.nulls(batch.num_rows, field.type)
        for field in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(columns, names=SCHEMA.names)
