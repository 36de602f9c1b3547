"""The board's web server: the page, its feed, the JSON API, /metrics and the probes.

Read-only. Until the board has read what there is, everything but /healthz answers 503: a zero
that only means "not read yet" would be taken for a number.
"""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Final

import msgspec
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder, generate_latest

from resonance.agents.board.evidence import Evidence
from resonance.agents.board.evidence_web import BadQueryError, answer, wanted_of
from resonance.agents.board.floors import AlertFloors
from resonance.agents.board.labels import Labels
from resonance.agents.board.live import LiveFeed
from resonance.agents.board.metrics import Scrape, ScrapeCollector
from resonance.agents.board.scrapers import Scrapers
from resonance.agents.board.state import BoardState
from resonance.agents.board.view import stream_line, stream_view
from resonance.agents.loopback import is_loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS: Final = {
    "Cache-Control": "no-store",
    # Only our own files, and nothing inline: a comment that became markup still could not run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGES: Final = {"index.html": "/", "evidence.html": "/evidence"}
CONTENT_TYPES: Final = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
}


class Web:
    """The routes. `scrape` gives what one scrape shows; it is called in the event loop."""

    def __init__(
        self,
        state: BoardState,
        evidence: Evidence,
        feed: LiveFeed,
        scrape: Callable[[], Scrape],
        host: str,
        labels: Labels,
        floors: AlertFloors,
    ) -> None:
        self._state = state
        self._evidence = evidence
        self._feed = feed
        self._scrape = scrape
        self._loopback_only = is_loopback(host)
        self._labels = labels
        self._floors = floors
        self._scrapers = Scrapers()
        self._rendering = asyncio.Lock()
        self.ready = False

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/healthz", _alive)
        app.router.add_get("/readyz", _alive)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/live", self._feed.serve)
        app.router.add_get("/api/streams", self._streams)
        app.router.add_get("/api/streams/{stream}", self._stream)
        app.router.add_get("/api/evidence", self._find)
        for name, path in page_files().items():
            app.router.add_get(PAGES.get(name, f"/{name}"), path)
        app.on_response_prepare.append(_set_headers)
        app.on_shutdown.append(self._end_feeds)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._loopback_only and not is_loopback(request.url.host or ""):
            # Another site's name that resolves to this machine: its scripts must not read us.
            return web.Response(status=403, text="this board answers to localhost only\n")
        if not self.ready and request.path != "/healthz":
            text = "not ready: still reading the windows topic\n"
            return web.Response(status=503, text=text, headers={"Retry-After": "1"})
        return await handler(request)

    async def _metrics(self, request: web.Request) -> web.Response:
        accept = request.headers.get("Accept", "")
        # One at a time, in a thread: rendering takes 100 ms for 7 000 series.
        async with self._rendering:
            scrape = self._scrape()
            scraper = (request.remote or "", request.headers.get("User-Agent", ""))
            since = self._scrapers.zeros_since(scraper, scrape.now)
            collector = ScrapeCollector(scrape._replace(zeros_since=since), self._labels)
            body, content_type = await asyncio.to_thread(render, collector, accept)
        response = web.Response(body=body, headers={"Content-Type": content_type})
        response.enable_compression()
        return response

    async def _streams(self, _request: web.Request) -> web.Response:
        return _json([stream_line(stream) for stream in self._state.listed()])

    async def _stream(self, request: web.Request) -> web.Response:
        stream = self._state.streams.get(request.match_info["stream"])
        if stream is None or stream.room is None:
            return _json({"error": "no such stream", "see": "/api/streams"}, status=404)
        return _json(stream_view(stream, self._floors))

    async def _find(self, request: web.Request) -> web.Response:
        stream = self._state.streams.get(request.query.get("stream", ""))
        if stream is None or stream.room is None:
            return _json({"error": "no such stream", "see": "/api/streams"}, status=404)
        try:
            wanted = wanted_of(request.query, stream)
        except BadQueryError as error:
            return _json({"error": str(error)}, status=400)
        return _json(answer(self._evidence, stream, wanted))

    async def _end_feeds(self, _app: web.Application) -> None:
        self._feed.stop()


def render(collector: ScrapeCollector, accept: str) -> tuple[bytes, str]:
    """Return the exposition and its content type, in the format that `accept` asks for."""
    try:
        encoder, content_type = choose_encoder(accept)
        return encoder(collector), content_type
    except (TypeError, ValueError):  # A version or an escaping that the library does not know.
        return generate_latest(collector), CONTENT_TYPE_PLAIN_0_0_4


def page_files() -> dict[str, Handler]:
    """Return a handler for each file of the page; they are read once, and stay in memory."""
    handlers: dict[str, Handler] = {}
    for file in files("resonance.agents.board.page").iterdir():
        content_type = CONTENT_TYPES.get(file.name.rpartition(".")[2])
        if content_type:
            handlers[file.name] = _file(file.read_bytes(), content_type)
    return handlers


def _file(body: bytes, content_type: str) -> Handler:
    async def send(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=content_type, charset="utf-8")

    return send


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _set_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
