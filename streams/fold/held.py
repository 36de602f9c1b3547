"""Purchases that name no stream: they join the one of their channel that was live."""

from collections.abc import Iterable
from typing import Final

from resonance.streams.events import LoggedPurchase, Place
from resonance.streams.fold.stream import StreamFold
from resonance.streams.fold.waiting import turn_ms

OFF_STREAM: Final = "off_stream"


class HeldPurchases:
    """Purchases that wait until it is known which stream was live; read again after a restart.

    Copies wait, too: that they are copies is found where they join, among the stream's other ids.
    """

    def __init__(self, allowed_lateness_ms: int) -> None:
        self._allowed_lateness_ms = allowed_lateness_ms
        # Log offset and purchase, in log order.
        self._held: dict[Place, tuple[int, LoggedPurchase]] = {}

    def add(self, offset: int, purchase: LoggedPurchase) -> None:
        """Keep the purchase.

        A second record of the same place changes nothing: a crash of scoring left it, and reading
        the log again, without the fence, comes by it.
        """
        self._held.setdefault(purchase.place, (offset, purchase))

    def take_due(self, known_ms: int) -> list[tuple[int, LoggedPurchase]]:
        """Return and forget the purchases whose turn is before `known_ms`, in log order."""
        allowed_ms = self._allowed_lateness_ms
        due = [e for e in self._held.values() if turn_ms(e[1], allowed_ms) < known_ms]
        for _, purchase in due:
            del self._held[purchase.place]
        return due

    def offsets(self) -> list[int]:
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
