"""Records of one partition, gathered to a range of the archive: where it ends, what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from resonance.streams.archive.files import LogFile, StreamFile
from resonance.streams.archive.rows import Archived
from resonance.streams.codec import Rejection, decode_log
from resonance.streams.events import LoggedPurchase, LoggedStage, ScoredComment, Tick
from resonance.streams.fold.order import Ticks

RANGE_RECORDS: Final = 50_000
RANGE_BYTES: Final = 16 * 1024 * 1024


@dataclass(slots=True)
class LogState:
    """What is known where a range begins: nothing else decides what is written of it."""

    ticks: Ticks = field(default_factory=Ticks)
    fences: dict[str, int] = field(default_factory=dict)


class Gathering:
    """Records of one range so far, as bytes. Full where the log says so, not the clock."""

    def __init__(self, first: int, interval_ms: int) -> None:
        self.first = self.end = first
        self._interval_ms = interval_ms
        self._bytes = 0
        self.records: list[tuple[int, int, bytes | None]] = []  # Offset, append time, value.

    def takes(self, appended_at_ms: int) -> bool:
        """Return whether a record still belongs to this range."""
        if not self.records:
            return True
        began_ms = self.records[0][1]
        same_time = appended_at_ms // self._interval_ms == began_ms // self._interval_ms
        return same_time and len(self.records) < RANGE_RECORDS and self._bytes < RANGE_BYTES

    def add(self, offset: int, appended_at_ms: int, value: bytes | None) -> None:
        """Take the next record."""
        self.records.append((offset, appended_at_ms, value))
        self._bytes += len(value or b"")
        self.end = offset + 1


@dataclass(slots=True)
class Sorted:
    """A range's records by the file that they belong in, and what the files say."""

    log: list[Archived]
    streams: dict[str, list[Archived]]
    summary: LogFile
    after: LogState


def sort_range(
    records: Sequence[tuple[int, int, bytes | None]], partition: int, before: LogState
) -> Sorted:
    """Return the records by stream. What scoring wrote a second time is left out, and counted."""
    ticks = msgspec.convert(msgspec.to_builtins(before.ticks), Ticks)
    fences = dict(before.fences)
    log: list[Archived] = []
    streams: dict[str, list[Archived]] = {}
    repeated = unreadable = 0
    for offset, appended_at_ms, value in records:
        event = decode_log(value)
        if isinstance(event, Rejection):
            unreadable += 1
            continue
        record = Archived(partition, offset, appended_at_ms, event)
        if isinstance(event, Tick):
            ticks.take(event)
            log.append(record)
            continue
        source = f"{event.place.topic}:{event.place.partition}"
        if event.place.offset <= fences.get(source, -1):
            repeated += 1
            continue
        fences[source] = event.place.offset
        if event.stream is None:
            log.append(record)
        else:
            streams.setdefault(event.stream, []).append(record)
    summary = LogFile(
        archived=len(log) + sum(map(len, streams.values())),
        repeated=repeated,
        unreadable=unreadable,
        fences=fences,
        ticks_before=before.ticks,
        ticks_after=ticks,
    )
    return Sorted(log, streams, summary, LogState(ticks, fences))


def stream_summary(stream: str, records: Sequence[Archived]) -> StreamFile:
    """Return what a stream's file says of its records; there is at least one, and no tick."""
    events = [record.event for record in records if not isinstance(record.event, Tick)]
    comments = [event for event in events if isinstance(event, ScoredComment)]
    markets: dict[str, int] = {}
    for comment in comments:
        if comment.role == "viewer":
            markets[comment.market] = markets.get(comment.market, 0) + 1
    actions = {event.action for event in events if isinstance(event, LoggedStage)}
    return StreamFile(
        stream=stream,
        channel=events[0].channel,
        platform=events[0].platform,
        records=len(events),
        comments=len(comments),
        purchases=sum(isinstance(event, LoggedPurchase) for event in events),
        first_event_ms=min(event.occurred_at_ms for event in events),
        last_event_ms=max(event.occurred_at_ms for event in events),
        markets=dict(sorted(markets.items())),
        started="started" in actions,
        ended="ended" in actions,
    )


def merged(parts: Sequence[StreamFile]) -> StreamFile:
    """Return what one file would say that holds all of the parts; there is at least one."""
    markets: dict[str, int] = {}
    for part in parts:
        for market, count in part.markets.items():
            markets[market] = markets.get(market, 0) + count
    return StreamFile(
        stream=parts[0].stream,
        channel=parts[0].channel,
        platform=parts[0].platform,
        records=sum(part.records for part in parts),
        comments=sum(part.comments for part in parts),
        purchases=sum(part.purchases for part in parts),
        first_event_ms=min(part.first_event_ms for part in parts),
        last_event_ms=max(part.last_event_ms for part in parts),
        markets=dict(sorted(markets.items())),
        started=any(part.started for part in parts),
        ended=any(part.ended for part in parts),
    )
