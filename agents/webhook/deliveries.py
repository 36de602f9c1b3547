"""Each delivery once: senders send again what they think was lost, even while it is under way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

REMEMBERED: Final = 10_000  # Beyond, and after a restart, the events' own ids tell.


class Deliveries:
    """The latest deliveries that were confirmed, and those under way."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._confirmed: dict[str, None] = {}  # The oldest first.
        self._under_way: dict[str, asyncio.Future[bool]] = {}

    def known(self, key: str) -> bool:
        """Return whether the delivery was confirmed, or is under way."""
        return key in self._confirmed or key in self._under_way

    async def confirm(self, key: str, send: Callable[[], Awaitable[bool]]) -> bool:
        """Return whether the delivery is confirmed; it is sent only if it is not under way yet."""
        if key in self._confirmed:
            return True
        sending = self._under_way.get(key)
        if sending is None:
            sending = asyncio.ensure_future(send())
            self._under_way[key] = sending
            sending.add_done_callback(lambda done: self._note(key, done))
        # A sender who hangs up must not stop what another waits for.
        return await asyncio.shield(sending)

    def _note(self, key: str, done: "asyncio.Future[bool]") -> None:
        del self._under_way[key]
        if not done.cancelled() and done.exception() is None and done.result():
            self._confirmed[key] = None
            if len(self._confirmed) > self._limit:
                del self._confirmed[next(iter(self._confirmed))]
