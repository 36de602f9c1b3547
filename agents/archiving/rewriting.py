"""A stream's files written anew, each event through a function: what must go, goes."""

from collections.abc import Sequence

from resonance.agents.archiving.reading import Redact
from resonance.agents.archiving.store import Store
from resonance.streams.archive.events import events_of
from resonance.streams.archive.files import LogFile, StreamFile, log_folder, stream_folder
from resonance.streams.archive.parquet import parquet_bytes, read_batches, read_summary
from resonance.streams.archive.rows import table_of


def rewrite(store: Store, streams: Sequence[str], redact: Redact) -> int:
    """Write the files of streams anew; return how many changed.

    Each file is replaced whole, under its name: a crash leaves every file as it was or as it is to
    be, and a second run ends the work. Events stay, their number and order too; `redact` changes
    what is in them. Numbers in footers stand.
    """
    paths = [path for stream in streams for path in store.names(stream_folder(stream))]
    return sum(_rewrite(store, path, StreamFile, redact) for path in paths)


def rewrite_log(store: Store, topic_id: str, redact: Redact) -> int:
    """Write the purchases of no stream anew; as `rewrite`."""
    return sum(_rewrite(store, p, LogFile, redact) for p in store.names(log_folder(topic_id)))


def _rewrite(
    store: Store, path: str, kind: type[StreamFile] | type[LogFile], redact: Redact
) -> bool:
    with store.reading(path) as file:
        summary = read_summary(file, kind)
        file.seek(0)
        records = [record for batch in read_batches(file) for record in events_of(batch)]
    changed = [record._replace(event=redact(record.event)) for record in records]
    if changed == records:
        return False
    table, _ = table_of(changed)
    store.put(path, parquet_bytes(table, summary))
    return True
