"""Lively logs of the fold, from dice: what each source partition holds, and how they interleave."""

import random
from collections.abc import Callable, Sequence
from typing import Final

from resonance.streams.events import LogEvent, Tick
from support.log_events import MOODS, Build, hash_of, renumbered

PARTITIONS: Final = 3


def chat(dice: random.Random, build: Build, *, count: int = 60) -> list[LogEvent]:
    """A lively stream: a few viewers, orders, a giveaway, copies, some of it late."""
    events: list[LogEvent] = [
        build.stage("giveaway_started", 200),
        build.stage("giveaway_ended", 320),
        build.stage("product_shown", 100, product="serum"),
        build.stage("product_removed", 400),
    ]
    if dice.random() < 0.3:
        events.clear()  # A recording of nothing but comments and orders.
    for number in range(count):
        late_s = dice.choice((0, 0, 0, 0, 1, 2.5, 3, 30, 599, 700))
        viewer = f"{hash_of(str(dice.randrange(8))):016x}"
        at_s = dice.randrange(0, 1_500_000) / 1000
        if dice.random() < 0.2:
            market = dice.choice((None, "DE", "FR"))
            events.append(
                build.purchase(f"p{number}", at_s, late_s=late_s, viewer=viewer, market=market)
            )
            continue
        events.append(
            build.comment(
                f"c{number}",
                at_s,
                late_s=late_s,
                # Keyed by viewer: each viewer's comments are on one partition.
                partition=int(viewer, 16) % PARTITIONS,
                viewer=viewer,
                text_key=dice.randrange(3),
                market=dice.choice(("US", "DE", "unknown")),
                market_source=dice.choice(("declared", "language", "unknown")),
                sentiment=MOODS[dice.choice(tuple(MOODS))],
                signals=dice.choice(((), ("question",), ("complaint",))),
                topics=dice.choice(((), ("price",))),
                role=dice.choice(("viewer",) * 8 + ("host", "moderator")),
            )
        )
    return events


def interleaved(dice: random.Random, logs: Sequence[Sequence[LogEvent]]) -> list[LogEvent]:
    """Merge the logs at random; each keeps its own order. Sometimes one is read far ahead."""
    merged: list[LogEvent] = []
    left = [list(log) for log in logs if log]
    while left:
        log = dice.choice(left)
        count = dice.choice((1, 1, 3, 1_000))
        merged += log[:count]
        del log[:count]
        left = [each for each in left if each]
    return merged


def source_of(event: LogEvent) -> tuple[str, int]:
    if isinstance(event, Tick):
        return event.topic, event.partition
    return event.place.topic.removesuffix("-id"), event.place.partition


def by_source(events: Sequence[LogEvent]) -> list[list[LogEvent]]:
    sources: dict[tuple[str, int], list[LogEvent]] = {}
    for event in events:
        sources.setdefault(source_of(event), []).append(event)
    return list(sources.values())


def file_logs(dice: random.Random, build: Build) -> list[list[LogEvent]]:
    """What each source partition holds of a file: sorted by event time, markers around."""
    events = sorted(chat(dice, build), key=lambda e: (e.occurred_at_ms, e.id))
    counts: dict[str, int] = {"stage": 2}
    sources: dict[str, set[int]] = {"stage": {0}}
    for event in events:
        topic, partition = source_of(event)
        counts[topic] = counts.get(topic, 0) + 1
        sources.setdefault(topic, set()).add(partition)
    if counts["stage"] == len(("started", "ended")):
        del sources["stage"]  # As an import does: nothing there is worth waiting for.
    started = build.stage("started", 0, sources={t: len(p) for t, p in sources.items()})
    ended = build.stage("ended", 1_600, counts=counts)
    return by_source(renumbered([started, *events, ended]))


def live_logs(dice: random.Random, build: Build) -> list[list[LogEvent]]:
    """What each source partition gives live: in the order it came in, with honest ticks."""
    events = [*chat(dice, build), build.stage("started", 0), build.stage("ended", 1_600)]
    events.sort(key=lambda e: (e.ingested_at_ms, e.id))
    logs = {source_of(e): [] for e in events}
    for event in events:
        logs[source_of(event)].append(event)
    ticked: list[list[LogEvent]] = []
    for topic in ("comments", "purchases", "stage"):
        for partition in range(PARTITIONS):
            log = logs.get((topic, partition), [])
            tick = build.tick(topic, partition, 10_000, PARTITIONS)
            with_ticks: list[LogEvent] = []
            for event in log:
                if dice.random() < 0.5:
                    at_s = event.ingested_at_ms / 1000 - 1_700_000_000
                    with_ticks.append(build.tick(topic, partition, at_s, PARTITIONS))
                with_ticks.append(event)
            ticked.append([*renumbered(with_ticks), tick])
    return ticked


logs_of_kinds: Final[dict[str, Callable[[random.Random, Build], list[list[LogEvent]]]]] = {
    "file": file_logs,
    "live": live_logs,
}
