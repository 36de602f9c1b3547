"""An archived stream -> the past that its report is made of, and the channel's streams before it.

Each stream is a replay of its own: the report of one stream beside five earlier ones costs six
replays. Of the other streams only totals are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from resonance.agents.archiving.catalogue import StreamEntry, catalogue, files_of
from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.errors import UsageError
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.settings import Settings, fold_settings
from resonance.agents.terminal.progress import progress_bar
from resonance.streams.archive.parquet import ForeignFileError
from resonance.streams.archive.seen import Viewer, viewers_seen
from resonance.streams.erasure import ErasedViewers
from resonance.streams.replaying.log import LogReplay, Replayed
from resonance.streams.report.earlier import earlier_of
from resonance.streams.report.facts import Earlier
from resonance.streams.windows import ROOM, decode_row

DAY_MS: Final = 86_400_000
EARLIER_LIMIT: Final = 5
EARLIER_MS: Final = 14 * DAY_MS
RETURNED_MS: Final = 30 * DAY_MS  # How far back a viewer counts as one who returned.


@dataclass(slots=True)
class ArchivedPast:
    """What a report of an archived stream is made of."""

    past: Replayed  # With the totals of the stream that it is held against.
    earlier: list[Earlier] = field(default_factory=list)  # The last first.
    returned_viewers: int | None = None  # None: nothing to compare with.


def past_of_archive(
    settings: Settings, stream: str, *, against: str | None = None, with_earlier: bool = True
) -> ArchivedPast:
    """Return the past of a stream, without what erased viewers said.

    `with_earlier`: with the channel's last streams, at most five of 14 days, and the viewers who
    were on one of the last 30 days. Raises `UsageError` when a stream is not there.
    """
    store = Store(settings.archive)
    erased = ErasedList(used_list_file(settings)).viewers
    for name in {stream, against or stream}:
        files_of(store, name)  # Says so when there is none, before anything is replayed.
    found = ArchivedPast(_replayed(settings, store, stream, erased))
    if against is not None and against != stream:
        other = _replayed(settings, store, against, erased)
        found.past.rows |= _totals(other, against)
        found.past.streams[against] = other.streams[against]
    if with_earlier:
        before = _before(catalogue(store), stream)
        found.earlier = [
            _earlier(settings, store, entry, erased)
            for entry in _within(before, stream_start_ms(store, stream), EARLIER_MS)[:EARLIER_LIMIT]
        ]
        recent = _within(before, stream_start_ms(store, stream), RETURNED_MS)
        found.returned_viewers = _returned(store, stream, recent, erased)
    return found


def stream_start_ms(store: Store, stream: str) -> int:
    """Return when a stream's first event was, in UTC milliseconds."""
    return files_of(store, stream).summary.first_event_ms


def _before(entries: Sequence[StreamEntry], stream: str) -> list[StreamEntry]:
    """Return the streams of the same channel that were over when this one began, the last first."""
    mine = next(entry for entry in entries if entry.stream == stream)
    return [
        entry
        for entry in entries
        if (entry.platform, entry.channel) == (mine.platform, mine.channel)
        and entry.stream != stream
        and entry.end_ms <= mine.start_ms
    ]


def _within(entries: Sequence[StreamEntry], start_ms: int, span_ms: int) -> list[StreamEntry]:
    return [entry for entry in entries if start_ms - entry.start_ms <= span_ms]


def _replayed(settings: Settings, store: Store, stream: str, erased: ErasedViewers) -> Replayed:
    log = read_streams(store, [stream], erased.redacted)
    replay = LogReplay(fold_settings(settings), log.ticks)
    with progress_bar(f"Folding {stream}", log.events) as advance:
        for record in log.records:
            replay.feed(record)
            advance(1)
    return replay.finish()


def _totals(past: Replayed, stream: str) -> dict[str, bytes]:
    """Return the rows of a stream's totals."""
    found = {}
    for key, value in past.rows.items():
        row = decode_row(value)
        if row.stream == stream and row.start_ms is None:
            found[key] = value
    return found


def _earlier(
    settings: Settings, store: Store, entry: StreamEntry, erased: ErasedViewers
) -> Earlier:
    past = _replayed(settings, store, entry.stream, erased)
    totals = map(decode_row, _totals(past, entry.stream).values())
    room = next(row for row in totals if row.market == ROOM)
    return earlier_of(room, entry.start_ms)


def _returned(
    store: Store, stream: str, before: Sequence[StreamEntry], erased: ErasedViewers
) -> int | None:
    """Return how many viewers had been seen before; None where no epoch of the key is shared."""
    mine = _seen(store, stream, erased)
    epochs = {epoch for epoch, _ in mine}
    others: set[Viewer] = set()
    for entry in before:
        others |= {viewer for viewer in _seen(store, entry.stream, erased) if viewer[0] in epochs}
    return len(mine & others) if others else None


def _seen(store: Store, stream: str, erased: ErasedViewers) -> set[Viewer]:
    found: set[Viewer] = set()
    for path in files_of(store, stream).paths.values():
        try:
            with store.reading(path) as file:
                found |= viewers_seen(file)
        except ForeignFileError as error:
            message = f"{store.url(path)}: {error}. Move it out of the archive"
            raise UsageError(message) from error
    return {viewer for viewer in found if viewer[1] not in erased.pseudonyms}
