"""A receiver in this process, in front of the embedded Kafka endpoint."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.settings import Settings
from resonance.agents.webhook.service import serve_webhook
from resonance.streams.importers.options import Options
from support.shop import SECRET

Running = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def broker():
    with EmbeddedBroker() as embedded:
        yield embedded


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "shopify.secret"
    path.write_bytes(SECRET + b"\n")
    return path


@pytest.fixture
def running(broker: EmbeddedBroker, secret_file: Path) -> Running:
    """Return a context manager that runs a receiver and yields its URL."""

    @asynccontextmanager
    async def receiver(options: Options | None = None, **changes: object) -> AsyncIterator[str]:
        base = Settings(webhook_port=0, shopify_secret_file=secret_file)
        settings = replace(broker.settings(base), **changes)
        stop, opened = asyncio.Event(), asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(
            serve_webhook(
                settings,
                options or Options(name="webhook"),
                stop=stop,
                opened=lambda url, _: opened.set_result(url),
            )
        )
        try:
            await asyncio.wait({serving, opened}, return_when=asyncio.FIRST_COMPLETED)
            yield opened.result() if opened.done() else serving.result()
        finally:
            stop.set()
            await serving

    return receiver
