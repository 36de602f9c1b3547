"""Serve until somebody asks to stop: by SIGTERM, or by Ctrl-C."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Final

STOPPED: Final = 0
INTERRUPTED: Final = 130  # As shells have it.


def serve_until_stopped(serve: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    """Run a service, which ends when its event is set; return the command's exit status."""

    async def run() -> int:
        stop = asyncio.Event()
        status = STOPPED

        def end(by_signal: int) -> None:
            nonlocal status
            if not stop.is_set():
                status = by_signal
            stop.set()

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, end, STOPPED)
        loop.add_signal_handler(signal.SIGINT, end, INTERRUPTED)
        await serve(stop)
        return status

    return asyncio.run(run())
