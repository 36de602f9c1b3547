"""The demo itself: workers and board in one process, and the stream played through them."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic, time_ns
from typing import Final

from resonance.agents.app import App
from resonance.agents.board.reader import Tail
from resonance.agents.board.service import Board
from resonance.agents.broker.topology import assumed_topology
from resonance.agents.demo import scenario
from resonance.agents.demo.player import Player
from resonance.agents.demo.recording import as_recording, chunks
from resonance.agents.demo.results import Results
from resonance.agents.demo.screen import Screen
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from resonance.streams.events import RawEvent, Stage
from resonance.streams.topics import WINDOWS
from resonance.streams.viewers import KEY_BYTES

CURTAIN_MS: Final = 1_500  # From the invitation to the first event.
LOOK_SECONDS: Final = 0.05  # How often results are looked at.
STALL_SECONDS: Final = 60.0  # Without any new row for so long, something is broken.
# A recording of an evening in spring: a run that does not wait gives the same numbers on any day.
RECORDED_AT_MS: Final = 1_772_564_400_000  # 2026-03-03T19:00:00Z


class Show:
    """One performance on the broker of `settings`: live, or as a finite file."""

    def __init__(self, settings: Settings, screen: Screen, *, duration_seconds: int) -> None:
        self._settings = settings
        self._screen = screen
        self._duration_seconds = duration_seconds
        self._results = Results(scenario.STREAM)

    async def live(self, *, serve: bool) -> bool:
        """Play the stream by the clock with the board open, sum up, and serve until stopped.

        Returns whether it came to its end; False when it was stopped before. Raises `UsageError`
        when the board cannot open, and what made a part of the demo stop.
        """
        stop = _stop_on_signals()
        async with AsyncExitStack() as stack:
            board = Board(self._settings)
            await board.start()
            stack.push_async_callback(board.stop)
            self._screen.invite(board.url)
            app = await stack.enter_async_context(self._working())
            if not await _before(stop, self._play_live(app)):
                return False
            self._screen.sum_up(self._results)
            if serve:
                self._screen.go_on(board.url)
                await stop.wait()
            return True

    async def headless(self) -> None:
        """Play the stream as a finite file, as fast as the workers take it, and sum up.

        Raises what made a part of the demo stop.
        """
        recording = as_recording(self._events(RECORDED_AT_MS))
        async with self._working() as app, self._player() as player:
            for chunk, reached_ms in chunks(recording):
                await player.send(chunk)
                # The embedded broker forgets what is not read soon: never run far ahead.
                await self._reached(app, reached_ms or 0)
            await self._final(app, recording)
        self._screen.sum_up(self._results)

    async def _play_live(self, app: App) -> None:
        events = self._events(time_ns() // 1_000_000 + CURTAIN_MS)
        async with self._player() as player:
            with self._screen.progress(len(events)) as sent:
                await player.play(events, sent)
        await self._final(app, events)

    def _events(self, start_ms: int) -> Sequence[RawEvent]:
        return scenario.cut(scenario.events(start_ms), self._duration_seconds)

    def _player(self) -> Player:
        return Player(self._settings, assumed_topology(self._settings))

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[App]:
        """Run the workers, and read what they write into the results."""
        # Nobody has to recognise these viewers another day: the key is gone with the process.
        key = secrets.token_bytes(KEY_BYTES)
        tail = Tail(self._settings, WINDOWS.name, self._results.take)
        async with running_workers(self._settings, viewer_key=key) as app:
            await tail.connect()
            following = asyncio.create_task(tail.follow())
            try:
                yield app
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
                await tail.stop()

    async def _reached(self, app: App, event_ms: int) -> None:
        await self._until(app, lambda: self._results.reached_ms() >= event_ms)

    async def _final(self, app: App, events: Sequence[RawEvent]) -> None:
        sent = sum(not isinstance(event, Stage) for event in events)
        await self._until(app, lambda: self._results.are_final(sent))

    async def _until(self, app: App, arrived: Callable[[], bool]) -> None:
        """Wait until `arrived`; raises when a worker stopped or no row comes any more."""
        seen, seen_at_seconds = self._results.version, monotonic()
        while not arrived():
            await asyncio.sleep(LOOK_SECONDS)
            if app.crash_reason is not None:
                raise app.crash_reason
            if self._results.version != seen:
                seen, seen_at_seconds = self._results.version, monotonic()
            elif monotonic() - seen_at_seconds > STALL_SECONDS:
                message = f"the workers wrote nothing for {STALL_SECONDS:.0f} s; run the demo again"
                raise ServiceUnreachable(message)


async def _before(stop: asyncio.Event, performance: Coroutine[None, None, None]) -> bool:
    """Run the performance to its end, or until `stop`; return whether it came to its end."""
    playing, stopped = asyncio.ensure_future(performance), asyncio.ensure_future(stop.wait())
    await asyncio.wait({playing, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finished = playing.done()
    for task in (playing, stopped):
        task.cancel()
    await asyncio.gather(playing, stopped, return_exceptions=True)
    if finished:
        playing.result()
    return finished


def _stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set: while serving, that is the normal end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
