"""The live page's feed: server-sent events, at most one a second, rendered once for everybody."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec
from aiohttp import web

from resonance.agents.board.alerts import AlertWatch
from resonance.agents.board.answers import answer_now
from resonance.agents.board.comments import Comments
from resonance.agents.board.evidence import Evidence
from resonance.agents.board.floors import AlertFloors
from resonance.agents.board.state import BoardState, Stream
from resonance.agents.board.view import Json, stream_line, stream_view, with_comments

CLIENT_LIMIT: Final = 100
PUSH_SECONDS: Final = 1.0
SEND_TIMEOUT_SECONDS: Final = 10.0
STREAMS_LISTED: Final = 50
QUESTIONS_SHOWN: Final = 5
MOMENTS_SHOWN: Final = 40
RETRY: Final = {"Retry-After": "5"}

_json = msgspec.json.Encoder()


class LiveFeed:
    """Push what changed to every open page. A page that does not read is let go."""

    def __init__(
        self,
        state: BoardState,
        comments: Comments,
        evidence: Evidence,
        alerts: AlertWatch,
        wall_ms: Callable[[], int],
        floors: AlertFloors,
    ) -> None:
        self._state = state
        self._comments = comments
        self._evidence = evidence
        self._alerts = alerts
        self._wall_ms = wall_ms
        self._floors = floors
        self._rendered: dict[str, tuple[tuple[int, int, int], bytes]] = {}
        self._stopping = asyncio.Event()
        self.clients = 0

    def stop(self) -> None:
        """End every open feed; pages try again by themselves."""
        self._stopping.set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer `/live?stream=ID` until the page goes; without an ID, the newest live stream."""
        if self.clients >= CLIENT_LIMIT:
            return web.Response(status=503, text="too many live pages\n", headers=RETRY)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        )
        self.clients += 1
        try:
            await response.prepare(request)
            await response.write(b"retry: 2000\n\n")
            with suppress(ConnectionError, TimeoutError):
                await self._push(response, request.query.get("stream", ""))
        finally:
            self.clients -= 1
        return response

    async def _push(self, response: web.StreamResponse, wanted: str) -> None:
        sent: bytes | None = None
        while not self._stopping.is_set():
            payload = self._payload(wanted)
            # The clock goes out each second all the same: silence must look like silence.
            beat = b"event: clock\ndata: %d\n\n" % self._wall_ms()
            message = beat if payload is sent else beat + b"data: " + payload + b"\n\n"
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                await response.write(message)
            sent = payload
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PUSH_SECONDS)

    def _payload(self, wanted: str) -> bytes:
        """Return the JSON of one stream; the very same object as long as nothing has changed."""
        versions = self._state.version, self._comments.version, self._alerts.version
        known = self._rendered.get(wanted)
        if known and known[0] == versions:
            return known[1]
        listed = self._state.listed()[:STREAMS_LISTED]
        chosen = self._state.streams.get(wanted) or (listed[0] if listed else None)
        payload = _json.encode(
            {
                "streams": [stream_line(stream) for stream in listed],
                "stream": self._view(chosen) if chosen else None,
                "alerts": self._alerts.now,
            }
        )
        if len(self._rendered) >= CLIENT_LIMIT:
            self._rendered.clear()
        self._rendered[wanted] = versions, payload
        return payload

    def _view(self, stream: Stream) -> Json:
        found = stream_view(stream, self._floors)
        view = with_comments(found, self._comments, self._wall_ms())
        waiting = answer_now(
            stream,
            lambda ids: self._evidence.texts(stream.name, ids),
            count=QUESTIONS_SHOWN,
        )
        moments = self._evidence.moments(stream.name)[-MOMENTS_SHOWN:]
        return {**view, "answer_now": waiting, "moments": moments}
