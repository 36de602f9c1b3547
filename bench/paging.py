"""From the first angry comment to the page: `python bench/paging.py --spikes 12 --streams 24`.

Real Kafka, scoring, engagement, board, pager, Prometheus and Alertmanager with the committed rules
and routes, each a process of its own; streams in real time, with giveaways, votes, raids, bursts
of copies and small markets. Spikes come in some streams' largest market (150 to 220 comments a
minute), when the streams are old enough for every rule. While they are paged, the engagement worker
is killed twice and the board once. The run ends when all are over; 23 minutes.

Exit status: 0, or 1 when a promise was missed; 2 without Kafka, Prometheus or Alertmanager.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any, Final

from confluent_kafka import Producer

BENCH: Final = Path(__file__).parent
# The tests' processes are the benchmarks' processes.
sys.path.insert(0, str(BENCH.parent / "tests"))
from paging_figures import as_text, figures_of, missed, name_of  # noqa: E402
from paging_times import ALERT, recorded  # noqa: E402

from resonance.agents.broker import provisioning  # noqa: E402
from resonance.agents.settings import Settings  # noqa: E402
from support.audience import Audience, Stream, cast, sorted_texts  # noqa: E402
from support.kafka import KafkaBroker, default_jars, missing_kafka  # noqa: E402
from support.paging import Hook, Stack, Told, chat, paging_stack  # noqa: E402

# Seconds after the last spike has begun: when all are paged, and none may end yet.
KILLED: Final = {70: "engagement", 100: "board", 130: "engagement"}
GONE_SECONDS: Final = 4.0
QUIET_SECONDS: Final = 30.0  # Of stream after the last page is over.


def main() -> int:
    """Run, print the figures, return the exit status."""
    asked = _arguments()
    servers = ("prometheus", "prometheus-alertmanager")
    absent = [name for name in servers if shutil.which(name) is None]
    if reason := missing_kafka(default_jars()) or ", ".join(absent):
        print(f"cannot run without: {reason}", file=sys.stderr)
        return 2
    rng = Random(asked.seed)
    streams = cast(
        rng,
        asked.streams,
        asked.spikes,
        first=(asked.warm_up, asked.warm_up + asked.within),
        spike_seconds=asked.spike_seconds,
        seconds=asked.minutes * 60,
    )
    with (
        tempfile.TemporaryDirectory(prefix="paging-") as folder,
        KafkaBroker.running(default_jars(), Path(folder) / "kafka") as broker,
    ):
        provisioning.provision(Settings(broker=broker.address))
        figures = asyncio.run(_measured(asked, streams, rng, Path(folder), broker.address))
    print(json.dumps(figures) if asked.json else as_text(figures))
    return 1 if figures["missed"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spikes", type=int, default=12, help="streams that have one")
    parser.add_argument("--streams", type=int, default=24, help="streams in parallel")
    parser.add_argument("--minutes", type=float, default=23, help="of every stream, at most")
    parser.add_argument("--warm-up", type=float, default=640, help="seconds before the first spike")
    parser.add_argument("--within", type=float, default=120, help="seconds in which spikes begin")
    parser.add_argument("--spike-seconds", type=float, default=210, help="how long a spike lasts")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not 1 <= asked.spikes <= asked.streams:
        parser.error("--spikes: from 1 to as many as --streams")
    return asked


async def _measured(
    asked: argparse.Namespace, streams: list[Stream], rng: Random, folder: Path, broker: str
) -> dict[str, Any]:
    producer = Producer({"bootstrap.servers": broker, "linger.ms": 5, "log_level": 0})
    audience = Audience(streams, sorted_texts(), rng)  # Takes seconds: before the clock starts.
    loads, killed = [os.getloadavg()[0]], list[str]()
    # By default the board names twenty streams, and the rest is one, `other`.
    limit = {"RESONANCE_STREAM_LABEL_LIMIT": str(max(20, asked.streams))}
    wall = time.time() - time.monotonic()
    async with paging_stack(folder, broker, **limit) as (stack, hook):
        began = time.monotonic()
        beside = (
            asyncio.create_task(_progress(began, asked.minutes * 60, hook, loads)),
            asyncio.create_task(_kill(stack, began + asked.warm_up + asked.within, killed)),
        )
        chatting = asyncio.create_task(chat(audience, producer, asked.minutes * 60))
        quiet = asyncio.create_task(_quiet(hook, asked.spikes, asked.minutes * 60))
        await asyncio.wait((chatting, quiet), return_when=asyncio.FIRST_COMPLETED)
        seconds = time.monotonic() - began
        for task in (chatting, quiet, *beside):
            task.cancel()
        await asyncio.gather(chatting, quiet, *beside, return_exceptions=True)
        figures = figures_of(
            streams, hook.told, began, await recorded(stack.url("prometheus")), wall
        )
    figures |= {
        "stream_hours": round(len(streams) * seconds / 3_600, 2),
        "run_minutes": round(seconds / 60, 1),
        "comments": sum(stream.sent for stream in streams),
        "killed": killed,
        "cores": len(os.sched_getaffinity(0)),
        "load_1min": [
            round(load, 1) for load in (min(loads), sorted(loads)[len(loads) // 2], max(loads))
        ],
    }
    return figures | {"missed": missed(figures)}


async def _quiet(hook: Hook, spikes: int, seconds: float) -> None:
    """Return some time after as many spikes were over."""

    def all_over(_told: Told) -> bool:
        over = [told for told in hook.told if told.is_page("over") and name_of(told) == ALERT]
        return len(over) >= spikes

    await hook.until(all_over, seconds)
    await asyncio.sleep(QUIET_SECONDS)


async def _progress(began: float, seconds: float, hook: Hook, loads: list[float]) -> None:
    while True:
        await asyncio.sleep(10)
        loads.append(os.getloadavg()[0])
        begun = sum(told.is_page("begun") for told in hook.told)
        over = sum(told.is_page("over") for told in hook.told)
        print(
            f"{time.monotonic() - began:4.0f} of {seconds:.0f} s: {begun} pages, {over} over, "
            f"load {loads[-1]:.1f}",
            file=sys.stderr,
        )


async def _kill(stack: Stack, began: float, killed: list[str]) -> None:
    """Kill parts while alerts fire, one after another, and start each again."""
    for seconds, name in KILLED.items():
        await asyncio.sleep(began + seconds - time.monotonic())
        stack.kill(name)
        await asyncio.sleep(GONE_SECONDS)
        stack.start(name)
        killed.append(name)
        print(f"     killed {name}, and started it again", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
