"""What one schedule is made of: drawn from its seed, so that each tries other faults together."""

from dataclasses import dataclass
from random import Random

# Where a worker may die: after each of these, before anything that would follow. The middle of a
# write is before it reaches the broker; once written, its answer is still to come.
CRASH_STEPS = (
    "polled",
    "scored",
    "writing events",
    "wrote events",
    "writing ticks",
    "wrote ticks",
    "writing dead letters",
    "wrote dead letters",
    "folded",
    "rows taken",
    "writing windows",
    "wrote windows",
    "writing tombstones",
    "state packed",
    "writing parts",
    "wrote parts",
    "writing manifest",
    "wrote manifest",
    "committing",
    "committed",
    "asked for what is committed",
    "asked for bounds",
    "read state",
    "read events",
)


@dataclass(frozen=True)
class Plan:
    """One schedule. Faults are switched off one by one to find out which of them it takes."""

    seed: int
    events: int = 52
    partitions: int = 2
    scorers: int = 1
    engagers: int = 1
    crashes: tuple[tuple[str, int], ...] = ()  # After the n-th time of a step; dies that worker.
    zombies: bool = False  # Freezes of a worker, shorter and longer than its session.
    rebalances: bool = False  # Workers join and leave in order.
    lost_answers: bool = False  # Written or not, nobody is told; so it is written again.
    strays: bool = False  # What was sent before a retry or a crash arrives long after it.
    slow: bool = False  # Steps may take seconds.
    compaction: bool = False  # Of `state` and `windows`, at any time and up to anywhere.
    refused: bool = False  # Records that are too large for `events`.
    poison: bool = False  # Bytes that are no event.
    late: bool = False  # Events that were had late, and too late.
    bounded: bool = True  # One of the two streams is a file.
    spread: bool = False  # A stream's comments lie on several partitions.

    def faults(self) -> list[str]:
        """Return the names of the faults that are on."""
        return [name for name in FAULTS if getattr(self, name)]

    def may_overlap(self) -> bool:
        """Return whether a partition may have two owners who write at a time."""
        return self.zombies or self.strays or self.slow


FAULTS = tuple(
    name for name, kind in Plan.__annotations__.items() if kind is bool and name != "bounded"
)


def drawn_plan(seed: int) -> Plan:
    """Return the plan of a seed: always a crash and a duplicate, the rest by chance."""
    random = Random(f"plan {seed}")
    crashes = tuple(
        (random.choice(CRASH_STEPS), 1 + int(random.random() ** 2 * 8))
        for _ in range(random.choice((1, 1, 2, 3)))
    )
    return Plan(
        seed,
        events=random.randint(50, 60),
        partitions=random.choice((1, 2, 2, 3)),
        scorers=random.choice((1, 1, 2)),
        engagers=random.choice((1, 1, 2)),
        crashes=crashes,
        bounded=random.random() < 0.7,
        **{fault: random.random() < 0.4 for fault in FAULTS},
    )
