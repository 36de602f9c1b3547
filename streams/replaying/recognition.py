"""Who of a stream's viewers had been on an earlier stream of the channel, by market."""

from collections.abc import Container

from resonance.streams.events import ScoredComment
from resonance.streams.viewers import SeenViewer


class Recognition:
    """Counts them for one stream, as the fold takes their comments."""

    def __init__(self, seen_before: Container[SeenViewer]) -> None:
        self._seen_before = seen_before
        self._counted: set[SeenViewer] = set()
        self.by_market: dict[str, int] = {}

    def see(self, market: str, comment: ScoredComment) -> None:
        """Take a viewer's comment, which counts in `market`: there they are counted, once."""
        viewer = comment.viewer_epoch, comment.viewer
        if viewer in self._seen_before and viewer not in self._counted:
            self._counted.add(viewer)
            self.by_market[market] = self.by_market.get(market, 0) + 1
