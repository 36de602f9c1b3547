"""An archived stream -> the past that its report is made of, and the channel's streams before it.

Each stream is a replay of its own: the report of one stream beside five earlier ones costs six
replays. Of the other streams only totals are kept.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Final

from resonance.agents.archiving.catalogue import StreamEntry, catalogue, files_of
from resonance.agents.archiving.reading import read_streams
from resonance.agents.archiving.store import Store
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.reporting.regulars import Regulars
from resonance.agents.settings import Settings, fold_settings
from resonance.agents.terminal.progress import progress_bar
from resonance.streams.replaying.log import LogReplay, Replayed
from resonance.streams.report.earlier import earlier_of, past_market
from resonance.streams.report.facts import Earlier
from resonance.streams.scoreboard.resonance import PastMarket
from resonance.streams.viewers import SeenViewer
from resonance.streams.windows import ROOM, decode_row

DAY_MS: Final = 86_400_000
EARLIER_LIMIT: Final = 5
EARLIER_MS: Final = 14 * DAY_MS


@dataclass(slots=True)
class ArchivedPast:
    """What a report of an archived stream is made of."""

    past: Replayed  # With the totals of the stream that it is held against.
    earlier: list[Earlier] = field(default_factory=list)  # The last first.
    past_markets: dict[str, list[PastMarket]] = field(default_factory=dict)  # In those, by market.


def past_of_archive(
    settings: Settings, stream: str, *, against: str | None = None, with_earlier: bool = True
) -> ArchivedPast:
    """Return the past of a stream, without what erased viewers said.

    `with_earlier`: with the channel's last streams, at most five of 14 days, and the viewers who
    were on one of the last 30 days. Raises `UsageError` when a stream is not there.
    """
    archive = _Archive(settings)
    for name in {stream, against or stream}:
        files_of(archive.store, name)  # Says so when there is none, before anything is replayed.
    found = _beside_earlier(archive, stream) if with_earlier else ArchivedPast(archive.past(stream))
    if against is not None and against != stream:
        other = archive.past(against)
        found.past.rows |= _totals(other, against)
        found.past.streams[against] = other.streams[against]
    return found


def stream_start_ms(store: Store, stream: str) -> int:
    """Return when a stream's first event was, in UTC milliseconds."""
    return files_of(store, stream).summary.first_event_ms


def _before(entries: Sequence[StreamEntry], mine: StreamEntry) -> list[StreamEntry]:
    """Return the streams of the same channel that were over when this one began, the last first."""
    return [
        entry
        for entry in entries
        if (entry.platform, entry.channel) == (mine.platform, mine.channel)
        and entry.stream != mine.stream
        and entry.end_ms <= mine.start_ms
    ]


def _within(entries: Sequence[StreamEntry], start_ms: int, span_ms: int) -> list[StreamEntry]:
    return [entry for entry in entries if start_ms - entry.start_ms <= span_ms]


def _totals(past: Replayed, stream: str) -> dict[str, bytes]:
    """Return the rows of a stream's totals."""
    found = {}
    for key, value in past.rows.items():
        row = decode_row(value)
        if row.stream == stream and row.start_ms is None:
            found[key] = value
    return found


def _beside_earlier(archive: "_Archive", stream: str) -> ArchivedPast:
    """Return a stream's past and its channel's last streams, replayed in the order of time."""
    entries = catalogue(archive.store)
    mine = next(entry for entry in entries if entry.stream == stream)
    before = _before(entries, mine)
    regulars = Regulars(archive.store, before, archive.erased)
    earlier: list[Earlier] = []
    markets: dict[str, list[PastMarket]] = {}
    for entry in reversed(_within(before, mine.start_ms, EARLIER_MS)[:EARLIER_LIMIT]):
        past = archive.past(entry.stream, regulars.before(entry))
        totals = {row.market: row for row in map(decode_row, _totals(past, entry.stream).values())}
        earlier.insert(0, earlier_of(totals[ROOM], entry.start_ms))
        for market, row in totals.items():
            known = past_market(row, totals[ROOM], past.streams[entry.stream])
            markets.setdefault(market, []).append(known)
    seen_before = regulars.before(mine)
    del regulars  # It remembers more viewers than those.
    return ArchivedPast(archive.past(stream, seen_before), earlier, markets)


class _Archive:
    """An archive to replay streams of, without what erased viewers said."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.store = Store(settings.archive)
        self.erased = ErasedList(used_list_file(settings)).viewers

    def past(self, stream: str, seen_before: Container[SeenViewer] | None = None) -> Replayed:
        """Return what a stream's log comes to."""
        log = read_streams(self.store, [stream], self.erased.redacted)
        replay = LogReplay(fold_settings(self._settings), log.ticks, seen_before)
        with progress_bar(f"Folding {stream}", log.events) as advance:
            for record in log.records:
                replay.feed(record)
                advance(1)
        return replay.finish()
