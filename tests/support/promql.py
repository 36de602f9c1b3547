"""A real Prometheus with a configuration of the test's own, and questions in PromQL."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from math import isnan
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from support.board_feed import unused_port

WAIT_SECONDS = 60.0


class Prometheus:
    """Asks the server at `address` questions in PromQL."""

    def __init__(self, address: str, session: ClientSession) -> None:
        self.address = address
        self._session = session

    async def ask(self, expression: str, at_seconds: float | None = None) -> list[dict[str, Any]]:
        """Return the series of an instant query, now or at a time since 1970.

        Raises ValueError with the server's words.
        """
        asked = {"query": expression} | ({} if at_seconds is None else {"time": str(at_seconds)})
        return await self._answer("query", asked)

    async def ask_range(
        self, expression: str, start_seconds: float, end_seconds: float, step_seconds: int
    ) -> list[dict[str, Any]]:
        """Return the series of a range query as Grafana asks it: from whole step to whole step."""
        start, end = (int(at // step_seconds * step_seconds) for at in (start_seconds, end_seconds))
        asked = {"query": expression, "start": start, "end": end, "step": step_seconds}
        return await self._answer("query_range", asked)

    async def _answer(self, endpoint: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        async with self._session.post(f"{self.address}/api/v1/{endpoint}", data=asked) as answer:
            body = await answer.json()
        if body["status"] != "success":
            raise ValueError(body["error"])
        return list(body["data"]["result"])

    async def has_data(self, expression: str, at_seconds: float | None = None) -> bool:
        """Return whether a query has an answer that is a number."""
        found = await self.ask(expression, at_seconds)
        return any(not isnan(float(series["value"][1])) for series in found)

    async def until_data(self, expression: str) -> None:
        """Wait until the query has an answer."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            with suppress(ClientError):
                if await self.has_data(expression):
                    return
            await asyncio.sleep(0.3)
        message = f"Prometheus never had data for {expression}"
        raise AssertionError(message)


@asynccontextmanager
async def prometheus_with(config: Path, port: int = 0, *flags: str) -> AsyncIterator[Prometheus]:
    """Run Prometheus with this configuration, its data beside it; `port` 0 takes a free one."""
    port = port or unused_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={config.parent / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
        *flags,
    )
    try:
        async with ClientSession() as session:
            yield Prometheus(f"http://127.0.0.1:{port}", session)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
