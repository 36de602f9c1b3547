"""Measure every hop, beside a stock Faust worker, in one run: `make bench`.

Prints a table and writes the figures as JSON. Wall clock and processor time are both given: on a
machine that others use too, events per second of one core is the steadier number.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from confluent_kafka import Producer
from feed import NATURAL_DISTINCT_SHARE, recording
from figures import Figure, figure_of
from pure import pure_figures
from rich.console import Console
from rich.table import Table

from resonance.agents.broker import provisioning
from resonance.agents.demo.recording import topic_of
from resonance.agents.settings import Settings
from resonance.streams.codec import encode_raw
from resonance.streams.events import RawEvent

BENCH: Final = Path(__file__).parent
# The tests' broker is the benchmarks' broker.
sys.path.insert(0, str(BENCH.parent / "tests"))
from support.kafka import KafkaBroker, default_jars, missing_kafka  # noqa: E402

FIGURES: Final = BENCH.parent / ".cache/bench/figures.json"
COMMENTS: Final = 60_000
NATURAL_COMMENTS: Final = 30_000
TABLE_COMMENTS: Final = 20_000  # Of the same topic: Faust's tables and sends need the time.
SCORE_COMMENTS: Final = 20_000
LIMIT_SECONDS: Final = 40.0
# A stock Faust worker now and then gets its partitions and then reads nothing; a new one does.
ATTEMPTS: Final = 3
BASE: Final = "stock Faust: count in a variable"
TABLE_BASE: Final = "stock Faust: count in a table"
SCORE_BASE: Final = "stock Faust: score and send, text cached"

messages = Console(stderr=True, highlight=False)


def main() -> int:
    """Run everything; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=FIGURES, metavar="FILE")
    arguments = parser.parse_args()
    jars = default_jars()
    if reason := missing_kafka(jars):
        messages.print(f"cannot run: {reason}")
        return 2
    messages.print("without Kafka …")
    figures = pure_figures()
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        KafkaBroker.running(jars, Path(folder) / "kafka") as broker,
    ):
        figures += list(_kafka_figures(broker.address))
    machine = _machine(jars)
    _print(figures, machine)
    result = {"machine": machine, "figures": [figure.as_json() for figure in figures]}
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0


def _kafka_figures(broker: str) -> Iterator[Figure]:
    """Yield the figures of every worker, one after the other, each with the broker to itself."""
    cached, natural = (
        Settings(broker=broker, topic_prefix="cached."),
        Settings(broker=broker, topic_prefix="natural."),
    )
    records = _fill(cached, recording(COMMENTS))
    natural_records = _fill(
        natural, recording(NATURAL_COMMENTS, distinct_share=NATURAL_DISTINCT_SHARE)
    )
    topic = f"{cached.topic_prefix}comments"
    yield _run(BASE, "stock_faust.py", "count", broker, topic, COMMENTS)
    yield _run(TABLE_BASE, "stock_faust.py", "table", broker, topic, TABLE_COMMENTS)
    provisioning.provision(Settings(broker=broker, topic_prefix="stock."))  # What it writes to.
    yield _run(SCORE_BASE, "stock_faust.py", "score", broker, topic, SCORE_COMMENTS)
    yield _ours("transport + decode + count", "counting", cached, COMMENTS)
    yield _ours("scoring hop, text cached", "scoring", cached, records)
    yield _ours("scoring hop, 43 % of texts new", "scoring", natural, natural_records)
    yield _ours("engagement hop", "engagement", cached, records)


def _fill(settings: Settings, events: Iterable[RawEvent]) -> int:
    """Create the topics, produce the events, and return how many there are."""
    provisioning.provision(settings)
    producer = Producer(
        {
            "bootstrap.servers": settings.broker,
            "linger.ms": 20,
            "partitioner": "murmur2",
            "queue.buffering.max.messages": 1_000_000,
            "acks": "all",
        }
    )
    count = 0
    for event in events:
        topic = settings.topic_prefix + topic_of(event).name
        producer.produce(topic, encode_raw(event), key=event.channel.encode())
        producer.poll(0)
        count += 1
    if producer.flush(LIMIT_SECONDS):
        message = "the broker did not take the benchmark's input"
        raise RuntimeError(message)
    return count


def _ours(name: str, hop: str, settings: Settings, records: int) -> Figure:
    return _run(name, "timed_worker.py", hop, settings.broker, settings.topic_prefix, records)


def _run(name: str, script: str, *arguments: str | int) -> Figure:
    """Run one worker in a process of its own; its last line says what it took."""
    messages.print(f"{name} …")
    for _ in range(ATTEMPTS):
        try:
            return figure_of(name, _output_of(script, *map(str, arguments)))
        except subprocess.TimeoutExpired:
            messages.print(f"  not done after {LIMIT_SECONDS:.0f} s, once more")
    message = f"{script} {arguments[0]} did not finish in {ATTEMPTS} attempts"
    raise RuntimeError(message)


def _output_of(script: str, *arguments: str) -> bytes:
    """Return the JSON object that a worker prints when it is done."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        done = subprocess.run(
            [sys.executable, str(BENCH / script), *arguments],
            capture_output=True,
            timeout=LIMIT_SECONDS,
            cwd=folder,
            check=False,
        )
    if done.returncode or not done.stdout.strip():
        message = (
            f"{script} {arguments[0]} failed:\n{done.stderr.decode(errors='replace')[-2_000:]}"
        )
        raise RuntimeError(message)
    return done.stdout.splitlines()[-1]


def _machine(jars: Path) -> dict[str, str | float]:
    [kafka] = [jar.stem.removeprefix("kafka_2.13-") for jar in jars.glob("kafka_2.13-*.jar")]
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_bytes / 2**30),
        "python": platform.python_version(),
        "kafka": kafka,
        "load_before": round(os.getloadavg()[0], 2),
    }


def _print(figures: list[Figure], machine: dict[str, str | float]) -> None:
    by_name = {figure.name: figure for figure in figures}
    bases = [by_name[name] for name in (BASE, TABLE_BASE, SCORE_BASE)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("what")
    for column in ("events/s", "events/s a core", "× count", "× table", "× score"):
        table.add_column(column, justify="right")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.per_second:,.0f}",
            f"{figure.per_cpu_second:,.0f}",
            *(f"{figure.per_cpu_second / base.per_cpu_second:.1f}" for base in bases),
        )
    Console(highlight=False, width=100).print(table)
    Console(highlight=False).print("× = events/s a core, over the stock Faust worker of that name.")
    Console(highlight=False).print(", ".join(f"{key} {value}" for key, value in machine.items()))


if __name__ == "__main__":
    sys.exit(main())
