"""A worker process of one hop: the real hop, the real turns, in a simulated world."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from aiokafka import TopicPartition

from resonance.agents.broker.topology import Topology
from resonance.agents.engagement import Engagement
from resonance.agents.hop import Hop, Offsets, Polled
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.scoring import Scoring
from resonance.agents.settings import Settings
from resonance.agents.turns import Turns
from resonance.sentiment.privacy import mask_personal_data
from resonance.streams import dead_letters, scoring
from resonance.streams.events import Versions
from resonance.streams.scoring import ScoringHop
from simulation.broker import Broker
from simulation.clock import Clock, Fiber
from simulation.group import Group, Member
from simulation.plan import Plan
from simulation.story import FixedScorer
from simulation.world import SimulatedWorld

# A function of the text alone, and all stories have the same few: each is masked once.
scoring.mask_personal_data = dead_letters.mask_personal_data = lru_cache(1_000)(mask_personal_data)

VIEWER_KEY = bytes(32)
STOP_SECONDS = 1.6
METRICS = WorkerMetrics()  # Of all workers; made once, as that takes longer than a schedule.


def scoring_hop() -> ScoringHop:
    """Return what scores, by heart."""
    return ScoringHop(FixedScorer(), VIEWER_KEY, Versions("1", "rules", "0"))


@dataclass(frozen=True)
class Shared:
    """What all workers of a schedule have in common, and whom they tell how they do."""

    clock: Clock
    broker: Broker
    plan: Plan
    topology: Topology
    settings: Settings
    stepped: Callable[["Worker", str], None]
    failed: Callable[["Worker", Exception], None]


class Worker:
    """One process. It dies when told to, at whatever step it is; then nothing of it goes on."""

    def __init__(self, name: str, role: str, group: Group, shared: Shared) -> None:
        clock, broker, plan = shared.clock, shared.broker, shared.plan
        self.name = name
        self.role = role
        self.dead = False
        self.leaving = False
        self.frozen_until_ms = 0
        self.group = group
        self.member = Member(self, group, broker, clock, plan)
        self.world = SimulatedWorld(clock, broker, plan, self)
        self.hop: Hop
        if role == "scoring":
            hop, topology = scoring_hop(), shared.topology
            self.hop = Scoring(shared.settings, topology, hop, METRICS, self.world)
        else:
            self.hop = Engagement(shared.settings, shared.topology, METRICS, self.world)
        self.turns = Turns(self.hop, self.world, self._through_agent, STOP_SECONDS)
        self.stepped = partial(shared.stepped, self)
        self._shared = shared
        self._clock = clock
        self._difference = METRICS.conservation_difference.labels(hop=role)
        self._giving_up = False
        self._fibers = [Fiber(clock, self, self._run())]

    def failed(self, error: Exception) -> None:
        """Pass on that something went wrong for good."""
        self._shared.failed(self, error)

    def give_up(self) -> None:
        """Give up everything in order, and join again."""
        if not self._giving_up and not self.leaving:
            self._giving_up = True
            self._fibers.append(Fiber(self._clock, self, self._rejoin()))

    def take(self, assigned: frozenset[TopicPartition]) -> None:
        """Take note of an assignment."""
        self.turns.assign(self.member, assigned)

    def goes_on(self, positions: Offsets) -> None:
        """Hold it against what was saved: of confirmed snapshots, the newest is gone on from.

        Unless there may be two owners at a time: then one may spoil what the other has saved.
        """
        saved = self.world.broker.saved
        if self.role == "engagement" and not self._shared.plan.may_overlap():
            for place, offset in positions.items():
                newest = saved.get(place.partition, 0)
                assert offset >= newest, f"{self.name} goes on at {offset}, but {newest} is saved"

    def die(self) -> None:
        """End at once: nothing is left in order. What was sent may still arrive."""
        self.dead = True
        self.world.give_up_writing()
        self.end()
        self.group.lose(self.member)

    def end(self) -> None:
        """Let nothing go on."""
        for fiber in (*self._fibers, *self.world.begun):
            fiber.cancel()

    async def _run(self) -> None:
        """Run as `Ingest` does."""
        await self.hop.start()
        self.group.join(self.member)
        while not self.leaving:
            await self.turns.turn(self.member)
        await self.turns.leave(self.member)
        self.dead = True
        self.group.leave(self.member)

    async def _rejoin(self) -> None:
        await self.turns.revoke(self.member)
        self.member.own(frozenset())
        self._giving_up = False
        self.group.join(self.member)

    async def _through_agent(self, polled: Polled) -> Offsets:
        offsets = await self.hop.process(polled)
        difference = self._difference._value.get()  # noqa: SLF001 # Of the registry: 1 ms a time.
        assert not difference, f"{self.name} misses {difference} records"
        return offsets
