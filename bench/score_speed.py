"""Measure how fast texts are scored: `python bench/score_speed.py [--json] [--texts N]`.

Every text is new (cold cache, one pass): our templates of live-commerce comments, filled and
roughened, in 18 languages. First each step of the rules, in this process; then the whole of
`Scorer.score_all`, a tier at a time, in one process and in two of their own, with what a process
needs to start and to hold.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Final, TypeVar, get_args

import msgspec
import numpy as np
from figures import Figure
from rich.console import Console
from rich.table import Table
from timed_scorer import WARM_TEXT, Done, Ready, batches

from resonance.sentiment.comments import Comments
from resonance.sentiment.language.chain import Evidence, Stream, detect_all
from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.language.own import OwnDetector
from resonance.sentiment.matching import matching_forms
from resonance.sentiment.misspelling import mended
from resonance.sentiment.model.shipped import shipped_model
from resonance.sentiment.normalising import normalise_all
from resonance.sentiment.pack import phrases
from resonance.sentiment.reading import Readings
from resonance.sentiment.rules import RulesScores
from resonance.sentiment.score import Tier
from resonance.sentiment.text import without_emotes
from resonance.sentiment.training.templates import expand

TRAINING: Final = Path(__file__).parents[1] / "sentiment/training/texts"
WORKER: Final = Path(__file__).with_name("timed_scorer.py")
SEED: Final = 5
PROCESSES: Final = (1, 2)

T = TypeVar("T")


class Run(msgspec.Struct):
    """One tier in some processes: the start is the slowest process's, the memory the largest's."""

    tier: str
    processes: int
    texts_per_second: float
    texts_per_cpu_second: float  # Steadier on a machine that others use too.
    start_seconds: float
    resident_mb: int


def main() -> int:
    """Run everything, or one worker of it; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=16_000, help="fewer are made if they must")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    texts = unique_texts(arguments.texts)
    steps = measured_steps(texts)
    tiers = get_args(Tier) if has_models() else ("rules",)
    runs = [measured_run(tier, count, texts) for tier in tiers for count in PROCESSES]
    machine = describe_machine()
    if arguments.json:
        figures = [step.as_json() for step in steps]
        result = {"machine": machine, "texts": len(texts), "steps": figures, "runs": runs}
        print(json.dumps(msgspec.to_builtins(result)))
    else:
        print_tables(steps, runs, len(texts), machine)
    return 0


def has_models() -> bool:
    """Tell whether the package has the models' weights: a checkout may lack them."""
    try:
        shipped_model()
    except FileNotFoundError:
        print("the models' weights are missing: measuring the rules alone", file=sys.stderr)
        return False
    return True


def unique_texts(count: int) -> list[str]:
    """Return texts of which no two are equal, languages mixed."""
    texts = list({row.text.casefold(): row.text for row in expand(TRAINING, SEED)}.values())
    np.random.default_rng(SEED).shuffle(texts)
    return texts[:count]


class StepClock:
    """Adds up what each step took, over all batches."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}

    def time(self, name: str, step: Callable[[], T]) -> T:
        """Return what the step returns."""
        began, began_cpu = perf_counter(), process_time()
        result = step()
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - began
        self.cpu_seconds[name] = self.cpu_seconds.get(name, 0.0) + process_time() - began_cpu
        return result

    def figures(self, texts: int) -> list[Figure]:
        """Return a figure for each step, in the order in which they first ran."""
        return [
            Figure(name, texts, self.seconds[name], self.cpu_seconds[name]) for name in self.seconds
        ]


def measured_steps(texts: Sequence[str]) -> list[Figure]:
    """Return what each step of the rules costs; what it reads from files is read before."""
    detector = OwnDetector()
    read(StepClock(), [WARM_TEXT], detector)
    clock = StepClock()
    for batch in batches(texts):
        read(clock, batch, detector)
    return clock.figures(len(texts))


def read(clock: StepClock, texts: Sequence[str], detector: Detector) -> None:
    """Take one batch through all the steps."""
    words = clock.time("normalise", lambda: list(map(without_emotes, normalise_all(texts))))
    forms = clock.time("matching form", lambda: matching_forms(words))
    forms = clock.time("mistyped words", lambda: mended(forms))
    spans = clock.time("find phrases", lambda: phrases().find_all(forms))
    comments = Comments(words, forms, spans)
    evidence = Evidence(comments, [Stream()] * len(texts), detector)
    languages = clock.time("language", lambda: detect_all(evidence))
    clock.time("labels by rules", lambda: RulesScores.of(Readings(comments, languages)))


def measured_run(tier: Tier, processes: int, texts: Sequence[str]) -> Run:
    """Return the figures of one tier, each process with its share of the texts.

    The processes start one after the other, and score at the same time.
    """
    workers, starts = [], []
    for _ in range(processes):
        began = perf_counter()
        workers.append(ScoringProcess(tier))
        starts.append(perf_counter() - began)
    for index, worker in enumerate(workers):
        worker.give(texts[index::processes])
    for worker in workers:
        worker.begin()
    done = [worker.finish() for worker in workers]
    return Run(
        tier=tier,
        processes=processes,
        texts_per_second=round(len(texts) / max(one.seconds for one in done)),
        texts_per_cpu_second=round(len(texts) / sum(one.cpu_seconds for one in done)),
        start_seconds=round(max(starts), 2),
        resident_mb=max(one.resident_mb for one in done),
    )


class ScoringProcess:
    """A worker; made once it is ready."""

    def __init__(self, tier: Tier) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER), tier],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # As `resonance` does.
        )
        assert self._process.stdin
        assert self._process.stdout
        self._texts = self._process.stdin
        self._said = self._process.stdout
        msgspec.json.decode(self._said.readline(), type=Ready)

    def give(self, texts: Sequence[str]) -> None:
        """Write its texts, which it reads to their end before it starts."""
        self._texts.write(msgspec.json.encode(texts))

    def begin(self) -> None:
        """Let it start."""
        self._texts.close()

    def finish(self) -> Done:
        """Return what it says of its work."""
        done = msgspec.json.decode(self._said.readline(), type=Done)
        self._process.wait()
        return done


def describe_machine() -> dict[str, str | int | float]:
    """Return what the figures depend on beside the code."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def print_tables(
    steps: Sequence[Figure], runs: Sequence[Run], texts: int, machine: dict[str, str | int | float]
) -> None:
    """Print both tables, and what they were measured on."""
    console = Console(highlight=False, width=100)
    table = Table("step of the rules", box=None, pad_edge=False, header_style="bold")
    for column in ("texts/s", "texts/s a core", "µs a text"):
        table.add_column(column, justify="right")
    for step in steps:
        microseconds = 1e6 * step.cpu_seconds / step.events
        rates = f"{step.per_second:,.0f}", f"{step.per_cpu_second:,.0f}"
        table.add_row(step.name, *rates, f"{microseconds:.1f}")
    console.print(table, "")
    table = Table("whole score", box=None, pad_edge=False, header_style="bold")
    for column in ("processes", "texts/s", "texts/s a core", "start s", "resident MB"):
        table.add_column(column, justify="right")
    for run in runs:
        rates = f"{run.texts_per_second:,.0f}", f"{run.texts_per_cpu_second:,.0f}"
        needs = f"{run.start_seconds:.2f}", str(run.resident_mb)
        table.add_row(run.tier, str(run.processes), *rates, *needs)
    console.print(table, "")
    console.print(
        f"{texts:,} texts;", ", ".join(f"{key} {value}" for key, value in machine.items())
    )


if __name__ == "__main__":
    sys.exit(main())
