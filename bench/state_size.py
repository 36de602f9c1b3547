"""Measure what a state costs: `python bench/state_size.py [--json] [--share F]`.

A million viewers in a hundred streams with 20 markets each write a thousand comments a second of
event time, until each has written, and some more; a snapshot every five seconds of it. Without
Kafka: memory held, and bytes and time of each snapshot. The four partitions of a default cluster
are folded in this one process. `--share 0.25`: a quarter of the streams, each the same.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Final

from resonance.agents.state.memory import keep_together
from resonance.agents.state.snapshots import SnapshotWriter
from resonance.sentiment.scores import Sentiment
from resonance.streams.events import LogEvent, Place, ScoredComment, Tick, Versions
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.fold.settings import FoldSettings

PARTITIONS: Final = 4
MARKETS: Final = 20
VIEWERS: Final = 1_000_000
STREAMS: Final = 100
COMMENTS_PER_SECOND: Final = 1_000
SECONDS: Final = 1_300
SNAPSHOT_SECONDS: Final = 5
START_MS: Final = 1_772_564_400_000
SIGNALS: Final = ((), (), (), ("question",), ("complaint",), ("purchase_intent",))
TOPICS: Final = ((), (), ("price",), ("shipping",))
MOODS: Final = (Sentiment(0.8, 0.1, 0.1), Sentiment(0.1, 0.8, 0.1), Sentiment(0.1, 0.1, 0.8))


def second_of_chat(second: int, share: float, dice: Random) -> Iterator[ScoredComment]:
    """Yield the comments of one second of event time, the viewers in turn."""
    viewers, streams = round(VIEWERS * share), round(STREAMS * share)
    comments_per_second = round(COMMENTS_PER_SECOND * share)
    for position in range(comments_per_second):
        number = second * comments_per_second + position
        at_ms = START_MS + number * 1_000 // comments_per_second
        viewer = number * 7_919 % viewers
        stream = viewer % streams
        yield ScoredComment(
            id=f"bench-{number:032d}",
            platform="bench",
            channel=f"channel-{stream}",
            stream=f"stream-{stream}",
            occurred_at_ms=at_ms,
            ingested_at_ms=at_ms,
            viewer=f"{viewer * 0x9E3779B97F4A7C15 % 2**64:016x}",
            text="",
            text_key=dice.getrandbits(64),
            market=f"{'ABCDEFGHIJKLMNOPQRST'[viewer // streams % MARKETS]}X",
            market_source="declared",
            language="en",
            sentiment=dice.choice(MOODS),
            signals=dice.choice(SIGNALS),
            topics=dice.choice(TOPICS),
            scorer="model",
            versions=Versions("1", "m", "p"),
            place=Place("comments", 0, number),
        )


class Partition:
    """One partition's fold, and what its snapshots cost."""

    def __init__(self, number: int) -> None:
        self._fold = PartitionFold(FoldSettings())
        self._writer = SnapshotWriter(number, topic_id="events", writer="bench")
        self.costs: list[tuple[int, float, str]] = []  # Bytes, seconds, kind.

    def apply(self, event: LogEvent) -> None:
        """Fold the next event."""
        self._fold.apply(self._fold.offset, event)

    def publish(self) -> None:
        """Do what the hop does twice a second."""
        self._fold.advance()
        self._fold.take_changed()

    def save(self) -> None:
        """Make a snapshot, and note what it cost."""
        began = perf_counter()
        made = self._writer.make(self._fold)
        seconds = perf_counter() - began
        size = made.size_bytes
        self.costs.append((size, seconds, made.kind))


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    keep_together()  # As a worker does.
    before = memory_mib()
    partitions = [Partition(number) for number in range(PARTITIONS)]
    dice = Random(1)
    fold_seconds = 0.0
    for second in range(SECONDS):
        comments = list(second_of_chat(second, options.share, dice))
        began = perf_counter()
        for comment in comments:
            partitions[int(comment.stream.removeprefix("stream-")) % PARTITIONS].apply(comment)
        for partition in partitions:
            for topic in ("comments", "purchases", "stage"):
                position_ms = START_MS + (second + 1) * 1_000
                partition.apply(
                    Tick(topic=topic, partition=0, partitions=1, offset=0, position_ms=position_ms)
                )
            partition.publish()
        fold_seconds += perf_counter() - began
        if second % SNAPSHOT_SECONDS == SNAPSHOT_SECONDS - 1:
            for partition in partitions:
                partition.save()
    # The last five minutes: by then as much is forgotten as is learned, but for viewers.
    costs = [cost for partition in partitions for cost in partition.costs[-60:]]
    whole = [(size, took) for size, took, kind in costs if kind == "whole"]
    found = {
        "share": options.share,
        "comments": round(options.share * COMMENTS_PER_SECOND) * SECONDS,
        "fold_seconds": round(fold_seconds, 1),
        "memory_mib": round(memory_mib(), 1),
        "memory_before_mib": round(before, 1),
        "memory_peak_mib": round(memory_mib("VmHWM"), 1),
        "snapshots": len(costs),
        "snapshots_whole": len(whole),
        "whole_mean_bytes": sum(size for size, _ in whole) // max(1, len(whole)),
        "snapshot_mean_bytes": sum(size for size, *_ in costs) // len(costs),
        "snapshot_largest_bytes": max(size for size, *_ in costs),
        "snapshot_mean_seconds": round(sum(took for _, took, _ in costs) / len(costs), 4),
        "snapshot_longest_seconds": round(max(took for _, took, _ in costs), 4),
    }
    print(json.dumps(found) if options.json else "\n".join(f"{k:28}{v}" for k, v in found.items()))


def memory_mib(field: str = "VmRSS") -> float:
    """Return the memory that this process holds, or (`VmHWM`) at most held."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


if __name__ == "__main__":
    main()
