"""`make simulate`: run schedules, or replay one. Exit 0: nothing found, 1: a promise broken."""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.progress import Progress

from simulation.checks import broken_promises
from simulation.plan import FAULTS, Plan, drawn_plan
from simulation.runner import Tally, run_all
from simulation.schedule import Schedule
from simulation.shrinking import report, shrunk

SHOWN_SEEDS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as asked on the command line."""
    options = _parser().parse_args(arguments)
    logging.disable(logging.ERROR)
    if options.trace:
        return _replay(options.seed, options.without)
    seeds = range(options.seed, options.seed + options.schedules)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("schedules", total=len(seeds))
        tally = run_all(seeds, options.processes, lambda n: bar.update(task, completed=n))
    sys.stdout.write(_as_json(tally) if options.json else _in_words(tally))
    for seed in sorted(tally.broken)[:SHOWN_SEEDS]:
        sys.stderr.write(_told(seed) + "\n")
    return 1 if tally.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make simulate",
        description="Run the real hops in a simulated world, and crash them.",
        epilog="Example: make simulate ARGS='--schedules 10000', then ARGS='--seed 34 --trace'",
    )
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--schedules", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--processes", type=int, default=2, help="at a time (2)")
    parser.add_argument("--trace", action="store_true", help="replay the seed, step by step")
    parser.add_argument(
        "--without", action="append", default=[], choices=FAULTS, help="of a replay: a fault"
    )
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    return parser


def _replay(seed: int, without: Sequence[str]) -> int:
    plan = replace(drawn_plan(seed), **dict.fromkeys(without, False))
    outcome = Schedule(plan, traced=True).run()
    broken = broken_promises(outcome)
    lines = [str(plan), *outcome.trace, *broken, "broken" if broken else "every promise holds"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if broken else 0


def _told(seed: int) -> str:
    least: Plan = shrunk(drawn_plan(seed))
    outcome = Schedule(least, traced=True).run()
    return report(seed, least, outcome, broken_promises(outcome))


def _figures(tally: Tally) -> dict[str, object]:
    return {
        "schedules": tally.schedules,
        "broken": sorted(tally.broken),
        "seconds": round(tally.seconds, 1),
        "schedules_per_minute": round(tally.schedules / tally.seconds * 60),
        "cpu_ms_per_schedule": round(tally.cpu_seconds / tally.schedules * 1000, 1),
        "events_per_schedule": round(tally.events / tally.schedules, 1),
        "steps_per_schedule": round(tally.steps / tally.schedules),
        "crashes": dict(tally.crashes.most_common()),
    }


def _as_json(tally: Tally) -> str:
    return json.dumps(_figures(tally)) + "\n"


def _in_words(tally: Tally) -> str:
    figures = _figures(tally)
    crashes = ", ".join(f"{step} {count}" for step, count in tally.crashes.most_common())
    return (
        f"{tally.schedules} schedules in {figures['seconds']} s: "
        f"{figures['schedules_per_minute']} a minute, {figures['cpu_ms_per_schedule']} ms of CPU, "
        f"{figures['events_per_schedule']} events and {figures['steps_per_schedule']} steps each\n"
        f"crashes after: {crashes}\n"
        f"broken: {len(tally.broken)}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
