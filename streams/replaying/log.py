"""A log, folded again: everything that a post-mortem asks for, in one pass and bounded memory.

    replayed = replay_log(records, settings)
    replayed.rows                      key -> bytes, as in the topic `windows`
    replayed.streams["live"].questions what became of every question
    replayed.streams["live"].moments   the worst minutes of each market, with comments
    replayed.streams["live"].markers   what host and platform did, in order

The records may come from the archive, from Kafka or from a file that was scored anew: whoever
reads them gives them in log order, partition by partition or mixed.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from resonance.streams.compass.activity import Activity, ActivityCount
from resonance.streams.events import LogEvent, LoggedPurchase, LoggedStage, ScoredComment
from resonance.streams.fold.order import StreamEvent, Ticks
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.questions import Questions
from resonance.streams.fold.saving import PartitionState
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.fold.stream import Seen, StreamFold
from resonance.streams.replaying.moments import Moment, Moments
from resonance.streams.replaying.questions import QuestionOutcome, QuestionOutcomes
from resonance.streams.replaying.recognition import Recognition
from resonance.streams.viewers import SeenViewer
from resonance.streams.windows import WindowRow, decode_row

BATCH_RECORDS: Final = 2_000  # Changes no number: the fold is a function of the log alone.
TAKE_EVERY_BATCHES: Final = 10  # A row is encoded each time it is taken.
MARKER_LIMIT: Final = 20_000  # Of a stream: captions and viewer counts are many.


class LogRecord(NamedTuple):
    """One record of the topic `events`."""

    offset: int
    event: LogEvent
    partition: int = 0


@dataclass(slots=True)
class StreamPast:
    """What became of one stream; everything in event order."""

    stream: str
    channel: str
    platform: str
    questions: list[QuestionOutcome] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)  # The worst first; see moments.worst.
    markers: list[LoggedStage] = field(default_factory=list)
    markers_left_out: int = 0
    returned: dict[str, int] | None = None  # Viewers seen before, by market; None: not asked.
    activity: list[Activity] = field(default_factory=list)  # By market and time.


@dataclass(slots=True)
class Accounts:
    """What became of the records: read = counted + too late + duplicates + control."""

    read: int = 0
    counted: int = 0
    too_late: int = 0
    duplicates: int = 0
    control: int = 0


@dataclass(slots=True)
class Replayed:
    """Everything that a log comes to."""

    rows: dict[str, bytes] = field(default_factory=dict)  # The newest bytes of every window.
    streams: dict[str, StreamPast] = field(default_factory=dict)
    accounts: Accounts = field(default_factory=Accounts)

    def rows_of(self, stream: str) -> list[WindowRow]:
        """Return a stream's rows: buckets in time order by market, then totals."""
        rows = (decode_row(value) for value in self.rows.values())
        mine = [row for row in rows if row.stream == stream]
        return sorted(mine, key=lambda r: (r.start_ms is None, r.start_ms or 0, r.market))


class LogReplay:
    """Fold records as they are fed; `changed` gives rows to publish on the way.

    `ticks`: by partition, how far its sources were known to be scored where the log begins; a
    replay from the middle of a log begins with what the ticks before it had said. `seen_before`:
    viewers of earlier streams, to count those who returned.
    """

    def __init__(
        self,
        settings: FoldSettings,
        ticks: Mapping[int, Ticks] = {},
        seen_before: Container[SeenViewer] | None = None,
    ) -> None:
        self._settings = settings
        self._ticks = ticks
        self._seen_before = seen_before
        self._folds: dict[int, PartitionFold] = {}
        self._watches: dict[str, _Watch] = {}
        self._fed = 0
        self.rows: dict[str, bytes] = {}

    def feed(self, record: LogRecord) -> None:
        """Take the next record of its partition."""
        fold = self._folds.get(record.partition)
        if fold is None:
            fold = self._begin(record.partition)
        fold.apply(record.offset, record.event)
        self._fed += 1
        if not self._fed % BATCH_RECORDS:
            self._advance()
            if not self._fed % (BATCH_RECORDS * TAKE_EVERY_BATCHES):
                self.changed()

    def changed(self) -> dict[str, bytes]:
        """See what is complete by now; return the rows that changed since the last call."""
        self._advance()
        taken: dict[str, bytes] = {}
        for fold in self._folds.values():
            # Totals that are deleted two days after a stream's end stay in its past.
            taken |= {key: value for key, value in fold.take_changed() if value is not None}
        self.rows |= taken
        return taken

    def finish(self) -> Replayed:
        """Return what all of it comes to."""
        self.changed()
        kept = {s.stream: s for fold in self._folds.values() for s in fold.state.streams.values()}
        for name, watch in self._watches.items():
            watch.finish(kept.get(name))
        pasts = {name: self._watches[name].past for name in sorted(self._watches)}
        return Replayed(self.rows, pasts, self._accounts())

    def _begin(self, partition: int) -> PartitionFold:
        state = PartitionState(ticks=self._ticks.get(partition, Ticks()))
        fold = self._folds[partition] = PartitionFold(self._settings, state, watch=self._see)
        return fold

    def _advance(self) -> None:
        for fold in self._folds.values():
            fold.advance()
            fold.take_dead()  # Counted in the room's total; there is nowhere to set them aside.

    def _see(self, stream: StreamFold, event: StreamEvent, seen: Seen | None) -> None:
        watch = self._watches.get(stream.stream)
        if watch is None:
            past = StreamPast(stream.stream, stream.channel, event.platform)
            watch = self._watches[stream.stream] = _Watch(past, self._seen_before)
        watch.see(stream, event, seen)

    def _accounts(self) -> Accounts:
        accounts = Accounts(read=self._fed)
        for fold in self._folds.values():
            accounts.counted += fold.state.counted
            accounts.too_late += fold.state.too_late
            accounts.duplicates += fold.state.duplicates
            accounts.control += fold.state.control
        return accounts


def replay_log(
    records: Iterable[LogRecord], settings: FoldSettings, ticks: Mapping[int, Ticks] = {}
) -> Replayed:
    """Return everything that the records come to; the same records, the same bytes."""
    replay = LogReplay(settings, ticks)
    for record in records:
        replay.feed(record)
    return replay.finish()


class _Watch:
    """Looks on while one stream is folded, in event order."""

    def __init__(self, past: StreamPast, seen_before: Container[SeenViewer] | None) -> None:
        self.past = past
        self._recognition = None if seen_before is None else Recognition(seen_before)
        self._moments = Moments()
        self._questions = QuestionOutcomes()
        self._activity = ActivityCount()

    def see(self, stream: StreamFold, event: StreamEvent, seen: Seen | None) -> None:
        if isinstance(event, ScoredComment):
            if self._recognition is not None and event.role == "viewer":
                # A late comment is counted in the market that scoring gave it.
                self._recognition.see(event.market if seen is None else seen.market, event)
            if seen is not None and seen.mask is None:
                self._moments.see(seen.market, event)
                self._questions.see(stream.questions, event)
                self._activity.comment(seen.market, event)
        elif isinstance(event, LoggedPurchase):
            if seen is not None:
                self._activity.purchase(seen.market, event)
        else:
            self._mark(event)
        if stream.questions.closed:
            self._questions.close(stream.questions)

    def _mark(self, event: LoggedStage) -> None:
        if len(self.past.markers) < MARKER_LIMIT:
            self.past.markers.append(event)
        else:
            self.past.markers_left_out += 1

    def finish(self, stream: StreamFold | None) -> None:
        """Complete the past; None: the fold has forgotten the stream, and what was open in it."""
        if self._recognition is not None:
            self.past.returned = dict(sorted(self._recognition.by_market.items()))
        self.past.moments = self._moments.finish()
        self.past.questions = self._questions.finish(stream.questions if stream else Questions())
        self.past.activity = self._activity.finish()
