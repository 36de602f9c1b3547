"""Run hops: as a worker process until a signal, or within another program's event loop."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal

import faust
from aiokafka.errors import KafkaConnectionError, UnknownTopicOrPartitionError

from resonance.agents.app import App, build_app
from resonance.agents.archive import Archive
from resonance.agents.archiving.store import Store
from resonance.agents.broker import provisioning
from resonance.agents.broker.kafka_world import KafkaWorld
from resonance.agents.broker.topology import Topology, assumed_topology
from resonance.agents.engagement import Engagement
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.hop import Hop
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.overload import BudgetedScorer
from resonance.agents.scorers import make_scorer
from resonance.agents.scoring import Scoring
from resonance.agents.settings import Settings
from resonance.agents.state.memory import keep_together
from resonance.streams.events import Versions
from resonance.streams.scoring import ScoringHop
from resonance.streams.viewers import ViewerKeys

log = logging.getLogger(__name__)

Role = Literal["scoring", "engagement", "archive"]
ROLES: Final[tuple[Role, ...]] = ("scoring", "engagement")  # Without an archive, what runs.
WARM_TEXT: Final = "ready"  # Scored before the first poll, which must not pay for loading a model.


def roles_of(settings: Settings) -> tuple[Role, ...]:
    """Return the roles of a worker that does everything."""
    return (*ROLES, "archive") if settings.archive else ROLES


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
        asyncio.run(_run(settings, _hops(settings, topology, roles, viewer_key, metrics)))


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
    app = build_app(settings, _hops(settings, known, roles, viewer_key, metrics or WorkerMetrics()))
    await app.start()
    try:
        yield app
    finally:
        await app.stop()
    if app.crash_reason is not None:
        raise _explained(settings, app.crash_reason)


def _hops(
    settings: Settings,
    topology: Topology,
    roles: Sequence[Role],
    viewer_key: ViewerKeys | bytes,
    metrics: WorkerMetrics,
) -> list[Hop]:
    hops: list[Hop] = []
    if "scoring" in roles:
        hop = _scoring(settings, viewer_key, metrics)
        hops.append(Scoring(settings, topology, hop, metrics, KafkaWorld(settings)))
    if "engagement" in roles:
        hops.append(Engagement(settings, topology, metrics, KafkaWorld(settings)))
    if "archive" in roles:
        store = Store(settings.archive)
        hops.append(Archive(settings, topology, metrics, KafkaWorld(settings), store))
    return hops


def _scoring(
    settings: Settings, viewer_key: ViewerKeys | bytes, metrics: WorkerMetrics
) -> ScoringHop:
    scorer = make_scorer(settings)
    scorer.score(WARM_TEXT)
    budgeted = BudgetedScorer(scorer, settings.scoring_budget_seconds, metrics)
    return ScoringHop(budgeted, viewer_key, Versions(*scorer.versions))


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
