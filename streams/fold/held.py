"""Purchases that name no stream: they join the one of their channel that was live."""

from collections.abc import Iterable, Iterator
from typing import Final

from resonance.streams.events import LoggedPurchase
from resonance.streams.fold.stream import StreamFold

OFF_STREAM: Final = "off_stream"


class HeldPurchases:
    """Purchases that wait until it is known which stream was live; read again after a restart."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, LoggedPurchase]] = {}  # id -> (log offset, purchase)

    def add(self, offset: int, purchase: LoggedPurchase) -> bool:
        """Return True if the purchase's id is new, and keep it."""
        if purchase.id in self._held:
            return False
        self._held[purchase.id] = (offset, purchase)
        return True

    def take_due(self, known_ms: int) -> Iterator[tuple[int, LoggedPurchase]]:
        """Yield and forget the purchases that occurred before `known_ms`."""
        for event_id, (offset, purchase) in list(self._held.items()):
            if purchase.occurred_at_ms < known_ms:
                del self._held[event_id]
                yield offset, purchase

    def offsets(self) -> Iterable[int]:
        """Return the log offsets of what is held."""
        return [offset for offset, _ in self._held.values()]


def live_stream(streams: Iterable[StreamFold], purchase: LoggedPurchase) -> str:
    """Return the channel's stream that was live then, the latest begun of several.

    Without one it is `off_stream:<channel>`: rows of their own, outside every stream.
    """
    at_ms = purchase.occurred_at_ms
    live = [
        stream
        for stream in streams
        if stream.channel == purchase.channel
        and not stream.stream.startswith(f"{OFF_STREAM}:")
        and stream.first_event_ms <= at_ms <= stream.progress.ends_at_ms
    ]
    if not live:
        return f"{OFF_STREAM}:{purchase.channel}"
    return max(live, key=lambda s: (s.first_event_ms, s.stream)).stream
