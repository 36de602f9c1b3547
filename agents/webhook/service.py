"""The receiver as one thing to start and stop: a port in, the source topics out."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from resonance.agents.errors import UsageError
from resonance.agents.loopback import is_loopback
from resonance.agents.settings import Settings
from resonance.agents.webhook.counts import Counts
from resonance.agents.webhook.kafka import ConfirmedSender
from resonance.agents.webhook.signatures import read_secrets
from resonance.agents.webhook.web import Access, Receiver
from resonance.streams.importers.options import Options


def access_of(settings: Settings) -> Access:
    """Return who may send, by the settings.

    Raises `SettingsError` for a file without a secret, `UsageError` if nobody may send at all.
    """
    secret_file, token_file = settings.shopify_secret_file, settings.webhook_token_file
    access = Access(
        loopback_only=is_loopback(settings.webhook_host),
        shopify_secrets=read_secrets(secret_file, "shopify_secret_file") if secret_file else (),
        tokens=read_secrets(token_file, "webhook_token_file") if token_file else (),
    )
    if not access.shopify_secrets and not access.takes_cloudevents:
        message = (
            f"nobody could send to {settings.webhook_host}: set `shopify_secret_file`, or "
            "`webhook_token_file` for CloudEvents"
        )
        raise UsageError(message)
    return access


async def serve_webhook(
    settings: Settings,
    options: Options,
    *,
    stop: asyncio.Event,
    opened: Callable[[str, Access], None] | None = None,
) -> Counts:
    """Take orders until `stop` is set, finish those under way, and return the counts.

    Once it is open, `opened` is called with its URL and who may send. Raises `UsageError` when
    the port is taken and `ServiceUnreachable` without Kafka or the topics.
    """
    access = access_of(settings)
    with await asyncio.to_thread(ConfirmedSender, settings) as sender:
        receiver = Receiver(sender, access, options)
        runner = web.AppRunner(
            receiver.application(),
            access_log=None,
            shutdown_timeout=max(settings.stop_timeout_seconds - 1.0, 0.0),
        )
        await runner.setup()
        try:
            await _listen(runner, settings)
            if opened:
                opened(_url(runner), access)
            await stop.wait()
            receiver.leaving = True
        finally:
            await runner.cleanup()
    return receiver.counts


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    site = web.TCPSite(runner, settings.webhook_host, settings.webhook_port)
    try:
        await site.start()
    except OSError as error:
        place = f"{settings.webhook_host}:{settings.webhook_port}"
        message = f"cannot listen on {place}: {error.strerror}; choose another --port"
        raise UsageError(message) from error


def _url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
