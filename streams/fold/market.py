"""One market of one stream: its buckets, its total, and who wrote when."""

from typing import Final

import msgspec

from resonance.streams.fold.distinct import Distinct
from resonance.streams.fold.sums import Sums
from resonance.streams.windows import BUCKET_MS

# Trailing windows of distinct authors, by name and by how many buckets they hold.
AUTHOR_WINDOWS: Final = {"1m": 60_000 // BUCKET_MS, "3m": 180_000 // BUCKET_MS}
AUTHOR_CLASSES: Final = ("all", "negative")
_LONGEST_MS: Final = max(AUTHOR_WINDOWS.values()) * BUCKET_MS


AuthorCounts = dict[str, dict[str, int]]  # Window -> class -> distinct authors.


class Authors(msgspec.Struct):
    """Who wrote unmasked comments within one bucket."""

    all: set[int] = msgspec.field(default_factory=set)
    negative: set[int] = msgspec.field(default_factory=set)


class Bucket(msgspec.Struct):
    """Ten seconds of one market. Kept for the horizon, as late events still correct it."""

    sums: Sums = msgspec.field(default_factory=Sums)
    commenters: Distinct = msgspec.field(default_factory=Distinct)
    buyers: Distinct = msgspec.field(default_factory=Distinct)


class MarketFold(msgspec.Struct):
    """A market's state. The room is one too: what cannot be added is kept there as well."""

    buckets: dict[int, Bucket] = {}
    retired: Sums = msgspec.field(default_factory=Sums)  # Of buckets past the horizon.
    commenters: Distinct = msgspec.field(default_factory=Distinct)
    buyers: Distinct = msgspec.field(default_factory=Distinct)
    authors: dict[int, Authors] = {}  # By bucket start, for the last three minutes.
    # By bucket start, for the horizon: fixed when the watermark passes the bucket's end, whether
    # or not there is a bucket yet, as a late event may still make one.
    author_counts: dict[int, AuthorCounts] = {}
    complete_before_ms: int = 0
    changed: set[int] = msgspec.field(default_factory=set)  # Buckets to write again.
    total_changed: bool = False

    def bucket(self, start_ms: int) -> Bucket:
        """Return the bucket, made if it is new, and mark it and the total as changed."""
        self.changed.add(start_ms)
        self.total_changed = True
        found = self.buckets.get(start_ms)
        if found is None:
            found = self.buckets[start_ms] = Bucket()
        return found

    def author(self, start_ms: int, viewer: int, *, negative: bool) -> None:
        """Note the author of an unmasked comment."""
        authors = self.authors.get(start_ms)
        if authors is None:
            authors = self.authors[start_ms] = Authors()
        authors.all.add(viewer)
        if negative:
            authors.negative.add(viewer)

    def authors_until(self, start_ms: int) -> AuthorCounts:
        """Return distinct authors of the trailing windows that end with this bucket."""
        if start_ms < self.complete_before_ms:
            return self.author_counts.get(start_ms, {})
        return self._count_authors(start_ms)

    def _count_authors(self, start_ms: int) -> AuthorCounts:
        counts: AuthorCounts = {}
        for window, length in AUTHOR_WINDOWS.items():
            starts = range(start_ms - (length - 1) * BUCKET_MS, start_ms + 1, BUCKET_MS)
            members = [self.authors[s] for s in starts if s in self.authors]
            if members:
                counts[window] = {
                    name: len(set().union(*(getattr(m, name) for m in members)))
                    for name in AUTHOR_CLASSES
                }
        return counts

    def complete_before(self, watermark_ms: int) -> None:
        """Fix the author counts of buckets that are complete; forget authors not needed."""
        complete_ms = watermark_ms // BUCKET_MS * BUCKET_MS
        if complete_ms <= self.complete_before_ms:
            return
        trailing = {start for s in self.authors for start in range(s, s + _LONGEST_MS, BUCKET_MS)}
        for start_ms in trailing:
            if self.complete_before_ms <= start_ms < complete_ms:
                self.author_counts[start_ms] = self._count_authors(start_ms)
                # A row written before knew less.
                if start_ms in self.buckets:
                    self.changed.add(start_ms)
        self.complete_before_ms = complete_ms
        for start_ms in [s for s in self.authors if s + _LONGEST_MS <= complete_ms]:
            del self.authors[start_ms]

    def retire(self, starts: set[int], horizon_ms: int) -> None:
        """Move buckets into the total; they change no more."""
        for start_ms in starts & self.buckets.keys():
            self.retired.add(self.buckets.pop(start_ms).sums)
        for start_ms in [s for s in self.author_counts if s < horizon_ms]:
            if start_ms not in self.buckets:
                del self.author_counts[start_ms]

    def total(self) -> Sums:
        """Return the sums since the stream's start."""
        total = Sums()
        total.add(self.retired)
        for bucket in self.buckets.values():
            total.add(bucket.sums)
        return total
