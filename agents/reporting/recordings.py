"""Recordings of platforms -> the past that the log of their stream comes to."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from resonance.agents.errors import UsageError
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.privacy.viewer_key import ensure_viewer_key
from resonance.agents.scorers import make_scorer
from resonance.agents.settings import Settings, fold_settings
from resonance.agents.terminal.progress import progress_bar, size_bytes
from resonance.streams.events import Place, Versions
from resonance.streams.importers.load import Imported, events_of_files
from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import BrokenFileError
from resonance.streams.replay import SOURCE
from resonance.streams.replaying.log import LogRecord, LogReplay, Replayed
from resonance.streams.scoring import ScoringHop, Unscorable

BATCH_EVENTS: Final = 2_000  # Scored together; changes no number.


def past_of_files(
    settings: Settings, files: Sequence[Path], options: Options, format_name: str
) -> Replayed:
    """Return what the recordings come to, scored now, without what erased viewers said.

    Their pseudonyms are found by the keys in use: a file holds the platform's own ids. Raises
    UsageError on a file that is none.
    """
    redacted = ErasedList(used_list_file(settings)).viewers.redacted
    try:
        with progress_bar("Reading", size_bytes(files)) as advance:
            imported = events_of_files(files, options, format_name=format_name, on_bytes=advance)
    except BrokenFileError as error:
        raise UsageError(str(error)) from error
    replay = LogReplay(fold_settings(settings))
    with imported, progress_bar("Scoring", imported.event_count) as advance:
        for record in _scored(settings, imported):
            replay.feed(record._replace(event=redacted(record.event)))
            advance(1)
    return replay.finish()


def _scored(settings: Settings, imported: Imported) -> Iterator[LogRecord]:
    scorer = make_scorer(settings)
    hop = ScoringHop(scorer, ensure_viewer_key(settings), Versions(*scorer.versions))
    events = iter(imported)
    offset = 0
    while batch := list(islice(events, BATCH_EVENTS)):
        placed = [(event, Place(SOURCE, 0, offset + i)) for i, event in enumerate(batch)]
        for (event, place), made in zip(placed, hop.score_all(placed), strict=True):
            # As in a replay: without one event the numbers would silently be others.
            logged = hop.score(event, place) if isinstance(made, Unscorable) else made
            yield LogRecord(place.offset, logged)
        offset += len(batch)
