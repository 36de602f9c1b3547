"""From the first angry comment to the page: `python bench/paging.py --spikes 12 --streams 24`.

Real Kafka, scoring, engagement, board, pager, Prometheus and Alertmanager with the committed rules
and routes, each a process of its own; streams in real time, with giveaways, votes, raids, bursts
of copies and small markets. Spikes come in some streams' largest market (150 to 220 comments a
minute). Meanwhile the engagement worker is killed twice and the board once.

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
from statistics import median
from typing import Final

from confluent_kafka import Producer

BENCH: Final = Path(__file__).parent
# The tests' processes are the benchmarks' processes.
sys.path.insert(0, str(BENCH.parent / "tests"))
from resonance.agents import provisioning  # noqa: E402
from resonance.agents.settings import Settings  # noqa: E402
from support.audience import TOPIC, Audience, Spike, Stream, cast, sorted_texts  # noqa: E402
from support.kafka import KafkaBroker, default_jars, missing_kafka  # noqa: E402
from support.paging import Hook, Stack, Told, chat, paging_stack  # noqa: E402

MEDIAN_SECONDS: Final = 45.0
WORST_SECONDS: Final = 60.0
QUOTES: Final = 3
SPIKE_ALERT: Final = "alertname=ResonanceNegativeSentimentSpike"
HELD_SECONDS: Final = 180.0  # The rule's keep_firing_for.
# Seconds after the last spike has begun: when all are paged, and none may end yet.
KILLED: Final = {50: "engagement", 75: "board", 100: "engagement"}
GONE_SECONDS: Final = 4.0


def main() -> int:
    """Run, print the figures, return the exit status."""
    asked = _arguments()
    servers = ("prometheus", "prometheus-alertmanager")
    missing = [name for name in servers if shutil.which(name) is None]
    if reason := missing_kafka(default_jars()) or ", ".join(missing):
        print(f"cannot run without: {reason}", file=sys.stderr)
        return 2
    rng = Random(asked.seed)
    first = (asked.warm_up, asked.warm_up + asked.within)
    streams = cast(rng, asked.streams, asked.spikes, first=first, spike_seconds=asked.spike_seconds)
    with (
        tempfile.TemporaryDirectory(prefix="paging-") as folder,
        KafkaBroker.running(default_jars(), Path(folder) / "kafka") as broker,
    ):
        provisioning.provision(Settings(broker=broker.address))
        figures = asyncio.run(_measured(asked, streams, rng, Path(folder), broker.address))
    print(json.dumps(figures) if asked.json else _as_text(figures))
    return 1 if figures["missed"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spikes", type=int, default=12, help="streams that have one")
    parser.add_argument("--streams", type=int, default=24, help="streams in parallel")
    parser.add_argument("--minutes", type=float, default=12, help="of every stream")
    parser.add_argument("--warm-up", type=float, default=60, help="seconds before the first spike")
    parser.add_argument("--within", type=float, default=90, help="seconds in which spikes begin")
    parser.add_argument("--spike-seconds", type=float, default=210, help="how long a spike lasts")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not 1 <= asked.spikes <= asked.streams:
        parser.error("--spikes: from 1 to as many as --streams")
    return asked


async def _measured(
    asked: argparse.Namespace, streams: list[Stream], rng: Random, folder: Path, broker: str
) -> dict[str, object]:
    producer = Producer({"bootstrap.servers": broker, "linger.ms": 5, "log_level": 0})
    loads, killed = [os.getloadavg()[0]], list[str]()
    first_end = asked.warm_up + asked.within
    async with paging_stack(folder, broker) as (stack, hook):
        began = time.monotonic()
        watching = asyncio.create_task(_progress(began, asked.minutes * 60, hook, loads))
        killing = asyncio.create_task(_kill(stack, began + first_end, killed))
        await chat(Audience(streams, sorted_texts(), rng), producer, asked.minutes * 60)
        hours = len(streams) * (time.monotonic() - began) / 3_600
        for task in (watching, killing):
            task.cancel()
        await asyncio.gather(watching, killing, return_exceptions=True)
    figures = _figures(streams, hook.told, began)
    figures |= {
        "stream_hours": round(hours, 2),
        "comments": sum(stream.sent for stream in streams),
        "killed": killed,
        "cores": len(os.sched_getaffinity(0)),
        "load_1min_least": round(min(loads), 1),
        "load_1min_most": round(max(loads), 1),
    }
    return figures | {"missed": _missed(figures, asked.spikes)}


def _spikes(streams: list[Stream]) -> list[Spike]:
    spikes = [stream.spike for stream in streams if stream.spike]
    return sorted(spikes, key=lambda spike: spike.begin_seconds)


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


def _is_about(told: Told, spike: Spike) -> bool:
    return (told.page["stream"], told.page["market"]) == (spike.stream, spike.market)


def _figures(streams: list[Stream], told: list[Told], began: float) -> dict[str, object]:
    """Return what the pages came to; delays count from the moment the mood turns."""
    pages = [one for one in told if one.page["severity"] == "page"]
    spikes, rightful = _spikes(streams), set[int]()
    delays, ends = list[float](), list[float]()
    whole = early = repeated = worse = 0
    for spike in spikes:
        since, until = began + spike.begin_seconds, began + spike.end_seconds
        near = [one for one in pages if _is_about(one, spike) and one.at_seconds >= since]
        rightful |= {id(one) for one in near}
        about = [one for one in near if SPIKE_ALERT in one.page["key"]]
        begun = [one for one in about if one.is_page("begun")]
        ended = [one.at_seconds - until for one in about if one.is_page("over")]
        worse += sum(one.is_page("worse") for one in about)
        if begun:
            delays.append(begun[0].at_seconds - since)
            whole += _is_whole(begun[0])
            repeated += len(begun) - 1
        if ended:
            ends.append(ended[0])
            early += ended[0] < HELD_SECONDS
    others = [o for o in pages if o.is_page("begun") and SPIKE_ALERT not in o.page["key"]]
    false = [o for o in pages if o.is_page("begun") and id(o) not in rightful]
    return {
        "spikes": len(spikes),
        "paged": len(delays),
        "seconds_median": round(median(delays), 1) if delays else None,
        "seconds_worst": round(max(delays), 1) if delays else None,
        "seconds": [round(delay, 1) for delay in delays],
        "pages_whole": whole,
        "resolved": len(ends),
        "resolved_seconds_after_end": [round(seconds) for seconds in ends],
        "resolved_early": early,
        "repeated": repeated,
        "told_worse": worse,
        "other_pages_about_a_spike": sum(id(one) in rightful for one in others),
        "false_pages": [f"{one.at_seconds - began:.0f} s: {one.page['key']}" for one in false],
        "tickets": sum(o.page["severity"] != "page" and o.page["event"] == "begun" for o in told),
    }


def _is_whole(told: Told) -> bool:
    """Return whether the page names the topic and quotes three comments; the market it does."""
    topics = [topic.partition(" ")[0] for topic in told.page["topics"]]
    return TOPIC in topics and len(told.page["quotes"]) == QUOTES


def _missed(figures: dict[str, object], spikes: int) -> list[str]:
    """Return the promises that were not kept."""
    middle, worst = figures["seconds_median"], figures["seconds_worst"]
    kept = {
        "every spike is paged": figures["paged"] == spikes,
        "median": isinstance(middle, float) and middle <= MEDIAN_SECONDS,
        "worst": isinstance(worst, float) and worst <= WORST_SECONDS,
        "every page names the topic and three comments": figures["pages_whole"] == spikes,
        "every page is resolved": figures["resolved"] == spikes,
        "none is resolved while the rule holds it": not figures["resolved_early"],
        "none is repeated": not figures["repeated"],
        "one page a spike, of all alerts": not figures["other_pages_about_a_spike"],
        "no false page": not figures["false_pages"],
    }
    return [promise for promise, is_kept in kept.items() if not is_kept]


def _as_text(figures: dict[str, object]) -> str:
    lines = [f"{name:16} {value}" for name, value in figures.items()]
    return "\n".join([*lines, "missed" if figures["missed"] else "kept"])


if __name__ == "__main__":
    sys.exit(main())
