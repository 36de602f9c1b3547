"""A real Prometheus scrapes the real board: counters start at 0, so that increases are seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import ClientError, ClientSession

from resonance.agents.board.service import Board
from resonance.agents.embedded import EmbeddedBroker
from resonance.agents.settings import Settings
from support.board_feed import Feed, room, row, unused_port
from support.servers import real_servers_required

CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: board
    static_configs: [{{targets: ["{target}"]}}]
"""
COMMENTS = "sum by (stream, market) (resonance_comments_total)"


@asynccontextmanager
async def prometheus(directory: Path, target: str) -> AsyncIterator[str]:
    """Yield the address of a Prometheus that scrapes `target` each second."""
    config = directory / "prometheus.yml"
    config.write_text(CONFIG.format(target=target))
    port = unused_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def until_value(address: str, query: str, wanted: float) -> None:
    """Wait until one series answers the query with the wanted value."""
    seen: object = None
    with suppress(TimeoutError):
        async with asyncio.timeout(60), ClientSession() as session:
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


async def test_prometheus_sees_a_new_market_from_zero_on(tmp_path):
    real_servers_required("prometheus")
    with EmbeddedBroker() as broker:
        feed = Feed(broker.address)
        board = Board(broker.settings(Settings(board_port=0)))
        await board.start()
        try:
            target = board.url.removeprefix("http://")
            async with prometheus(tmp_path, target) as address:
                await until_value(address, "up", 1)
                feed.put_row(room(), row(comments=40, sentiment={"neutral": 30, "negative": 10}))
                await until_value(address, COMMENTS, 0)  # Ten seconds of this come first.
                await until_value(address, COMMENTS, 40)
                grown = "sum(increase(resonance_comments_total[1m])) > bool 30"
                await until_value(address, grown, 1)  # A series born at 40 would show 0.
                await until_value(address, "resonance_stream_live", 1)
        finally:
            await board.stop()
