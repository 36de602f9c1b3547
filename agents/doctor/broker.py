"""The broker: whether it answers, has our topics, and how far behind the workers are."""

import time
from collections.abc import Iterator
from typing import Final

from kafka import KafkaAdminClient
from kafka import TopicPartition as AdminPartition
from kafka.admin import OffsetSpec

from resonance.agents.broker.provisioning import admin_client, check
from resonance.agents.broker.reading import TopicReader
from resonance.agents.broker.topic_config import config_problems
from resonance.agents.broker.topology import Topology
from resonance.agents.doctor.finding import Finding, fine
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.codec import decode_log
from resonance.streams.events import Tick

# Group -> what it reads. The names are those of the hops (contracts.md).
GROUPS: Final = {"scoring": topics.SOURCES, "engagement": (topics.EVENTS,)}
SKEW_MS: Final = 1_000  # Beyond, lateness and freshness alerts say something else than is true.
TICKS_LOOKED_AT: Final = 200


def topology_findings(settings: Settings) -> tuple[Topology | None, list[Finding]]:
    """Return the topology if it is usable, and whether broker and topics are as they should be."""
    try:
        topology = check(settings, "operator")
    except UsageError as error:
        faults = [
            Finding(check="topics", verdict="fault", found=line, remedy="As the line says")
            for line in str(error).splitlines()
        ]
        return None, [fine("broker", f"{settings.broker} answers"), *faults]
    except ServiceUnreachable as error:
        found, _, remedy = str(error).partition(". ")
        return None, [
            Finding(check="broker", verdict="unreachable", found=found, remedy=remedy or "Start it")
        ]
    return topology, [
        fine("broker", f"{settings.broker} answers"),
        fine("topics", f"all {len(topology.partitions)}, with the partitions and clean-up needed"),
    ]


def config_findings(settings: Settings) -> list[Finding]:
    """Return where topics are kept for another time, or otherwise, than the settings ask for."""
    problems = config_problems(settings)
    return [
        Finding(
            check="retention",
            verdict="warning",
            found=f"{problem.topic}: {problem.found}, expected {problem.expected}",
            remedy=problem.remedy,
        )
        for problem in problems
    ] or [fine("retention", "as the settings say")]


def lag_findings(settings: Settings, topology: Topology, max_lag: int) -> list[Finding]:
    """Return for each group whether somebody is in it, and how many records wait for it."""
    with admin_client(settings) as admin:
        return [
            finding
            for role in GROUPS
            for finding in _group_findings(admin, settings, topology, role, max_lag)
        ]


def _group_findings(
    admin: KafkaAdminClient, settings: Settings, topology: Topology, role: str, max_lag: int
) -> Iterator[Finding]:
    group = f"{settings.topic_prefix}resonance-{role}"
    start = f"Start one: `resonance worker {role}`"
    members = len(admin.describe_groups([group])[group].get("members") or [])
    if members:
        yield fine(f"{role} workers", f"{members} in the group {group}")
    else:
        found = f"nobody is in the group {group}"
        yield Finding(check=f"{role} workers", verdict="warning", found=found, remedy=start)
    lag = sum(
        end - max(first, done)
        for first, done, end in group_offsets(admin, topology, group, role).values()
    )
    if lag <= max_lag:
        yield fine(f"{role} lag", f"{lag} records wait")
        return
    yield Finding(
        check=f"{role} lag",
        verdict="warning",
        found=f"{lag} records wait, more than {max_lag}",
        remedy=f"{start}, beside those that run; if it does not fall, look at their logs",
    )


def group_offsets(
    admin: KafkaAdminClient, topology: Topology, group: str, role: str
) -> dict[AdminPartition, tuple[int, int, int]]:
    """Return by partition: the first offset there still is, the committed one (-1), the end."""
    partitions = [
        AdminPartition(topology.name(spec), number)
        for spec in GROUPS[role]
        for number in range(topology.partition_count(spec))
    ]
    done = admin.list_group_offsets({group: None}).get(group, {})  # Before the ends: never beyond.
    first = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
    end = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
    return {
        one: (first[one].offset, done[one].offset if one in done else -1, end[one].offset)
        for one in partitions
    }


async def clock_findings(reader: TopicReader, topology: Topology) -> list[Finding]:
    """Return whether our clock and the scorers' agree with the broker's, by the latest ticks."""
    now_ms = int(time.time() * 1000)
    ticks = await _latest_ticks(reader, topology)
    if not ticks:
        return [
            Finding(
                check="clocks",
                verdict="warning",
                found="no worker has written a tick that could be compared",
                remedy="Start one: `resonance worker scoring`",
            )
        ]
    ahead_ms = max(appended for appended, _ in ticks) - now_ms
    # A tick is made at most a moment before it is appended; one from the future tells a clock.
    scorer_ahead_ms = max(tick.position_ms - appended for appended, tick in ticks)
    findings = []
    for who, by_ms in (
        ("this machine's clock is behind the broker's", ahead_ms),
        ("a scorer's clock is ahead of the broker's", scorer_ahead_ms),
    ):
        if by_ms > SKEW_MS:
            found = f"{who} by {by_ms / 1000:.1f} s"
            remedy = "Set the clocks by NTP (`timedatectl set-ntp true`)"
            findings.append(Finding(check="clocks", verdict="fault", found=found, remedy=remedy))
    return findings or [fine("clocks", f"within {SKEW_MS / 1000:g} s of the broker's")]


async def _latest_ticks(reader: TopicReader, topology: Topology) -> list[tuple[int, Tick]]:
    """Return the last ticks of `events`, and when each was appended."""
    source = topology.partitions_of(topics.EVENTS)[0]  # Ticks go to every partition.
    first, end = (await reader.bounds([source]))[source]
    found: list[tuple[int, Tick]] = []
    async for records in reader.read(source, max(first, end - TICKS_LOOKED_AT), end):
        for record in records:
            tick = decode_log(record.value)
            if isinstance(tick, Tick):
                found.append((int(record.timestamp), tick))
    return found
