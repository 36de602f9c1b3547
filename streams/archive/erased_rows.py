"""Rows of the archive whose viewers are to be forgotten: found by one column, and redacted."""

from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resonance.streams.archive.events import events_of
from resonance.streams.archive.parquet import READ_ROWS, ForeignFileError
from resonance.streams.archive.rows import table_of
from resonance.streams.archive.schema import SCHEMA
from resonance.streams.erasure import ErasedViewers

VIEWER: Final = "viewer"


class ErasedRows:
    """Finds the rows of erased viewers, and counts those that it has redacted."""

    def __init__(self, erased: ErasedViewers) -> None:
        self.redacted = 0
        self._erased = erased
        self._pseudonyms = pa.array(sorted(erased.pseudonyms), type=pa.string())

    def __bool__(self) -> bool:
        """Return whether anybody is to be forgotten."""
        return len(self._pseudonyms) > 0

    def are_in(self, source: IO[bytes]) -> bool:
        """Return whether a file holds any; reads one column. Raises `ForeignFileError`."""
        if not self:
            return False
        try:
            with pq.ParquetFile(source) as file:
                if VIEWER not in file.schema_arrow.names:
                    return False
                batches = file.iter_batches(batch_size=READ_ROWS, columns=[VIEWER])
                return any(self._count(batch) for batch in batches)
        except pa.ArrowException as error:
            message = f"no file of the archive ({type(error).__name__})"
            raise ForeignFileError(message) from error

    def without(self, batch: pa.RecordBatch) -> pa.Table:
        """Return rows as a table of the archive's schema, the erased ones redacted."""
        count = self._count(batch) if self else 0
        if not count:
            return pa.Table.from_batches([batch]).cast(SCHEMA)
        self.redacted += count
        redacted = self._erased.redacted
        records = [one._replace(event=redacted(one.event)) for one in events_of(batch)]
        return table_of(records)[0]

    def _count(self, batch: pa.RecordBatch) -> int:
        found = pc.is_in(batch.column(VIEWER), value_set=self._pseudonyms)
        return int(pc.sum(found).as_py() or 0)
