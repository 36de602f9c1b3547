"""Run hops: as a worker process until a signal, or within another program's event loop."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import faust
from aiokafka.errors import KafkaConnectionError, UnknownTopicOrPartitionError

from resonance.agents.app import App, build_app
from resonance.agents.broker import provisioning
from resonance.agents.broker.topology import Topology, assumed_topology
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.hop import Hop
from resonance.agents.hosted import ROLES, Host, Role
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
from resonance.agents.state.memory import keep_together
from resonance.streams.viewers import ViewerKeys

log = logging.getLogger(__name__)


class Worker(faust.Worker):
    """Faust's worker, without its own logging, banner and debugger."""

    def __init__(self, app: App) -> None:
        super().__init__(app, override_logging=False, quiet=True, redirect_stdouts=False)
        self.spinner = None

    async def run(self) -> None:
        """Start, and return when stopped in order or crashed; `crash_reason` tells which."""
        try:
            await self.start()  # Returns once a signal or a crash began to stop the worker.
        finally:
            if self._signal_stop_future is not None:
                await self._signal_stop_future
            else:
                await self.stop()

    def install_signal_handlers(self) -> None:
        """Stop on SIGTERM and SIGINT; SIGUSR2 would freeze the worker in a debugger."""
        super().install_signal_handlers()
        self.loop.remove_signal_handler(signal.SIGUSR2)
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)


def run_worker(settings: Settings, roles: Sequence[Role], viewer_key: ViewerKeys | bytes) -> None:
    """Run the roles until SIGTERM or SIGINT; returns when stopped in order.

    Raises `ServiceUnreachable` or `UsageError` when the cluster is not what the hops rely on, and
    whatever stopped a hop. It is safe to start again after any of them.
    """
    keep_together()
    topology = provisioning.check(settings, *roles)
    metrics = WorkerMetrics()
    with metrics.served(settings.worker_metrics_host, settings.worker_metrics_port):
        asyncio.run(_run(settings, Host(settings, topology, viewer_key, metrics).hops(roles)))


async def _run(settings: Settings, hops: Sequence[Hop]) -> None:
    worker = Worker(build_app(settings, hops))
    await worker.run()
    if worker.crash_reason is not None:
        raise _explained(settings, worker.crash_reason)


@asynccontextmanager
async def running_workers(
    settings: Settings,
    roles: Sequence[Role] = ROLES,
    *,
    viewer_key: ViewerKeys | bytes,
    topology: Topology | None = None,
    metrics: WorkerMetrics | None = None,
) -> AsyncIterator[App]:
    """Run the roles in this event loop, until the block is left.

    `topology` None: the cluster cannot be asked (the embedded broker); what the settings say is
    assumed. Raises on leaving whatever stopped a hop meanwhile.
    """
    known = topology or assumed_topology(settings)
    host = Host(settings, known, viewer_key, metrics or WorkerMetrics())
    app = build_app(settings, host.hops(roles))
    await app.start()
    try:
        yield app
    finally:
        await app.stop()
    if app.crash_reason is not None:
        raise _explained(settings, app.crash_reason)


def _explained(settings: Settings, reason: BaseException) -> BaseException:
    if isinstance(reason, KafkaConnectionError):
        message = f"no Kafka at {settings.broker}. Start it, or set `broker` (RESONANCE_BROKER)"
    elif isinstance(reason, UnknownTopicOrPartitionError):
        message = (
            f"a topic on {settings.broker} has gone while it was in use. Create it: "
            f"`{provisioning.REMEDY}`; then start the worker again, which says what is missing"
        )
    else:
        return reason
    unreachable = ServiceUnreachable(message)
    unreachable.__cause__ = reason
    return unreachable
