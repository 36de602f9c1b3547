"""The board as one thing to start and stop: two topics in, one port out."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from math import inf
from typing import Final

from aiohttp import web
from aiokafka import ConsumerRecord

from resonance.agents.board.alerts import AlertWatch
from resonance.agents.board.comments import KEPT_MS, Comments
from resonance.agents.board.evidence import Evidence
from resonance.agents.board.floors import alert_floors
from resonance.agents.board.labels import Labels
from resonance.agents.board.live import LiveFeed
from resonance.agents.board.metrics import Scrape, scrape_of
from resonance.agents.board.reader import Tail, upto_of
from resonance.agents.board.state import BoardState, Outcome
from resonance.agents.board.web import Web
from resonance.agents.errors import UsageError
from resonance.agents.privacy.erased import ErasedList, used_list_file
from resonance.agents.settings import Settings
from resonance.streams.codec import Rejection, decode_log
from resonance.streams.topics import EVENTS, WINDOWS
from resonance.streams.windows import UPTO_HEADER

CLOSE_SECONDS: Final = 1.0
ERASED_LOOK_SECONDS: Final = 2.0


def wall_ms() -> int:
    """Return the time of day in UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Board:
    """Read `windows` to its end, then open; go on reading, and serve what it says.

    `clock` (seconds, never going back) decides how long a new series is held at 0.
    """

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.state = BoardState()
        self.comments = Comments()
        self.evidence = Evidence(self.comments.deleted)
        self._settings = settings
        self._erased = ErasedList(used_list_file(settings))
        self._clock = clock
        self._floors = alert_floors(settings)
        self._outcomes: Counter[str] = Counter(dict.fromkeys(Outcome, 0))
        self._alerts = AlertWatch(settings.alertmanager_url)
        self._feed = LiveFeed(
            self.state, self.comments, self.evidence, self._alerts, wall_ms, self._floors
        )
        labels = Labels(
            stream_limit=settings.stream_label_limit, market_limit=settings.market_limit
        )
        self._web = Web(
            self.state,
            self.evidence,
            self._feed,
            self._scrape,
            settings.board_host,
            labels,
            self._floors,
        )
        self._runner: web.AppRunner | None = None
        self._windows: Tail | None = None
        self._events: Tail | None = None
        self._following: list[asyncio.Task[None]] = []
        self._asking: asyncio.Task[None] | None = None
        self.url = ""

    async def start(self) -> None:
        """Open the port, read, and get ready. Raises ServiceUnreachable or UsageError."""
        await self._listen()
        try:
            await self._read()
        except BaseException:
            await self.stop()
            raise

    async def _listen(self) -> None:
        settings = self._settings
        runner = web.AppRunner(
            self._web.application(), access_log=None, shutdown_timeout=CLOSE_SECONDS
        )
        await runner.setup()
        site = web.TCPSite(runner, settings.board_host, settings.board_port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            place = f"{settings.board_host}:{settings.board_port}"
            message = f"cannot listen on {place}: {error.strerror}; choose another --port"
            raise UsageError(message) from error
        self._runner = runner
        self.url = _url(runner.addresses[0])

    async def _read(self) -> None:
        self._windows = Tail(self._settings, WINDOWS.name, self._take_row)
        self._events = Tail(self._settings, EVENTS.name, self._take_event)
        await self._windows.connect()
        await self._windows.read_to_end()
        await self._events.connect()
        since_ms = wall_ms() - KEPT_MS
        await self._events.skip_to(since_ms)
        self.evidence.held_since_ms = since_ms
        self._web.ready = True
        for follow in (self._windows.follow, self._events.follow, self._watch_erased):
            self._following.append(asyncio.create_task(follow()))
        self._asking = asyncio.create_task(self._alerts.follow())

    async def _watch_erased(self) -> None:
        while True:
            await asyncio.sleep(ERASED_LOOK_SECONDS)
            self.hide_erased()

    def hide_erased(self) -> None:
        """Drop what was said by viewers who have been put on the list meanwhile.

        Raises SettingsError when the list cannot be read: rather no page than one with their words.
        """
        if self._erased.look():
            self.evidence.forget(self._erased.viewers.pseudonyms)
            self.comments.forget(self._erased.viewers.pseudonyms)

    async def failed(self) -> None:
        """Wait until a reader fails, and raise what it raised."""
        done, _ = await asyncio.wait(self._following, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    async def stop(self) -> None:
        """Close the port and both readers; safe to call more than once."""
        tasks = [*self._following, *([self._asking] if self._asking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._following.clear()
        self._asking = None
        self._feed.stop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
        for tail in (self._windows, self._events):
            if tail:
                await tail.stop()

    def _take_row(self, record: ConsumerRecord[bytes, bytes]) -> None:
        self._outcomes[self._apply(record)] += 1

    def _apply(self, record: ConsumerRecord[bytes, bytes]) -> Outcome:
        upto = upto_of(record, UPTO_HEADER)
        if upto is None and record.value is not None:
            return Outcome.INVALID
        return self.state.apply(
            (record.key or b"").decode("utf-8", errors="replace"),
            record.value,
            # A deletion by hand carries no offset; it is meant all the same.
            sys.maxsize if upto is None else upto,
            # What is there at start was there before: it is shown at once.
            seen_at=self._clock() if self._web.ready else -inf,
            written_at_ms=record.timestamp,
        )

    def _take_event(self, record: ConsumerRecord[bytes, bytes]) -> None:
        event = decode_log(record.value)
        if not isinstance(event, Rejection) and not self._erased.viewers.holds(event):
            self.comments.take(event, record.timestamp)
            self.evidence.take(event, record.timestamp)

    def _scrape(self) -> Scrape:
        return scrape_of(
            self.state,
            now=self._clock(),
            now_ms=wall_ms(),
            rows=self._outcomes,
            live_clients=self._feed.clients,
            floors=self._floors,
        )


async def serve_board(
    settings: Settings,
    *,
    stop: asyncio.Event,
    ready: asyncio.Event | None = None,
    opened: Callable[[str], None] | None = None,
) -> None:
    """Run a board until `stop` is set. Once it is open, set `ready` and call `opened` with its URL.

    Raises ServiceUnreachable or UsageError when it cannot start or its reader fails for good.
    """
    board = Board(settings)

    async def serve() -> None:
        await board.start()
        if ready:
            ready.set()
        if opened:
            opened(board.url)
        await board.failed()

    serving = asyncio.create_task(serve())
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
    finally:
        serving.cancel()
        stopped.cancel()
        await asyncio.gather(serving, stopped, return_exceptions=True)
        await board.stop()


def _url(address: tuple[str, int]) -> str:
    host, port = address[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
