"""Whole files: read and sorted first, and only then sent or written."""

from collections.abc import Iterator
from typing import Final

from resonance.agents.errors import UsageError
from resonance.agents.importing.kafka import EventProducer
from resonance.agents.importing.output import write_events
from resonance.agents.importing.request import Request, say, tell
from resonance.agents.terminal.progress import progress_bar, size_bytes
from resonance.streams.events import RawEvent
from resonance.streams.importers.load import Imported, events_of_files
from resonance.streams.importers.markers import CommentPartition
from resonance.streams.importers.outcomes import BrokenFileError

INTERRUPTED: Final = 130
FLUSH_SECONDS: Final = 5.0


def import_files(request: Request) -> int:
    """Import whole files; return the exit status.

    Raises `UsageError` for a file that cannot be used, before any event left, and
    `ServiceUnreachable` without Kafka, before any file was read, or when it refuses an event.
    """
    if request.output is not None:
        with _read(request, None) as imported:
            write_events(request.output, _shown("Writing", imported))
            tell(request, imported.summary, events=imported.event_count, streams=imported.streams)
        return 0
    producer = EventProducer(request.settings(), key_by=request.key_by)
    with _read(request, producer.comment_partition) as imported:
        try:
            for event in _shown("Sending", imported):
                producer.send(event)
            producer.flush()
        except KeyboardInterrupt:
            producer.flush(FLUSH_SECONDS)
            say(f"interrupted: {producer.delivered} of {imported.event_count} events were sent")
            return INTERRUPTED
        tell(request, imported.summary, events=producer.delivered, streams=imported.streams)
    return 0


def _read(request: Request, comment_partition: CommentPartition | None) -> Imported:
    with progress_bar("Reading", size_bytes(request.files)) as advance:
        try:
            return events_of_files(
                request.files,
                request.options,
                format_name=request.format_name,
                comment_partition=comment_partition,
                on_bytes=advance,
            )
        except BrokenFileError as broken:
            nothing = "written" if request.output is not None else "sent"
            message = f"{broken}. Nothing was {nothing}"
            raise UsageError(message) from broken


def _shown(what: str, imported: Imported) -> Iterator[RawEvent]:
    with progress_bar(what, imported.event_count) as advance:
        for event in imported:
            yield event
            advance(1)
