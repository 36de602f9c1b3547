"""From a schedule that fails to the least that still does, and what happened in it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from simulation.checks import broken_promises
from simulation.plan import Plan
from simulation.schedule import Outcome, Schedule

SHOWN_LINES = 60
AROUND = 4  # Lines kept before and after one that tells of a fault.


def is_broken(plan: Plan) -> bool:
    """Return whether the plan's schedule breaks a promise."""
    return bool(broken_promises(Schedule(plan).run()))


def shrunk(plan: Plan) -> Plan:
    """Return a plan that fails, too, and takes nothing more that could be left out by itself."""
    while smaller := next(filter(is_broken, _smaller(plan)), None):
        plan = smaller
    return plan


def _smaller(plan: Plan) -> Iterator[Plan]:
    for fault in plan.faults():
        yield replace(plan, **{fault: False})
    for place in range(len(plan.crashes)):
        yield replace(plan, crashes=plan.crashes[:place] + plan.crashes[place + 1 :])
    for name, least in (("scorers", 1), ("engagers", 1), ("partitions", 1)):
        if getattr(plan, name) > least:
            yield replace(plan, **{name: least})
    for events in (plan.events // 2, plan.events - 4):
        if events >= 12:
            yield replace(plan, events=events)


def report(seed: int, plan: Plan, outcome: Outcome, broken: list[str]) -> str:
    """Return what fails, with which least plan, and the steps that lead there."""
    lines = [
        f"seed {seed} breaks a promise; `make simulate ARGS='--seed {seed} --trace'` replays it",
        *(f"  {promise}" for promise in broken[:5]),
        f"least plan: {plan}",
        *_in_short(outcome.trace),
    ]
    return "\n".join(lines)


def _in_short(trace: list[str]) -> list[str]:
    """Join what one process does in a row; keep what lies around faults, and the end."""
    joined = []
    for _, steps in groupby((line.split(None, 3) for line in trace), key=lambda step: step[2]):
        first, *rest = list(steps)
        said = "; ".join(step[3] for step in (first, *rest))
        joined.append(f"{first[0]:>7} ms  {first[2]:<14} {said}")
    told = [n for n, line in enumerate(joined) if any(w.isupper() for w in line.split()[2:])]
    kept = {n for at in told for n in range(at - AROUND, at + AROUND + 1)}
    kept |= set(range(len(joined) - AROUND, len(joined)))
    return [joined[n] for n in sorted(kept) if 0 <= n < len(joined)][:SHOWN_LINES]
