"""The pager as one thing to start and stop: Alertmanager's webhook in, pages out.

A page that no receiver has taken is answered with 503: Alertmanager sends it again.
"""

import asyncio
import hmac
import logging
import smtplib
import time
from collections.abc import Callable
from typing import Final

import msgspec
from aiohttp import ClientError, ClientSession, web

from resonance.agents.errors import UsageError
from resonance.agents.loopback import is_loopback
from resonance.agents.pager.alerts import BODY_BYTES, Alert, decode_delivery
from resonance.agents.pager.board import Board, Evidence
from resonance.agents.pager.memory import Event, Memory
from resonance.agents.pager.page import Page, page_of
from resonance.agents.pager.receivers import NotTakenError, Receiver, receivers_of, secret_of
from resonance.agents.settings import Settings

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0


class Pager:
    """The routes, and what people have heard of."""

    def __init__(
        self, settings: Settings, board: Board, receivers: dict[str, Receiver], token: str
    ) -> None:
        self._settings = settings
        self._board = board
        self._receivers = receivers
        self._token = token
        self._memory = Memory()
        self._sending = asyncio.Lock()  # One delivery at a time: no alert is told twice.
        self._heard_at_seconds = time.monotonic()
        self._silent = False

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_post("/alerts", self._alerts)
        app.router.add_post("/heartbeat", self._heartbeat)
        app.router.add_get("/healthz", _alive)
        return app

    def _admitted(self, request: web.Request) -> bool:
        if self._token:
            given = request.headers.get("Authorization", "").encode(errors="replace")
            return hmac.compare_digest(given, f"Bearer {self._token}".encode())
        return is_loopback(request.url.host or "")

    async def _alerts(self, request: web.Request) -> web.Response:
        if not self._admitted(request):
            return web.Response(status=401, text="not with our token\n")
        try:
            delivery = decode_delivery(await request.read())
        except msgspec.MsgspecError:
            return web.Response(status=400, text="no delivery of Alertmanager's webhook\n")
        async with self._sending:
            done = [await self._tell(alert) for alert in delivery.alerts]
        return web.Response(status=200 if all(done) else 503)

    async def _tell(self, alert: Alert) -> bool:
        """Tell what is to be told of one alert; return whether somebody has it."""
        now_ms = time.time_ns() // 1_000_000
        event = self._memory.event(alert, now_ms)
        if event is None:
            return True
        evidence = Evidence() if event is Event.OVER else await self._board.evidence(alert, now_ms)
        page = page_of(
            alert,
            event,
            evidence,
            now_ms=now_ms,
            board_url=self._settings.pager_link_url or self._settings.pager_board_url,
            runbook_url=self._settings.pager_runbook_url,
        )
        if taken := await self._send(page):
            self._memory.told(alert, now_ms)
        return taken

    async def _send(self, page: Page) -> bool:
        """Give the page to every receiver; return whether at least one has taken it."""
        answers = await asyncio.gather(
            *(receive(page) for receive in self._receivers.values()), return_exceptions=True
        )
        taken = False
        for name, answer in zip(self._receivers, answers, strict=True):
            if answer is None:
                taken = True
            elif isinstance(answer, NotTakenError):
                log.warning("%s did not take a page: %s", name, answer)
            elif isinstance(answer, ClientError | TimeoutError | OSError | smtplib.SMTPException):
                # Its words may hold the address, which is a secret.
                log.warning("%s cannot be reached: %s", name, type(answer).__name__)
            else:
                raise answer
        return taken

    async def _heartbeat(self, request: web.Request) -> web.Response:
        if not self._admitted(request):
            return web.Response(status=401, text="not with our token\n")
        self._heard_at_seconds = time.monotonic()
        return web.Response()

    async def watch(self) -> None:
        """Tell when Alertmanager has fallen silent, and when it is heard again; for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            silence_seconds = time.monotonic() - self._heard_at_seconds
            silent = silence_seconds > self._settings.pager_silence_seconds
            if silent != self._silent and await self._send(self._silence_page(over=not silent)):
                self._silent = silent

    def _silence_page(self, *, over: bool) -> Page:
        link = self._settings.pager_runbook_url or "deploy/runbook.md"
        return Page(
            event=Event.OVER if over else Event.BEGUN,
            key="alertname=ResonanceWatchdog",
            severity="page",
            summary="The watchdog is silent: Prometheus or Alertmanager is gone",
            description="Nobody would be told of anything until it is heard again.",
            stream=None,
            market=None,
            since_ms=time.time_ns() // 1_000_000,
            share=None,
            topics=[],
            product=None,
            quotes=[],
            evidence_missing=False,
            evidence_url=None,
            runbook_url=f"{link}#resonancewatchdog",
        )


async def serve_pager(
    settings: Settings, *, stop: asyncio.Event, opened: Callable[[str, list[str]], None]
) -> None:
    """Run the pager until `stop` is set; `opened` gets its URL and the names of the receivers.

    Raises `UsageError` without receivers, with a port that is taken, or open to others without
    a token.
    """
    file = settings.pager_token_file
    token = secret_of(file, "pager_token_file") if file else ""
    if not token and not is_loopback(settings.pager_host):
        message = f"{settings.pager_host} is open to others: set `pager_token_file`"
        raise UsageError(message)
    async with ClientSession() as session:
        receivers = receivers_of(settings, session)
        if not receivers:
            message = (
                "nobody would be told: set `pager_slack_url_file`, `pager_webhook_url_file`, "
                "`pager_pagerduty_key_file` or `pager_mail_to`"
            )
            raise UsageError(message)
        pager = Pager(settings, Board(settings.pager_board_url, session), receivers, token)
        runner = web.AppRunner(pager.application(), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        watching = asyncio.create_task(pager.watch())
        try:
            await _listen(runner, settings)
            host, port = runner.addresses[0][:2]
            opened(f"http://{host}:{port}", list(receivers))
            await stop.wait()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.pager_host, settings.pager_port).start()
    except OSError as error:
        place = f"{settings.pager_host}:{settings.pager_port}"
        message = f"cannot listen on {place}: {error.strerror}; choose another --port"
        raise UsageError(message) from error


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")
