"""A real Prometheus that scrapes one address each second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import ClientError, ClientSession

from support.promql import prometheus_with

CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: board
    static_configs: [{{targets: ["{target}"]}}]
"""


@asynccontextmanager
async def prometheus(directory: Path, target: str) -> AsyncIterator[str]:
    """Yield the address of a Prometheus that scrapes `target` each second."""
    config = directory / "prometheus.yml"
    config.write_text(CONFIG.format(target=target))
    async with prometheus_with(config) as server:
        yield server.address


async def until_value(address: str, query: str, wanted: float, *, seconds: float = 60) -> None:
    """Wait until one series answers the query with the wanted value."""
    seen: object = None
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), ClientSession() as session:
            while True:
                with suppress(ClientError):
                    url = f"{address}/api/v1/query"
                    async with session.get(url, params={"query": query}) as answer:
                        seen = (await answer.json())["data"]["result"]
                        if [float(series["value"][1]) for series in seen] == [wanted]:
                            return
                await asyncio.sleep(0.2)
    message = f"{query} never was {wanted}; last seen: {seen}"
    raise AssertionError(message)
