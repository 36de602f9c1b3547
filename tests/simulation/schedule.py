"""One schedule: a story is sent, workers die and come back; then faults stop, and all must be well.

The same plan gives the same schedule, step by step.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.agents.settings import Settings
from resonance.streams import topics
from simulation.broker import Broker
from simulation.clock import Clock
from simulation.group import SESSION_MS, Group
from simulation.plan import Plan
from simulation.reference import BURST_SIZE, Told, told
from simulation.story import LENGTH_MS, START_MS
from simulation.worker import Shared, Worker

FAULTS_END_MS = LENGTH_MS + 2_000
SETTLE_MS = 60_000  # After the last fault all must be read, folded and committed by then.
SETTLE_STEPS = 20_000
RESTART_MS = 1_000
WHOLE_MS = LENGTH_MS + 4_100  # Scored so far, the last bucket is complete.
OTHER_PARTITIONS = 2  # Of `windows` and `dead-letters`.


@dataclass
class Outcome:
    """What a schedule came to; empty `faults` mean that every promise held."""

    plan: Plan
    told: Told
    broker: Broker
    topology: Topology
    settings: Settings
    steps: int = 0
    crashes: Counter[str] = field(default_factory=Counter)  # By the step they came after.
    faults: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)


class Schedule:
    """Runs one plan."""

    def __init__(self, plan: Plan, *, traced: bool = False) -> None:
        self.plan = plan
        self._traced = traced
        self._clock = clock = Clock(plan.seed)
        names = [spec.name for spec in topics.ALL]
        partitions = dict.fromkeys(names, plan.partitions)
        partitions["windows"] = partitions["dead-letters"] = OTHER_PARTITIONS
        broker = Broker(partitions)
        topology = Topology("", partitions, {name: name for name in names})
        settings = Settings(
            partitions=plan.partitions,
            scoring_batch_records=clock.random.randint(3, 25),
            engagement_batch_records=clock.random.randint(5, 50),
            snapshot_interval_seconds=clock.random.choice((1.0, 2.0, 4.0)),
            publish_interval_seconds=clock.random.choice((1.0, 2.0)),
            tick_interval_seconds=1.0,
            duplicate_burst_size=BURST_SIZE,
        )
        self.outcome = Outcome(plan, told(plan.tale()), broker, topology, settings)
        self._shared = Shared(clock, broker, plan, topology, settings, self._stepped, self._failed)
        read = {"scoring": topics.SOURCES, "engagement": (topics.EVENTS,)}
        self._groups = {
            role: Group(
                clock,
                [TopicPartition(s.name, p) for s in specs for p in range(plan.partitions)],
            )
            for role, specs in read.items()
        }
        self._steps_seen: Counter[str] = Counter()
        self._due_crashes = set(plan.crashes)
        self._workers: list[Worker] = []
        self._started = 0
        self._must_crash = False
        self._scored_ms = 0

    def run(self) -> Outcome:
        """Run to the end, and return what it came to."""
        clock, outcome = self._clock, self.outcome
        for sent in outcome.told.sent:
            clock.after(sent.at_ms, self._send, sent.topic, sent.partition, sent.key, sent.value)
        for role, count in (("scoring", self.plan.scorers), ("engagement", self.plan.engagers)):
            for _ in range(count):
                self._start(role)
        self._draw_faults()
        clock.after(FAULTS_END_MS - 2_000, self._insist_on_a_crash)
        clock.after(FAULTS_END_MS, self._be_calm)
        self._settle()
        for worker in self._workers:
            worker.end()
        outcome.steps = clock.steps
        return outcome

    def _send(self, topic: str, partition: int, key: bytes, value: bytes | None) -> None:
        log = self.outcome.broker.logs[TopicPartition(topic, partition)]
        log.append([Record(key, value)], START_MS + self._clock.now_ms)

    def _start(self, role: str) -> None:
        self._started += 1
        name = f"{role}-{self._started}"
        worker = Worker(name, role, self._groups[role], self._shared)
        self._workers.append(worker)
        self._note(worker.name, "starts")

    def _draw_faults(self) -> None:
        """Draw when what happens that is not tied to a step."""
        plan, clock, random = self.plan, self._clock, self._clock.random
        for is_on, at_most, fault in (
            (plan.zombies, 3, self._freeze),
            (plan.rebalances, 3, self._rebalance),
            (plan.compaction, 6, self._compact),
        ):
            for _ in range(random.randint(1, at_most) if is_on else 0):
                clock.after(random.randrange(FAULTS_END_MS), fault)

    def _alive(self, role: str | None = None) -> list[Worker]:
        return [w for w in self._workers if not w.dead and role in {None, w.role}]

    def _stepped(self, worker: Worker, step: str) -> None:
        if self._traced:
            self._note(worker.name, step)
        if self._clock.calm:
            return
        self._steps_seen[step] += 1
        if (step, self._steps_seen[step]) in self._due_crashes or self._must_crash:
            self._must_crash = False
            self._crash(worker, step)

    def _crash(self, worker: Worker, step: str) -> None:
        self.outcome.crashes[step] += 1
        self._note(worker.name, f"DIES after: {step}")
        worker.die()
        self._clock.after(self._clock.random.randrange(RESTART_MS), self._start, worker.role)

    def _failed(self, worker: Worker, error: Exception) -> None:
        self.outcome.faults.append(f"{worker.name} stopped: {type(error).__name__}: {error}")
        self._note(worker.name, f"FAILS: {error!r}")
        worker.die()

    def _freeze(self) -> None:
        alive = self._alive()
        if not alive:
            return
        worker = self._clock.random.choice(alive)
        frozen_ms = self._clock.random.randrange(100, 2 * SESSION_MS)
        worker.frozen_until_ms = min(self._clock.now_ms + frozen_ms, FAULTS_END_MS)
        worker.group.lose(worker.member)
        self._note(worker.name, f"FREEZES for {frozen_ms} ms")

    def _rebalance(self) -> None:
        """Let one more worker join, or one of several leave in order."""
        role = self._clock.random.choice(("scoring", "engagement"))
        alive = self._alive(role)
        if len(alive) > 1:
            alive[0].leaving = True
            self._note(alive[0].name, "LEAVES")
        else:
            self._start(role)

    def _compact(self) -> None:
        for topic in ("state", "windows"):
            for log in self.outcome.broker.of(topic):
                log.compact(self._clock.random.randint(0, log.end))
        self._note("broker", "COMPACTS")

    def _insist_on_a_crash(self) -> None:
        self._must_crash = not self.outcome.crashes

    def _be_calm(self) -> None:
        for worker in self._alive()[: self._must_crash]:  # All were idle, or frozen, so long.
            self._crash(worker, "resting")
        self._clock.calm = True
        self._note("all", "FAULTS STOP")

    def _settle(self) -> None:
        """Run until all is scored, then until all of that is folded; then stop in order."""
        if not self._reaches(self._is_scored) or not self._reaches(self._is_ticked):
            return
        for role in ("scoring", "engagement"):
            if role == "engagement" and not self._reaches(self._is_folded):
                return
            for worker in self._alive(role):
                worker.leaving = True
            if not self._reaches(lambda role=role: not self._alive(role)):
                return

    def _reaches(self, goal: Callable[[], bool]) -> bool:
        """Let time pass until the goal is reached; a fault when that takes too long."""
        if self._clock.run(goal, FAULTS_END_MS + SETTLE_MS, SETTLE_STEPS):
            return True
        self.outcome.faults.append(f"not live after {self._clock.steps} steps: {goal.__name__}")
        return False

    def _lag(self, role: str, topic: str) -> int:
        committed = self._groups[role].committed
        logs = self.outcome.broker.logs
        return sum(
            log.end - committed.get(place, 0) for place, log in logs.items() if place.topic == topic
        )

    def _is_scored(self) -> bool:
        self._scored_ms = self._clock.now_ms
        return self._clock.calm and not sum(
            self._lag("scoring", spec.name) for spec in topics.SOURCES
        )

    def _is_ticked(self) -> bool:
        """Return whether all logs of `events` were told twice that all is scored.

        The first round of ticks decides what a stream is; it is seen by the second one.
        """
        told_ms = self.outcome.broker.ticked_ms.values()
        after_ms = START_MS + self._scored_ms
        rounds = [[at_ms for at_ms in told if at_ms > after_ms] for told in told_ms]
        return (
            len(rounds) == len(topics.SOURCES) * self.plan.partitions**2
            and all(rounds)
            and min(told[-1] for told in rounds)
            > max(START_MS + WHOLE_MS, *(told[0] for told in rounds))
        )

    def _is_folded(self) -> bool:
        return not self._lag("engagement", "events")

    def _note(self, who: str, what: str) -> None:
        if self._traced:
            self.outcome.trace.append(f"{self._clock.now_ms:>6} ms  {who:<14} {what}")
