"""Who was seen in a file of the archive: four columns of it, and nobody's words."""

from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resonance.streams.archive.parquet import ForeignFileError
from resonance.streams.erasure import ERASED
from resonance.streams.viewers import SeenViewer

NAMED = ["kind", "role", "viewer", "viewer_epoch"]


def viewers_seen(source: IO[bytes]) -> set[SeenViewer]:
    """Return the viewers who commented, the staff left out.

    Those whose epoch is not known (files from before it was kept) and erased ones are nobody who
    could be found again. Raises `ForeignFileError`.
    """
    try:
        with pq.ParquetFile(source) as file:
            if not set(NAMED) <= set(file.schema_arrow.names):
                return set()
            table = file.read(columns=NAMED)
        viewers = pc.and_(pc.equal(table["kind"], "comment"), pc.equal(table["role"], "viewer"))
        rows = table.filter(viewers).group_by(["viewer_epoch", "viewer"]).aggregate([])
    except pa.ArrowException as error:
        message = f"no file of the archive ({type(error).__name__})"
        raise ForeignFileError(message) from error
    pairs = zip(rows["viewer_epoch"].to_pylist(), rows["viewer"].to_pylist(), strict=True)
    return {(epoch, viewer) for epoch, viewer in pairs if epoch and epoch != ERASED and viewer}
