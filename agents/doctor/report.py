"""All checks together, and the answers as lines for a person."""

import asyncio
import time
from collections.abc import Sequence

from resonance.agents.broker.provisioning import check
from resonance.agents.broker.reading import topic_reader
from resonance.agents.doctor.broker import (
    clock_findings,
    config_findings,
    lag_findings,
    topology_findings,
)
from resonance.agents.doctor.conservation import (
    HOUR_MS,
    Balance,
    OnRecords,
    engagement_balances,
    scoring_balances,
)
from resonance.agents.doctor.finding import Finding, skipped
from resonance.agents.doctor.local import key_finding, model_finding
from resonance.agents.doctor.monitoring import alertmanager_findings, prometheus_findings
from resonance.agents.settings import Settings

MARKS = {"ok": "ok", "warning": "WARN", "fault": "BAD", "unreachable": "GONE", "skipped": "-"}


async def examine(
    settings: Settings, *, prometheus: str, alertmanager: str, max_lag: int
) -> list[Finding]:
    """Return what every check found; none stops another."""
    topology, findings = await asyncio.to_thread(topology_findings, settings)
    if topology is None:
        findings += [skipped(name, "needs the broker and its topics") for name in ("lag", "clocks")]
    else:
        findings += await asyncio.to_thread(config_findings, settings)
        findings += await asyncio.to_thread(lag_findings, settings, topology, max_lag)
        async with topic_reader(settings, "operator") as reader:
            findings += await clock_findings(reader, topology)
    findings.append(key_finding(settings))
    findings.append(await asyncio.to_thread(model_finding, settings))
    if prometheus:
        findings += await prometheus_findings(prometheus.rstrip("/"))
    else:
        findings.append(skipped("prometheus", "not asked: --prometheus URL"))
    if alertmanager:
        findings += await alertmanager_findings(alertmanager.rstrip("/"))
    else:
        findings.append(skipped("alertmanager", "not asked: --alertmanager URL"))
    return findings


async def weigh(settings: Settings, hours: float, heard: OnRecords) -> list[Balance]:
    """Return the balance of every partition of both hops.

    Raises `ServiceUnreachable` when the broker, a topic or a usable state is not there.
    """
    topology = await asyncio.to_thread(check, settings, "operator")
    since_ms = max(0, int(time.time() * 1000 - hours * HOUR_MS))
    async with topic_reader(settings, "operator") as reader:
        scoring = await scoring_balances(settings, topology, reader, since_ms, heard)
        return scoring + await engagement_balances(settings, topology)


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each finding, and beneath what is wrong, its remedy."""
    width = max(len(finding.check) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.verdict]:4}  {finding.check:{width}}  {finding.found}")
        if finding.remedy:
            lines.append(f"{'':{width + 8}}-> {finding.remedy}")
    return lines


def balance_lines(balances: Sequence[Balance]) -> list[str]:
    """Return a line for each balance: in = … + …, and what is missing."""
    lines = []
    for one in balances:
        accounted = " + ".join(f"{count} {kind}" for kind, count in one.accounted.items())
        sums = f"{one.records_in} in = {accounted}"
        lines.append(
            f"{one.hop:10}  {one.source}  [{one.first}, {one.end})  {sums}"
            f"  difference {one.difference}"
        )
        if one.missing:
            lines.append(f"{'':12}missing: {', '.join(map(str, one.missing))}")
        if one.note:
            lines.append(f"{'':12}{one.note}")
    return lines
