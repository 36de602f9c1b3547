"""The Faust app: for each hop an agent over batches, and the service that feeds it.

Faust is the host here: worker, agents, lifecycle, signals. It reads and writes no topic by
itself; docs/decisions tells what was measured of its own path and its tables.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import faust
from faust.app.base import BootStrategy
from faust.transport.consumer import ThreadDelegateConsumer
from faust.types import StreamT

from resonance.agents.hop import Hop
from resonance.agents.ingest import Ingest, Work
from resonance.agents.settings import Settings

QUEUED_BATCHES: Final = 1  # Beyond the one in the agent's hands: back-pressure reaches Kafka.

Agent = Callable[[StreamT[Work]], Awaitable[None]]


class HostOnly(BootStrategy):
    """Start agents and our services alone.

    Faust's own consumer would join a group of no topics, its web server would listen whatever
    the settings say (the command line overwrites them).
    """

    enable_kafka = False
    enable_web = False
    enable_sensors = False


class App(faust.App):
    """A Faust app that is only the host."""

    BootStrategy = HostOnly

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.ingests: list[Ingest] = []

    def _create_directories(self) -> None:
        """Make none: Faust's tables would live there, and there are no tables."""

    async def on_started_init_extra_services(self) -> None:
        """Start the ingests last, when their agents are there to answer."""
        await super().on_started_init_extra_services()
        for ingest in self.ingests:
            await self.add_runtime_dependency(ingest)

    async def on_start(self) -> None:
        """Make ready, and open the channels: Faust holds them shut until partitions come."""
        await super().on_start()
        self.flow_control.resume()

    async def on_stop(self) -> None:
        """Stop the ingests at the same time: each may take as long as a worker has."""
        await asyncio.gather(*(ingest.stop() for ingest in self.ingests))
        await super().on_stop()

    async def on_shutdown(self) -> None:
        """Close what Faust leaves open: its unused consumer has an event loop of its own."""
        await super().on_shutdown()
        if isinstance(self.consumer, ThreadDelegateConsumer):
            self.consumer._thread.thread_loop.close()  # noqa: SLF001 # Nothing else knows it.


def build_app(settings: Settings, hops: Sequence[Hop]) -> App:
    """Return the app that runs the hops; starting it joins their consumer groups."""
    app = App(
        f"{settings.topic_prefix}resonance",
        broker=f"kafka://{settings.broker.replace(',', ';kafka://')}",
        processing_guarantee="at_least_once",
        value_serializer="raw",
        key_serializer="raw",
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_wait_empty=False,
        web_enabled=False,
        worker_redirect_stdouts=False,
        autodiscover=False,
    )
    for hop in hops:
        # Shape: one poll of one hop.
        batches = app.channel(maxsize=QUEUED_BATCHES)
        app.agent(batches, name=hop.name, concurrency=1)(_agent_of(hop))
        app.ingests.append(Ingest(hop, batches, settings))
    return app


def _agent_of(hop: Hop) -> Agent:
    async def process(batches: StreamT[Work]) -> None:
        """Answer every poll: with offsets, or with the error that stops the worker."""
        async for work in batches:
            try:
                offsets = await hop.process(work.polled)
            except Exception as error:  # noqa: BLE001 # Faust would drop the batch and go on.
                work.answer.set_exception(error)
            else:
                work.answer.set_result(offsets)

    return process
