"""What one schedule is made of: drawn from its seed, so that each tries other faults together.

A few seeds in a row share a story, and each plays faults of its own over it: what the story comes
to is worked out once for all of them.
"""

from dataclasses import dataclass, fields
from random import Random
from typing import Final

# Where a worker may die: after each of these, before anything that would follow. The middle of a
# write is before it reaches the broker; once written, its answer is still to come.
CRASH_STEPS: Final = (
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


PLANS_OF_A_STORY: Final = 8  # Seeds in a row.


@dataclass(frozen=True)
class Tale:
    """What a story is made up from: of equal tales the stories are equal."""

    story: int  # The seed of what is drawn for it.
    events: int = 52
    partitions: int = 2
    refused: bool = False  # Records that are too large for `events`.
    poison: bool = False  # Bytes that are no event.
    late: bool = False  # Events that were had late, and too late.
    bounded: bool = True  # One of the two streams is a file.
    spread: bool = False  # A stream's comments lie on several partitions.


@dataclass(frozen=True)
class Plan(Tale):
    """One schedule. Faults are switched off one by one to find out which of them it takes."""

    seed: int = 0
    scorers: int = 1
    engagers: int = 1
    crashes: tuple[tuple[str, int], ...] = ()  # After the n-th time of a step; dies that worker.
    zombies: bool = False  # Freezes of a worker, shorter and longer than its session.
    rebalances: bool = False  # Workers join and leave in order.
    lost_answers: bool = False  # Written or not, nobody is told; so it is written again.
    strays: bool = False  # What was sent before a retry or a crash arrives long after it.
    slow: bool = False  # Steps may take seconds.
    compaction: bool = False  # Of `state` and `windows`, at any time and up to anywhere.

    def tale(self) -> Tale:
        """Return what its story is made up from."""
        return Tale(**{field.name: getattr(self, field.name) for field in fields(Tale)})

    def faults(self) -> list[str]:
        """Return the names of the faults that are on."""
        return [name for name in FAULTS if getattr(self, name)]

    def may_overlap(self) -> bool:
        """Return whether a partition may have two owners who write at a time."""
        return self.zombies or self.strays or self.slow


def _faults(kind: type[Tale]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.type is bool and f.name != "bounded")


MISHAPS: Final = _faults(Tale)  # Of what is sent.
FAULTS: Final = _faults(Plan)  # And of those who read it.


def drawn_plan(seed: int) -> Plan:
    """Return the plan of a seed: always a crash and a duplicate, the rest by chance."""
    story = seed // PLANS_OF_A_STORY
    told, random = Random(f"story of {story}"), Random(f"plan {seed}")
    crashes = tuple(
        (random.choice(CRASH_STEPS), 1 + int(random.random() ** 2 * 8))
        for _ in range(random.choice((1, 1, 2, 3)))
    )
    return Plan(
        story,
        events=told.randint(50, 54),
        partitions=told.choice((1, 1, 1, 2, 2, 3)),
        bounded=told.random() < 0.7,
        seed=seed,
        scorers=random.choice((1, 1, 1, 2)),
        engagers=random.choice((1, 1, 1, 2)),
        crashes=crashes,
        **{mishap: told.random() < 0.4 for mishap in MISHAPS},
        **{fault: random.random() < 0.4 for fault in FAULTS if fault not in MISHAPS},
    )
