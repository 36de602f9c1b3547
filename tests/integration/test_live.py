"""A live stream has no end to wait for: ticks tell how far it is complete."""

import asyncio
import time
from collections.abc import Callable

from msgspec.structs import replace

from resonance.agents.broker import provisioning
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.broker.topology import Topology
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from resonance.streams.windows import WindowRow, decode_row
from support.engine import VIEWER_KEY, Told, produce, story, window_rows

WAIT_SECONDS = 40.0


async def test_a_live_stream_is_counted_while_it_runs(cluster: Callable[..., Settings]) -> None:
    settings = cluster()
    room = await counted_live(settings, provisioning.check(settings))
    assert (room.comments, room.ended) == (120, False)
    assert room.watermark_ms is not None


async def test_the_embedded_broker_runs_the_same_hops() -> None:
    with EmbeddedBroker() as broker:
        room = await counted_live(broker.settings(Settings()), None)
    assert (room.comments, room.ended) == (120, False)


async def counted_live(settings: Settings, topology: Topology | None) -> WindowRow:
    """Run a worker, produce 120 comments of now, and return the room's total once it has them."""
    async with running_workers(settings, viewer_key=VIEWER_KEY, topology=topology):
        await asyncio.to_thread(produce, settings, live(story("live", 120)))
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            rows = await asyncio.to_thread(window_rows, settings)
            if (row := rows.get("live|*|total")) and decode_row(row).comments == 120:
                return decode_row(row)
            await asyncio.sleep(0.3)
    message = "the comments were not counted in time"
    raise AssertionError(message)


def live(told: list[Told]) -> list[Told]:
    """The same comments, without the file's markers, as if they were written now."""
    now_ms = int(time.time() * 1000)
    return [
        one._replace(event=replace(one.event, occurred_at_ms=now_ms, ingested_at_ms=now_ms))
        for one in told
        if one.topic == "comments"
    ]
