"""A partition's state as the entries of a snapshot, and back.

A snapshot is one entry after another, each by itself: the partition first, then its streams, and
after each stream its markets. Saved whole, that is everything; else what changed since the last
time: new viewers, touched buckets, questions asked anew. Loading takes the whole one and then each
change in the order of saving, and gives the same state.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

import msgspec

from resonance.streams.events import Versions
from resonance.streams.fold.askers import SavedAskers
from resonance.streams.fold.audience import SavedAudience
from resonance.streams.fold.facts import StreamFacts
from resonance.streams.fold.market import MarketFold, SavedMarket
from resonance.streams.fold.masks import SavedMasks
from resonance.streams.fold.order import Ticks
from resonance.streams.fold.questions import SavedQuestions
from resonance.streams.fold.stream import StreamFold
from resonance.streams.windows import ROOM

STATE_SCHEMA: Final = 2


class PartitionFacts(msgspec.Struct, kw_only=True):
    """What is small of a partition's state: it goes into every snapshot."""

    begun_at: int = 0  # The first log offset that was applied.
    offset: int = 0  # The next log offset to apply.
    refill_from: int = 0  # Where to read again from, for waiting events and seen ids.
    fences: dict[str, int] = {}  # "topic id:partition" -> highest source offset seen.
    first_offsets: dict[str, int] = {}  # The first one of each.
    received: dict[str, int] = {}  # And how many records came, a second delivery not counted.
    ticks: Ticks = msgspec.field(default_factory=Ticks)
    counted: int = 0
    too_late: int = 0
    duplicates: int = 0  # By id, and behind the fence.
    control: int = 0
    unusable: int = 0  # Set aside before they could be folded.
    corrected_before: int = 0  # Late events at lower offsets were counted as they came: schema 1.
    id_floors: dict[str, int] = {}  # Stream -> its first minute of ids, where some were evicted.
    ids_evicted: int = 0
    streams_evicted: int = 0
    scored_by: Versions | None = None  # Of the newest comment.
    gone: list[str] = []  # Streams forgotten since the last snapshot.

    def note_received(self, source: str, offset: int) -> None:
        """Note a record of a source that lies beyond its fence, and move the fence."""
        if source not in self.fences:
            self.first_offsets[source] = offset
        self.fences[source] = offset
        self.received[source] = self.received.get(source, 0) + 1

    def note_ids_evicted(self, ids: int) -> None:
        """Note how many ids were forgotten for want of room."""
        self.ids_evicted += ids

    def records(self) -> dict[str, int]:
        """Return what became of the log's records: between the offsets, all of them."""
        names = ("begun_at", "offset", "counted", "too_late", "duplicates", "control", "unusable")
        return {name: getattr(self, name) for name in names}

    def difference(self) -> int:
        """Return how many records have no fate, of those before the offset; 0, or it is a fault."""
        fates = self.counted + self.too_late + self.duplicates + self.control + self.unusable
        return self.offset - self.begun_at - fates

    def sources(self) -> dict[str, tuple[int, int, int]]:
        """Return first and highest offset and number of records by source, "topic id:partition"."""
        return {
            source: (self.first_offsets.get(source, 0), highest, self.received.get(source, 0))
            for source, highest in self.fences.items()
        }


class PartitionState(PartitionFacts, kw_only=True):
    """The whole state of a partition."""

    streams: dict[str, StreamFold] = msgspec.field(default_factory=dict)


class SavedPartition(msgspec.Struct, array_like=True, tag="partition"):
    """The first entry."""

    facts: PartitionFacts


class SavedStream(msgspec.Struct, array_like=True, tag="stream"):
    """A stream to which something happened."""

    facts: StreamFacts
    masks: SavedMasks
    questions: SavedQuestions
    audience: SavedAudience
    askers: SavedAskers


class SavedWatermark(msgspec.Struct, array_like=True, tag="watermark"):
    """A stream to which nothing happened: time went by."""

    stream: str
    watermark_ms: int
    retired_before_ms: int


Facts = TypeVar("Facts", bound=msgspec.Struct)
Entry = SavedPartition | SavedStream | SavedWatermark | SavedMarket

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def save_state(state: PartitionState, *, whole: bool) -> Iterator[bytes]:
    """Yield the entries of a snapshot, encoded; what they hold counts as saved then."""
    yield _encode(SavedPartition(_only(PartitionFacts, state)))
    state.gone = []
    for stream in state.streams.values():
        if whole or stream.unsaved:
            yield _encode(
                SavedStream(
                    _only(StreamFacts, stream),
                    stream.masks.take_saved(whole=whole),
                    stream.questions.take_saved(whole=whole),
                    stream.audience.take_saved(whole=whole),
                    stream.askers.take_saved(whole=whole),
                )
            )
            stream.unsaved = False
        else:
            watermark_ms = stream.progress.watermark_ms
            yield _encode(SavedWatermark(stream.stream, watermark_ms, stream.retired_before_ms))
        for name, market in ((ROOM, stream.room), *stream.markets.items()):
            saved = market.take_saved(stream.stream, name, whole=whole)
            if saved is not None:
                yield _encode(saved)


def load_state(saved: Iterable[bytes]) -> PartitionState:
    """Return the state of the entries; raises `msgspec.MsgspecError` on what is none."""
    state = PartitionState()
    for encoded in saved:
        _take(state, _decode(encoded))
    state.gone = []
    for stream in state.streams.values():
        stream.masks.loaded()
        stream.unsaved = False
        for market in (stream.room, *stream.markets.values()):
            market.loaded(stream.progress.watermark_ms)
    return state


def _take(state: PartitionState, entry: Entry) -> None:
    if isinstance(entry, SavedMarket):
        stream = state.streams[entry.stream]
        if entry.market == ROOM:
            stream.room.load(entry)
        else:
            stream.markets.setdefault(entry.market, MarketFold()).load(entry)
    elif isinstance(entry, SavedWatermark):
        stream = state.streams[entry.stream]
        stream.progress.watermark_ms = entry.watermark_ms
        stream.retired_before_ms = entry.retired_before_ms
    elif isinstance(entry, SavedStream):
        facts = entry.facts
        stream = state.streams.setdefault(facts.stream, StreamFold(stream="", channel=""))
        _copy(facts, stream)
        stream.masks.load(entry.masks)
        stream.questions.load(entry.questions)
        stream.audience.load(entry.audience)
        stream.askers.load(entry.askers)
    else:
        _copy(entry.facts, state)
        for name in state.gone:
            state.streams.pop(name, None)


def _only(kind: type[Facts], whole: Facts) -> Facts:
    """Return what the larger record has of the smaller one's fields."""
    return kind(**{name: getattr(whole, name) for name in kind.__struct_fields__})


def _copy(facts: msgspec.Struct, whole: msgspec.Struct) -> None:
    for name in facts.__struct_fields__:
        setattr(whole, name, getattr(facts, name))
