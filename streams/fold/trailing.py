"""How many different people wrote within trailing windows, without joining sets for each window."""

from collections.abc import Iterable

import msgspec


class Trailing(msgspec.Struct):
    """People by the newest bucket they wrote in; buckets come in order, each once.

    Of those who wrote within a window that ends with the newest bucket, each has their own newest
    bucket within it: so the windows' counts are sums over buckets.
    """

    newest: dict[int, int] = {}  # Who -> start of the newest bucket they wrote in.
    people: dict[int, int] = {}  # Start of a bucket -> how many have it as their newest.

    def add(self, start_ms: int, people: Iterable[int]) -> None:
        """Take the people of the next bucket in."""
        newest, counts = self.newest, self.people
        added = 0
        for one in people:
            before_ms = newest.get(one)
            if before_ms is not None:
                counts[before_ms] -= 1
            newest[one] = start_ms
            added += 1
        counts[start_ms] = added

    def forget(self, start_ms: int, people: Iterable[int]) -> None:
        """Forget a bucket that no window reaches any more, given its people."""
        self.people.pop(start_ms, None)
        for one in people:
            if self.newest.get(one) == start_ms:
                del self.newest[one]

    def count(self, starts_ms: Iterable[int]) -> int:
        """Return how many wrote in these buckets, of which the last is the newest there is."""
        return sum(self.people.get(start_ms, 0) for start_ms in starts_ms)
