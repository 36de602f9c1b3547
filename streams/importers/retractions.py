"""Which comments a viewer wrote lately: some tools record only that all of them were deleted."""

from collections import OrderedDict
from typing import Final

COMMENTS_LIMIT: Final = 50_000  # Of all viewers; about 10 MB.


class RecentComments:
    """The ids of the latest comments, by author; who was silent longest is forgotten first."""

    def __init__(self, limit: int = COMMENTS_LIMIT) -> None:
        self._limit = limit
        self._held = 0
        self._of: OrderedDict[str, list[str]] = OrderedDict()

    def note(self, author: str, comment_id: str) -> None:
        """Remember a comment."""
        self._of.setdefault(author, []).append(comment_id)
        self._of.move_to_end(author)
        self._held += 1
        while self._held > self._limit:
            _, forgotten = self._of.popitem(last=False)
            self._held -= len(forgotten)

    def take(self, author: str) -> list[str]:
        """Return the ids of an author's comments, oldest first, and forget them."""
        ids = self._of.pop(author, [])
        self._held -= len(ids)
        return ids
