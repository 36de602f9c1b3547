"""The fold of one `events` partition: records in log order in, changed window rows out.

    state(p) = fold(log of partition p up to an offset)

Nothing here knows of Kafka, files or clocks. A snapshot (`saving`) holds what cannot be read again
cheaply: sums, distinct viewers, facts. Events still waiting and ids already seen are left out of
it; after `load` they come back by re-reading the log from `refill_from` through `refill`.
"""

from collections.abc import Callable, Iterable

import msgspec

from resonance.streams.events import LogEvent, LoggedPurchase, ScoredComment, Tick
from resonance.streams.fold.changes import Change, Changes
from resonance.streams.fold.duplicates import MINUTE_MS, SeenIds
from resonance.streams.fold.eviction import to_evict
from resonance.streams.fold.held import HeldPurchases, live_stream
from resonance.streams.fold.order import FOREVER_MS, StreamEvent, lateness_of
from resonance.streams.fold.saving import PartitionState, load_state, save_state
from resonance.streams.fold.settings import FoldSettings
from resonance.streams.fold.stream import Seen, StreamFold
from resonance.streams.fold.waiting import Waiting, turn_ms
from resonance.streams.reasons import Reason

# Told of every event right after its turn, with how it was taken: for replays to look on.
Watch = Callable[[StreamFold, StreamEvent, Seen | None], None]


class PartitionFold:
    """Apply records, advance, take what changed. Deterministic in the records alone."""

    def __init__(
        self,
        settings: FoldSettings,
        state: PartitionState | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.settings = settings
        self._watch = watch
        self.state = state or PartitionState()
        self._waiting = Waiting(settings.allowed_lateness_ms)
        self.seen = SeenIds(settings.id_limit, self.state.id_floors, self.state.note_ids_evicted)
        self._held = HeldPurchases(settings.allowed_lateness_ms)
        self._dead: list[tuple[StreamEvent, Reason]] = []
        self._changes = Changes()
        self._moving = dict(self.state.streams)  # All but those that closed long ago.

    @property
    def offset(self) -> int:
        """The next log offset to apply."""
        return self.state.offset

    @property
    def refill_from(self) -> int:
        """The log offset from which waiting events and seen ids can be read again."""
        first = self.seen.first_offset()
        offsets = [*self._held.offsets(), *([] if first is None else [first])]
        return min(offsets, default=self.state.offset)

    def apply(self, offset: int, event: LogEvent) -> None:
        """Take the record at `offset`. Records below the fence are dropped as duplicates."""
        state = self.state
        state.offset = offset + 1
        if isinstance(event, Tick):
            state.control += 1
            self._tick(event)
            return
        source = f"{event.place.topic}:{event.place.partition}"
        if event.place.offset <= state.fences.get(source, -1):
            state.duplicates += 1
            return
        state.note_received(source, event.place.offset)
        if isinstance(event, LoggedPurchase) and event.stream is None:
            self._hold(offset, event)
            return
        self._receive(offset, event)

    def set_aside(self, offset: int) -> None:
        """Pass over the record at `offset`, which is none of ours."""
        self.state.offset = offset + 1
        self.state.unusable += 1

    def _tick(self, tick: Tick) -> None:
        ticks = self.state.ticks
        before_ms = ticks.complete_ms
        ticks.take(tick)
        for stream in self.state.streams.values():
            if stream.progress.kind == "undecided":
                stream.unsaved = True
                stream.progress.decide(tick, ticks)
        if ticks.complete_ms != before_ms:
            # Not with the next batch: what joins and closes is a matter of the log alone.
            self._join_held(before_ms)
            if ticks.complete_ms // MINUTE_MS != before_ms // MINUTE_MS:
                self._close_streams()

    def _receive(self, offset: int, event: StreamEvent) -> None:
        state, settings = self.state, self.settings
        stream = self._stream(event, state.offset - 1)
        stream.heard_at_ms = state.ticks.complete_ms
        if isinstance(event, ScoredComment) and event.versions != state.scored_by:
            state.scored_by = event.versions
        if stream.progress.whole():
            self._duplicate(stream)  # The file was complete: this is a second run of it.
            return
        in_time = lateness_of(event) <= settings.max_lateness_ms
        if event.occurred_at_ms // MINUTE_MS > stream.last_event_ms // MINUTE_MS:
            self._forget_ids(stream)
        stream.receive(event, settings, in_time=in_time)
        if not self.seen.add(stream.stream, event.id, event.occurred_at_ms, offset):
            self._duplicate(stream)
        elif not in_time:
            state.too_late += 1
            stream.note_too_late()
            self._dead.append((event, Reason.TOO_LATE))
        else:
            state.counted += 1
            if self._waits(stream, event, state.ticks.complete_ms):
                self._waiting.add(stream.stream, event)
            else:
                self._correct(stream, event)
        if stream.progress.counts and stream.progress.whole():
            self.seen.drop(stream.stream)  # Whatever comes now is a second run.

    def _waits(self, stream: StreamFold, event: StreamEvent, complete_ms: int) -> bool:
        """Return whether the event's turn is still to come, by the ticks before it in the log."""
        allowed_ms = self.settings.allowed_lateness_ms
        watermark_ms = stream.progress.live_ms(complete_ms, allowed_ms)
        in_time = lateness_of(event) <= self.settings.max_lateness_ms
        return in_time and turn_ms(event, allowed_ms) >= watermark_ms

    def _correct(self, stream: StreamFold, event: StreamEvent) -> None:
        """Let an event correct the sums; what was complete before it is seen before it."""
        if stream.progress.kind == "live":  # A file's watermark moves with the event in hand.
            self._move(stream)
        seen = stream.correct(event, self.settings)
        if self._watch is not None:
            self._watch(stream, event, seen)

    def _duplicate(self, stream: StreamFold) -> None:
        self.state.duplicates += 1
        stream.note_duplicate()

    def _stream(self, event: StreamEvent, offset: int) -> StreamFold:
        name = str(event.stream)
        found = self.state.streams.get(name)
        if found is None:
            state = self.state
            for old in to_evict(state.streams.values(), state.ticks.complete_ms, self.settings):
                self._evict(old)
            found = StreamFold(stream=name, channel=event.channel, opened_at=offset)
            if self._watch is not None:
                found.questions.closed = []
            self.state.streams[name] = found
        self._moving[name] = found
        found.unsaved = True
        return found

    def _evict(self, stream: StreamFold) -> None:
        """Forget a stream for want of room."""
        self._move(stream)
        self._forget(stream)
        self.state.streams_evicted += 1

    def _forget(self, stream: StreamFold) -> None:
        """Forget a stream; what still waits is seen first, as it was counted."""
        self._release(stream, FOREVER_MS)
        self._changes.forget(stream)
        del self.state.streams[stream.stream]
        self._moving.pop(stream.stream, None)
        self.state.gone.append(stream.stream)
        self.seen.drop(stream.stream)

    def _forget_ids(self, stream: StreamFold) -> None:
        """Forget ids past the horizon: at each new minute of a stream, not with each batch."""
        self._move(stream)
        stream.forgotten_before_ms = stream.progress.watermark_ms - self.settings.max_lateness_ms
        self.seen.forget_before(stream.stream, stream.forgotten_before_ms)

    def _hold(self, offset: int, purchase: LoggedPurchase) -> None:
        """Keep a purchase without a stream until it is known which was live at its time."""
        state = self.state
        if lateness_of(purchase) > self.settings.max_lateness_ms:
            state.too_late += 1
            self._dead.append((purchase, Reason.TOO_LATE))
        else:
            state.counted += 1
            self._held.add(offset, purchase)
            if turn_ms(purchase, self.settings.allowed_lateness_ms) < self._known_ms():
                self._join_held(state.ticks.complete_ms)

    def advance(self) -> None:
        """Let the streams see what is complete by now. Call it after each batch of records."""
        for stream in self._moving.values():
            self._move(stream)

    def _move(self, stream: StreamFold) -> None:
        """Move a stream's watermark as far as the log allows, and see what lies before it."""
        before_ms = stream.progress.watermark_ms
        watermark_ms = stream.progress.advance(
            self.state.ticks.complete_ms, self.settings.allowed_lateness_ms
        )
        if watermark_ms <= before_ms:
            return
        self._release(stream, watermark_ms)
        stream.advance(watermark_ms, self.settings)
        stream.room.total_changed = True

    def _release(self, stream: StreamFold, watermark_ms: int) -> None:
        for turn, _, _, event in self._waiting.release(stream.stream, watermark_ms):
            stream.unsaved = True
            if turn == event.occurred_at_ms:
                seen = stream.see(event, self.settings)
            else:  # Late: its turn is when it would have been on time.
                seen = stream.correct(event, self.settings)
            if self._watch is not None:
                self._watch(stream, event, seen)

    def _close_streams(self) -> None:
        """Close silent streams and forget ended ones: once a minute of the log's time."""
        complete_ms = self.state.ticks.complete_ms
        for name, stream in list(self.state.streams.items()):
            self._move(stream)
            if stream.close(complete_ms, self.settings):
                self._forget(stream)
            elif stream.settled(complete_ms, self.settings) and not self._waiting.has(name):
                self._moving.pop(name, None)

    def _join_held(self, before_ms: int) -> None:
        """Give held purchases to the stream that was live; `before_ms` lets them have a turn."""
        for offset, purchase in self._held.take_due(self._known_ms()):
            name = live_stream(self.state.streams.values(), purchase)
            joined = msgspec.structs.replace(purchase, stream=name)
            target = self._stream(joined, offset)
            target.receive(joined, self.settings, in_time=True)
            if not self.seen.add(name, joined.id, joined.occurred_at_ms, offset):
                self.state.counted -= 1
                self._duplicate(target)
            elif target.progress.kind == "live" and self._waits(target, joined, before_ms):
                self._waiting.add(name, joined)
            else:
                self._correct(target, joined)

    def _known_ms(self) -> int:
        return self.state.ticks.known_ms(self.settings.allowed_lateness_ms)

    def take_changed(self) -> list[Change]:
        """Return every row that changed since the last call; of one key the last holds."""
        return self._changes.take(self.state.streams.values())

    def take_dead(self) -> list[tuple[StreamEvent, Reason]]:
        """Return the events set aside since the last call."""
        dead, self._dead = self._dead, []
        return dead

    def touch_all(self) -> None:
        """Mark every row within the horizon as changed: a new owner writes them again."""
        for stream in self.state.streams.values():
            stream.touch()

    def save(self, *, whole: bool) -> Iterable[bytes]:
        """Yield what a snapshot takes: everything, or what changed since the last call.

        Call `advance` before, so that what waits can be told apart; take nothing in meanwhile.
        """
        self.state.refill_from = self.refill_from
        return save_state(self.state, whole=whole)

    @classmethod
    def load(cls, settings: FoldSettings, saved: Iterable[bytes]) -> "PartitionFold":
        """Return the fold of what was saved: everything once, then each change in its order.

        Raises `msgspec.MsgspecError` if it is nothing of ours.
        """
        fold = cls(settings, load_state(saved))
        for stream in fold.state.streams.values():
            fold.seen.forget_before(stream.stream, stream.forgotten_before_ms)
        return fold

    def refill(self, offset: int, event: LogEvent) -> None:
        """Read a record between `refill_from` and `offset` again: nothing is counted by this."""
        if isinstance(event, Tick):
            return
        allowed_ms = self.settings.allowed_lateness_ms
        name = event.stream
        counted = offset < self.state.corrected_before and lateness_of(event) > allowed_ms
        if isinstance(event, LoggedPurchase) and name is None:
            if turn_ms(event, allowed_ms) >= self._known_ms():
                self._held.add(offset, event)
                return
            name, counted = live_stream(self.state.streams.values(), event), True
        stream = self.state.streams.get(str(name))
        if stream is None or not stream.reads_again(offset):
            return
        new = self.seen.add(stream.stream, event.id, event.occurred_at_ms, offset)
        # What has joined was counted then and there: only its id is needed again.
        if new and not counted and self._waits(stream, event, self.state.ticks.complete_ms):
            self._waiting.add(stream.stream, event)
