"""Who wrote in one market lately, and how many different people in each trailing window."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from resonance.streams.fold.trailing import Trailing
from resonance.streams.windows import BUCKET_MS

# Trailing windows of distinct authors, by name and by how many buckets they hold.
AUTHOR_WINDOWS: Final = {"1m": 60_000 // BUCKET_MS, "3m": 180_000 // BUCKET_MS}
AUTHOR_CLASSES: Final = ("all", "negative", "complaint", "friction")
_LONGEST_MS: Final = max(AUTHOR_WINDOWS.values()) * BUCKET_MS

AuthorCounts = dict[str, dict[str, int]]  # Window -> class -> distinct authors.
ListedCounts = dict[str, list[int]]  # The same, in the order of the classes.


class Authors(msgspec.Struct, omit_defaults=True):
    """Who wrote unmasked comments within one bucket: everybody, and by what they wrote."""

    all: set[int] = msgspec.field(default_factory=set)
    negative: set[int] = msgspec.field(default_factory=set)
    complaint: set[int] = msgspec.field(default_factory=set)
    friction: set[int] = msgspec.field(default_factory=set)


_encode = msgspec.msgpack.Encoder().encode
_decode_authors = msgspec.msgpack.Decoder(Authors).decode
_decode_counts = msgspec.msgpack.Decoder(ListedCounts).decode


class RecentAuthors(msgspec.Struct):
    """Authors of one market by bucket; buckets are complete in order, as the watermark passes.

    What is complete lies packed: people in 9 bytes each, counts in 20 in place of 700.
    """

    gathering: dict[int, Authors] = {}  # By bucket start: still to be complete.
    complete: dict[int, bytes] = {}  # Those of the last three minutes.
    # By bucket start, for the horizon: fixed when the watermark passes the bucket's end, whether
    # or not there is a bucket yet, as a late event may still make one.
    counts: dict[int, bytes] = {}
    trailing: dict[str, Trailing] = msgspec.field(
        default_factory=lambda: {name: Trailing() for name in AUTHOR_CLASSES}
    )
    complete_before_ms: int = 0

    def note(self, start_ms: int, viewer: int, classes: Iterable[str]) -> None:
        """Note the author of an unmasked comment that is of these classes, besides `all`."""
        authors = self.gathering.get(start_ms)
        if authors is None:
            authors = self.gathering[start_ms] = Authors()
        authors.all.add(viewer)
        for name in classes:
            getattr(authors, name).add(viewer)

    def starts(self) -> set[int]:
        """Return of which buckets anything is known."""
        return self.gathering.keys() | self.complete.keys() | self.counts.keys()

    def of(self, start_ms: int) -> Authors | None:
        """Return a bucket's authors; None where there are none, or none any more."""
        packed = self.complete.get(start_ms)
        return self.gathering.get(start_ms) if packed is None else _decode_authors(packed)

    def counted(self, start_ms: int) -> AuthorCounts | None:
        """Return the counts of a complete bucket; None where nobody wrote."""
        packed = self.counts.get(start_ms)
        return None if packed is None else _named(_decode_counts(packed))

    def until(self, start_ms: int) -> AuthorCounts:
        """Return distinct authors of the trailing windows that end with this bucket."""
        if start_ms < self.complete_before_ms:
            return self.counted(start_ms) or {}
        return {
            window: {name: self._people(name, starts) for name in AUTHOR_CLASSES}
            for window, starts in self._windows(start_ms)
        }

    def _windows(self, start_ms: int) -> Iterator[tuple[str, list[int]]]:
        """Yield the windows that end with this bucket, each with its buckets that have authors."""
        for window, length in AUTHOR_WINDOWS.items():
            starts = range(start_ms - (length - 1) * BUCKET_MS, start_ms + 1, BUCKET_MS)
            if written := [s for s in starts if s in self.complete or s in self.gathering]:
                yield window, written

    def _people(self, name: str, starts: Sequence[int]) -> int:
        """Return how many wrote in these buckets, of which the last are not complete."""
        complete = [start for start in starts if start in self.complete]
        gathering = starts[len(complete) :]
        people = set().union(*(getattr(self.gathering[start], name) for start in gathering))
        if not complete:
            return len(people)
        newest_ms = self.trailing[name].newest
        known = sum(newest_ms.get(one, -1) >= complete[0] for one in people)
        return self.trailing[name].count(complete) + len(people) - known

    def complete_before(self, complete_ms: int) -> tuple[set[int], set[int]]:
        """Fix the counts of buckets that start before; forget the people of those not needed.

        Returns where the buckets start that now have counts, and those whose people are forgotten.
        """
        written = self.gathering.keys() | self.complete.keys()
        reached = {
            start_ms
            for s in written
            for start_ms in range(
                max(s, self.complete_before_ms), min(s + _LONGEST_MS, complete_ms), BUCKET_MS
            )
        }
        for start_ms in sorted(reached):
            self._complete(start_ms)
            counts = {  # As `until` gives them.
                window: [self.trailing[name].count(starts) for name in AUTHOR_CLASSES]
                for window, starts in self._windows(start_ms)
            }
            self.counts[start_ms] = _encode(counts)
        self.complete_before_ms = complete_ms
        old = {start_ms for start_ms in self.complete if start_ms + _LONGEST_MS <= complete_ms}
        for start_ms in old:
            authors = _decode_authors(self.complete.pop(start_ms))
            for name in AUTHOR_CLASSES:
                self.trailing[name].forget(start_ms, getattr(authors, name))
        return reached, old

    def _complete(self, start_ms: int) -> None:
        """Let the trailing windows reach a bucket; they come in order."""
        if authors := self.gathering.pop(start_ms, None):
            for name in AUTHOR_CLASSES:
                self.trailing[name].add(start_ms, getattr(authors, name))
            self.complete[start_ms] = _encode(authors)

    def load(self, start_ms: int, authors: Authors | None, counts: AuthorCounts | None) -> None:
        """Take in what was saved of a bucket, in the order of saving; `loaded` when that is all."""
        self.gathering.pop(start_ms, None)
        self.counts.pop(start_ms, None)
        if authors is not None:
            self.gathering[start_ms] = authors
        if counts is not None:
            self.counts[start_ms] = _encode(_listed(counts))

    def loaded(self, complete_ms: int) -> None:
        """Find again what follows from the rest."""
        self.complete_before_ms = max(0, complete_ms)
        for start_ms in sorted(s for s in self.gathering if s < self.complete_before_ms):
            self._complete(start_ms)


def _listed(counts: AuthorCounts) -> ListedCounts:
    return {window: [of.get(name, 0) for name in AUTHOR_CLASSES] for window, of in counts.items()}


def _named(counts: ListedCounts) -> AuthorCounts:
    return {w: dict(zip(AUTHOR_CLASSES, listed, strict=True)) for w, listed in counts.items()}
