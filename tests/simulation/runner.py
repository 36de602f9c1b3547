"""Many schedules, seed after seed, in as many processes as there are cores."""

import gc
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from simulation.checks import broken_promises
from simulation.plan import PLANS_OF_A_STORY, drawn_plan
from simulation.schedule import Schedule

CHUNK = 6 * PLANS_OF_A_STORY  # Of whole stories, where the first seed begins one.


@dataclass
class Tally:
    """What schedules came to."""

    schedules: int = 0
    events: int = 0
    steps: int = 0
    seconds: float = 0.0  # Wall clock.
    cpu_seconds: float = 0.0
    crashes: Counter[str] = field(default_factory=Counter)  # By the step they came after.
    broken: dict[int, list[str]] = field(default_factory=dict)  # Seed -> promises.

    def add(self, other: "Tally") -> None:
        """Add another's."""
        self.schedules += other.schedules
        self.events += other.events
        self.steps += other.steps
        self.cpu_seconds += other.cpu_seconds
        self.crashes += other.crashes
        self.broken |= other.broken


def run_here(seeds: range) -> Tally:
    """Run the seeds in this process."""
    tally = Tally()
    logging.disable(logging.ERROR)  # Of what workers say when a commit fails: it is meant to.
    began = time.process_time()
    gc.disable()  # What a schedule leaves is small; it is collected between two.
    try:
        for seed in seeds:
            outcome = Schedule(drawn_plan(seed)).run()
            broken = broken_promises(outcome)
            tally.schedules += 1
            tally.events += len(outcome.told.sent)
            tally.steps += outcome.steps
            tally.crashes += outcome.crashes
            if broken:
                tally.broken[seed] = broken
    finally:
        gc.enable()
        logging.disable(logging.NOTSET)
    gc.collect()
    tally.cpu_seconds = time.process_time() - began
    return tally


def run_all(seeds: range, processes: int, progress: Callable[[int], None]) -> Tally:
    """Run the seeds in processes; `progress` is told how many are done."""
    tally, began = Tally(), time.monotonic()
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    for part in _tallies(chunks, processes):
        tally.add(part)
        progress(tally.schedules)
    tally.seconds = time.monotonic() - began
    return tally


def _tallies(chunks: list[range], processes: int) -> Iterator[Tally]:
    if processes == 1:
        yield from map(run_here, chunks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(run_here, chunks)
