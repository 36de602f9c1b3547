"""One market of one stream: its buckets, its total, and who wrote when."""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from resonance.streams.fold.authors import AuthorCounts, Authors, RecentAuthors
from resonance.streams.fold.distinct import Distinct
from resonance.streams.fold.members import Members, SavedMembers
from resonance.streams.fold.sums import Sums
from resonance.streams.windows import BUCKET_MS

V = TypeVar("V")


class Bucket(msgspec.Struct, omit_defaults=True):
    """Ten seconds of one market. Kept for the horizon, as late events still correct it."""

    sums: Sums = msgspec.field(default_factory=Sums)
    commenters: Distinct = msgspec.field(default_factory=Distinct)
    buyers: Distinct = msgspec.field(default_factory=Distinct)


class SavedBucket(msgspec.Struct, array_like=True):
    """What is kept of one bucket's ten seconds; nothing at all where it has gone."""

    start_ms: int
    bucket: bytes | None = None  # Packed, as it lies in memory.
    authors: Authors | None = None
    author_counts: AuthorCounts | None = None


class SavedMarket(msgspec.Struct, array_like=True, tag="market"):
    """A market's changes since it was last saved, or the whole of it."""

    stream: str
    market: str
    retired: Sums | None
    commenters: SavedMembers
    buyers: SavedMembers
    buckets: list[SavedBucket]


_encode = msgspec.msgpack.Encoder().encode
_decode_bucket = msgspec.msgpack.Decoder(Bucket).decode


class MarketFold(msgspec.Struct):
    """A market's state. The room is one too: what cannot be added is kept there as well.

    Buckets that rarely change any more are packed, to take less memory; their sums stand together
    in `packed_sums`.
    """

    buckets: dict[int, Bucket] = {}
    packed: dict[int, bytes] = {}
    packed_sums: Sums = msgspec.field(default_factory=Sums)
    retired: Sums = msgspec.field(default_factory=Sums)  # Of buckets past the horizon.
    commenters: Members = msgspec.field(default_factory=Members)
    buyers: Members = msgspec.field(default_factory=Members)
    authors: RecentAuthors = msgspec.field(default_factory=RecentAuthors)
    changed: set[int] = msgspec.field(default_factory=set)  # Buckets to write again.
    total_changed: bool = False
    known_total: Sums | None = None  # None: to be added up again.
    # What the next snapshot takes: bucket starts, and whether `retired` changed.
    unsaved: set[int] = msgspec.field(default_factory=set)
    retired_unsaved: bool = True

    def bucket(self, start_ms: int) -> Bucket:
        """Return the bucket, made if it is new, and mark it and the total as changed."""
        self.changed.add(start_ms)
        self.unsaved.add(start_ms)
        self.total_changed, self.known_total = True, None
        found = self.buckets.get(start_ms)
        if found is None:
            found = self.buckets[start_ms] = self._unpacked(start_ms) or Bucket()
        return found

    def late_to_retired(self, start_ms: int) -> Bucket:
        """Return a bucket that only the total learns of: its own row is complete and written."""
        self.unsaved.add(start_ms)
        self.retired_unsaved = self.total_changed = True
        self.known_total = None
        return Bucket(sums=self.retired)

    def has_bucket(self, start_ms: int) -> bool:
        """Return whether there is a bucket that starts then, packed or not."""
        return start_ms in self.buckets or start_ms in self.packed

    def starts(self) -> set[int]:
        """Return when the buckets start, packed or not."""
        return self.buckets.keys() | self.packed.keys()

    def look(self, start_ms: int) -> Bucket:
        """Return a bucket that exists, to read only."""
        found = self.buckets.get(start_ms)
        return _decode_bucket(self.packed[start_ms]) if found is None else found

    def pack(self, before_ms: int) -> None:
        """Pack the buckets that start before then and have their row."""
        for start_ms in [s for s in self.buckets if s < before_ms and s not in self.changed]:
            bucket = self.buckets.pop(start_ms)
            self.packed[start_ms] = _encode(bucket)
            self.packed_sums.add(bucket.sums)

    def _unpacked(self, start_ms: int) -> Bucket | None:
        packed = self.packed.pop(start_ms, None)
        if packed is None:
            return None
        bucket = _decode_bucket(packed)
        self.packed_sums.add(bucket.sums, -1)
        return bucket

    def author(self, start_ms: int, viewer: int, classes: Iterable[str]) -> None:
        """Note the author of an unmasked comment that is of these classes, besides `all`."""
        self.unsaved.add(start_ms)
        self.authors.note(start_ms, viewer, classes)

    def complete_before(self, watermark_ms: int) -> None:
        """Fix the author counts of buckets that are complete; forget authors not needed."""
        complete_ms = complete_before_ms(watermark_ms)
        if complete_ms <= self.authors.complete_before_ms:
            return
        counted, forgotten = self.authors.complete_before(complete_ms)
        self.unsaved |= counted | forgotten
        # A row written before knew less.
        self.changed |= {start_ms for start_ms in counted if self.has_bucket(start_ms)}

    def retire(self, starts: set[int], horizon_ms: int) -> None:
        """Move buckets into the total; they change no more."""
        for start_ms in filter(self.has_bucket, starts):
            bucket = self.buckets.pop(start_ms, None) or self._unpacked(start_ms)
            if bucket is not None:
                self.retired.add(bucket.sums)
                self.retired_unsaved = True
                self.unsaved.add(start_ms)
        for start_ms in [s for s in self.authors.counts if s < horizon_ms]:
            if not self.has_bucket(start_ms):
                del self.authors.counts[start_ms]
                self.unsaved.add(start_ms)

    def total(self) -> Sums:
        """Return the sums since the stream's start, to read only."""
        if self.known_total is None:
            self.known_total = Sums()
            for sums in (self.retired, self.packed_sums, *(b.sums for b in self.buckets.values())):
                self.known_total.add(sums)
        return self.known_total

    def take_saved(self, stream: str, market: str, *, whole: bool) -> SavedMarket | None:
        """Return what changed since the last call, or everything; None when nothing did."""
        if whole:
            starts = self.starts() | self.authors.starts()
        elif not self.unsaved and not self.retired_unsaved:
            return None
        else:
            starts = self.unsaved
        saved = SavedMarket(
            stream=stream,
            market=market,
            retired=self.retired if whole or self.retired_unsaved else None,
            commenters=self.commenters.take_saved(whole=whole),
            buyers=self.buyers.take_saved(whole=whole),
            buckets=[self._saved_bucket(start_ms) for start_ms in starts],
        )
        self.unsaved = set()
        self.retired_unsaved = False
        return saved

    def _saved_bucket(self, start_ms: int) -> SavedBucket:
        bucket = self.packed.get(start_ms)
        if bucket is None and start_ms in self.buckets:
            bucket = _encode(self.buckets[start_ms])
        return SavedBucket(
            start_ms, bucket, self.authors.of(start_ms), self.authors.counted(start_ms)
        )

    def load(self, saved: SavedMarket) -> None:
        """Take in what was saved, in the order of saving; `loaded` when that is all."""
        if saved.retired is not None:
            self.retired = saved.retired
        self.commenters.load(saved.commenters)
        self.buyers.load(saved.buyers)
        for kept in saved.buckets:
            _put(self.packed, kept.start_ms, kept.bucket)
            self.authors.load(kept.start_ms, kept.authors, kept.author_counts)

    def loaded(self, watermark_ms: int) -> None:
        """Find again what follows from the rest."""
        for bucket in self.packed.values():
            self.packed_sums.add(_decode_bucket(bucket).sums)
        self.authors.loaded(complete_before_ms(watermark_ms))


def _put(memory: dict[int, V], start_ms: int, value: V | None) -> None:
    """Keep the value of a bucket's start, or keep nothing."""
    if value is None:
        memory.pop(start_ms, None)
    else:
        memory[start_ms] = value


def complete_before_ms(watermark_ms: int) -> int:
    """Return the start of the first bucket that is not complete."""
    return watermark_ms // BUCKET_MS * BUCKET_MS
