"""The receiver's paths, and what each answers.

200  Kafka has it, or had it before, or it brought no money
400  nothing in it can be used: the reason says why
401  not signed, or not with our secret
403  this path is closed, or not open to this host
408  the body took too long; 413  it is over 1 MiB; 415  it is not JSON
503  the queue is full, Kafka does not confirm, or we are leaving: to be sent again
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec
from aiohttp import web

from resonance.agents.loopback import is_loopback
from resonance.agents.webhook.counts import Counts
from resonance.agents.webhook.deliveries import Deliveries
from resonance.agents.webhook.intake import Intake, of_cloudevents, of_shopify
from resonance.agents.webhook.kafka import ConfirmedSender
from resonance.agents.webhook.signatures import is_bearer, is_signed
from resonance.streams.importers.options import Options

BODY_BYTES: Final = 1024 * 1024
BODY_SECONDS: Final = 5.0
QUEUED_REQUESTS: Final = 256
RETRY_AFTER_SECONDS: Final = 2
SHOP_CHARACTERS: Final = 256

_Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may send: the secrets that Shopify signs with, the tokens that others show."""

    loopback_only: bool
    shopify_secrets: tuple[bytes, ...] = ()
    tokens: tuple[bytes, ...] = ()

    @property
    def takes_cloudevents(self) -> bool:
        """Whether /cloudevents is open: to those who show a token, or to this machine alone."""
        return bool(self.tokens) or self.loopback_only


class _RefusedError(Exception):
    """Ends a request with an answer; never leaves this module."""

    def __init__(self, status: int, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.detail = detail


class Receiver:
    """The routes, and what is under way. `leaving` refuses what comes; what is in, is finished."""

    def __init__(
        self,
        sender: ConfirmedSender,
        access: Access,
        options: Options,
        *,
        queued_requests: int = QUEUED_REQUESTS,
    ) -> None:
        self.counts = Counts()
        self.leaving = False
        self._sender = sender
        self._access = access
        self._options = options
        self._queued_requests = queued_requests
        self._deliveries = Deliveries()

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_post("/shopify", self._counted(self._shopify))
        app.router.add_post("/cloudevents", self._counted(self._cloudevents))
        app.router.add_get("/healthz", _alive)
        app.router.add_get("/counts", self._show_counts)
        return app

    def _counted(self, handle: _Handler) -> _Handler:
        async def handled(request: web.Request) -> web.Response:
            counts = self.counts
            counts.requests += 1
            counts.in_progress += 1
            try:
                self._admit()
                response = await handle(request)
            except _RefusedError as refused:
                counts.refused[refused.reason] += 1
                response = _refusal(refused)
            finally:
                counts.in_progress -= 1
            counts.answers[response.status] += 1
            return response

        return handled

    def _admit(self) -> None:
        if self.leaving:
            raise _RefusedError(503, "leaving")
        if self.counts.in_progress > self._queued_requests:
            raise _RefusedError(503, "queue_full")

    async def _shopify(self, request: web.Request) -> web.Response:
        secrets = self._access.shopify_secrets
        if not secrets:
            raise _RefusedError(403, "closed", "`shopify_secret_file` is not set")
        body = await _body(request)
        if not is_signed(secrets, body, request.headers.get("X-Shopify-Hmac-Sha256", "")):
            raise _RefusedError(401, "bad_signature")
        shop = request.headers.get("X-Shopify-Shop-Domain", "")[:SHOP_CHARACTERS]
        options = Options(
            name=shop or "shopify",
            stream=self._options.stream,
            channel=self._options.channel,
            platform=self._options.platform,
        )
        webhook_id = request.headers.get("X-Shopify-Webhook-Id", "")
        return await self._answer(of_shopify(body, options, _now_ms()), body, webhook_id)

    async def _cloudevents(self, request: web.Request) -> web.Response:
        access = self._access
        if access.tokens:
            if not is_bearer(access.tokens, request.headers.get("Authorization", "")):
                raise _RefusedError(401, "bad_token")
        elif not access.loopback_only or not is_loopback(request.url.host or ""):
            # Or any page in a browser on this machine could send orders by another site's name.
            raise _RefusedError(403, "closed", "`webhook_token_file` is not set")
        if not request.content_type.endswith("json"):
            raise _RefusedError(415, "not_json", "send application/json or cloudevents+json")
        body = await _body(request)
        taken = of_cloudevents(body, request.headers, self._options, _now_ms())
        return await self._answer(taken, body, "")

    async def _answer(self, taken: Intake, body: bytes, delivery_id: str) -> web.Response:
        if fault := taken.fault:
            raise _RefusedError(400, fault.reason.value, fault.detail)
        if taken.events and not await self._confirm(taken, body, delivery_id):
            raise _RefusedError(503, "not_confirmed", "Kafka did not confirm it in time")
        for skipped in taken.skipped:
            self.counts.skipped[skipped.kind or skipped.reason.value] += 1
        return _json({"accepted": len(taken.events), "skipped": len(taken.skipped)})

    async def _confirm(self, taken: Intake, body: bytes, delivery_id: str) -> bool:
        async def send() -> bool:
            confirmed = await self._sender.send(taken.events)
            self.counts.confirmed += len(taken.events) if confirmed else 0
            return confirmed

        if not delivery_id:
            return await send()
        # With the body: the id is not signed, and must not hide another order.
        key = blake2b(body, key=delivery_id.encode()[:64], digest_size=16).hexdigest()
        known = self._deliveries.known(key)
        confirmed = await self._deliveries.confirm(key, send)
        self.counts.duplicates += known and confirmed
        return confirmed

    async def _show_counts(self, _request: web.Request) -> web.Response:
        return _json(self.counts.as_json())


async def _body(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise _RefusedError(408, "too_slow") from None
    except web.HTTPRequestEntityTooLarge:
        raise _RefusedError(413, "too_large", f"at most {BODY_BYTES} bytes") from None


def _refusal(refused: _RefusedError) -> web.Response:
    body = {"error": refused.reason} | ({"at": refused.detail} if refused.detail else {})
    response = _json(body, status=refused.status)
    if refused.status == 503:  # noqa: PLR2004 - as at the top.
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")
