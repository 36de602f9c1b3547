"""Who had been on a channel's streams before each of them, from four columns of the archive."""

from collections.abc import Iterable
from typing import Final

from resonance.agents.archiving.catalogue import StreamEntry, files_of
from resonance.agents.archiving.store import Store
from resonance.agents.errors import UsageError
from resonance.streams.archive.parquet import ForeignFileError
from resonance.streams.archive.seen import viewers_seen
from resonance.streams.erasure import ErasedViewers
from resonance.streams.topics import DAY_MS
from resonance.streams.viewers import SeenViewer

RETURNED_MS: Final = 30 * DAY_MS  # How far back a viewer counts as one who returned.


class Regulars:
    """The viewers of a channel's streams and when each was last there. Each stream is read once."""

    def __init__(self, store: Store, entries: Iterable[StreamEntry], erased: ErasedViewers) -> None:
        self._store = store
        self._erased = erased
        self._waiting = sorted(entries, key=lambda entry: -entry.end_ms)  # The next one last.
        self._last_ms: dict[SeenViewer, int] = {}
        self._asked: dict[str, set[SeenViewer]] = {}  # Read already, of streams still waiting.

    def before(self, stream: StreamEntry) -> frozenset[SeenViewer] | None:
        """Return who was on a stream of the 30 days before this one; to be asked in time's order.

        None where nobody could be recognised: no stream was, or none under this one's viewer keys.
        """
        while self._waiting and self._waiting[-1].end_ms <= stream.start_ms:
            entry = self._waiting.pop()
            seen = self._asked.pop(entry.stream, None)
            for viewer in self._seen(entry) if seen is None else seen:
                self._last_ms[viewer] = max(self._last_ms.get(viewer, 0), entry.start_ms)
        since_ms = stream.start_ms - RETURNED_MS
        if not self._last_ms:
            return None
        mine = self._asked[stream.stream] = self._seen(stream)
        epochs = {epoch for epoch, _ in mine}
        found = frozenset(
            viewer
            for viewer, at_ms in self._last_ms.items()
            if at_ms >= since_ms and viewer[0] in epochs
        )
        return found or None

    def _seen(self, entry: StreamEntry) -> set[SeenViewer]:
        found: set[SeenViewer] = set()
        for path in files_of(self._store, entry.stream).paths.values():
            try:
                with self._store.reading(path) as file:
                    found |= viewers_seen(file)
            except ForeignFileError as error:
                message = f"{self._store.url(path)}: {error}. Move it out of the archive"
                raise UsageError(message) from error
        return {viewer for viewer in found if viewer[1] not in self._erased.pseudonyms}
