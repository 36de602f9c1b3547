"""The hops that a worker hosts, each imported by who runs it.

Arrow, which the archive writes by, takes 40 MiB, and the models' arithmetic another 40: in a worker
of another hop for nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from resonance.agents.broker.kafka_world import KafkaWorld
from resonance.agents.broker.topology import Topology
from resonance.agents.hop import Hop
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
from resonance.streams.viewers import ViewerKeys

Role = Literal["scoring", "engagement", "archive"]
ROLES: Final[tuple[Role, ...]] = ("scoring", "engagement")  # Without an archive, what runs.
WARM_TEXT: Final = "ready"  # Scored before the first poll, which must not pay for loading a model.


def roles_of(settings: Settings) -> tuple[Role, ...]:
    """Return the roles of a worker that does everything."""
    return (*ROLES, "archive") if settings.archive else ROLES


@dataclass(frozen=True)
class Host:
    """What every hop of a worker is made with."""

    settings: Settings
    topology: Topology
    viewer_key: ViewerKeys | bytes
    metrics: WorkerMetrics

    def hops(self, roles: Sequence[Role]) -> list[Hop]:
        """Return the hops of these roles, in the order in which events go through them.

        Raises `UsageError` where a model or the archive is not to be had.
        """
        return [make(self) for role, make in _MADE.items() if role in roles]


def _scoring(host: Host) -> Hop:
    from resonance.agents.overload import BudgetedScorer
    from resonance.agents.scorers import make_scorer
    from resonance.agents.scoring import Scoring
    from resonance.streams.events import Versions
    from resonance.streams.scoring import ScoringHop

    settings, metrics = host.settings, host.metrics
    scorer = make_scorer(settings)
    scorer.score(WARM_TEXT)
    budgeted = BudgetedScorer(scorer, settings.scoring_budget_seconds, metrics)
    hop = ScoringHop(budgeted, host.viewer_key, Versions(*scorer.versions))
    return Scoring(settings, host.topology, hop, metrics, KafkaWorld(settings))


def _engagement(host: Host) -> Hop:
    from resonance.agents.engagement import Engagement

    return Engagement(host.settings, host.topology, host.metrics, KafkaWorld(host.settings))


def _archive(host: Host) -> Hop:
    from resonance.agents.archive import Archive
    from resonance.agents.archiving.store import Store

    settings = host.settings
    store = Store(settings.archive)
    return Archive(settings, host.topology, host.metrics, KafkaWorld(settings), store)


_MADE: Final[dict[Role, Callable[[Host], Hop]]] = {
    "scoring": _scoring,
    "engagement": _engagement,
    "archive": _archive,
}
