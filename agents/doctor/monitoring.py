"""Prometheus and Alertmanager: whether they see us, hold our rules, and would tell somebody."""

from typing import Any, Final

import aiohttp
import msgspec

from resonance.agents.doctor.finding import Finding, fine

ASK_SECONDS: Final = 5.0
RULE_PREFIX: Final = "Resonance"
SEEN_BY: Final = ("resonance_build_info", "resonance_watermark_timestamp_seconds")


class _SilentError(Exception):
    """A server did not answer, or not as Prometheus and Alertmanager do."""


async def prometheus_findings(url: str) -> list[Finding]:
    """Return whether Prometheus scrapes workers and board, has our rules, and an Alertmanager."""
    async with _session() as session:
        try:
            seen = {name: await _series(session, url, name) for name in SEEN_BY}
            groups = (await _get(session, f"{url}/api/v1/rules?type=alert"))["data"]["groups"]
            managers = (await _get(session, f"{url}/api/v1/alertmanagers"))["data"]
        except _SilentError as error:
            return [_unreachable("prometheus", url, error)]
    names = {rule["name"] for group in groups for rule in group["rules"]}
    ours = sorted(name for name in names if name.startswith(RULE_PREFIX))
    return [
        _scrape(seen),
        _one_of(
            "rules", ours, "alerting rules of ours", "none of our alerting rules is loaded",
            "Name them under `rule_files` (deploy/prometheus) and reload Prometheus",
        ),
        _one_of(
            "alerts", managers["activeAlertmanagers"], "Alertmanager is told",
            "Prometheus tells no Alertmanager of its alerts",
            "Name one under `alerting` (deploy/prometheus/prometheus.yml)",
        ),
    ]  # fmt: skip


async def alertmanager_findings(url: str) -> list[Finding]:
    """Return whether Alertmanager runs, and has a receiver that anything is sent to."""
    async with _session() as session:
        try:
            status = await _get(session, f"{url}/api/v2/status")
            receivers = await _get(session, f"{url}/api/v2/receivers")
        except _SilentError as error:
            return [_unreachable("alertmanager", url, error)]
    names = ", ".join(sorted(one["name"] for one in receivers))
    # Its API shows no more of a receiver than its name; the configuration shows what it sends to.
    if "_configs:" not in status["config"]["original"]:
        return [
            Finding(
                check="alertmanager",
                verdict="warning",
                found=f"its receivers ({names}) send nothing to anybody",
                remedy="Give one a `webhook_configs` or the like (deploy/alertmanager)",
            )
        ]
    return [fine("alertmanager", f"sends to {names}")]


def _scrape(seen: dict[str, int]) -> Finding:
    missing = [name for name, count in seen.items() if not count]
    if not missing:
        return fine("prometheus", f"scrapes us: {seen[SEEN_BY[0]]} workers, and the board")
    return Finding(
        check="prometheus",
        verdict="warning",
        found=f"it has no series {' and none '.join(missing)}",
        remedy="Scrape the workers (`worker_metrics_port`) and the board's /metrics; the board has "
        "a watermark once there is a stream",
    )


def _one_of(check: str, found: list[Any], about: str, none: str, remedy: str) -> Finding:
    if found:
        return fine(check, f"{len(found)} {about}")
    return Finding(check=check, verdict="warning", found=none, remedy=remedy)


def _unreachable(check: str, url: str, error: Exception) -> Finding:
    return Finding(
        check=check,
        verdict="unreachable",
        found=f"{url} does not answer as it should ({error})",
        remedy=f"Start it, or correct --{check}",
    )


async def _series(session: aiohttp.ClientSession, url: str, name: str) -> int:
    answer = await _get(session, f"{url}/api/v1/query?query=count({name})")
    result = answer["data"]["result"]
    return int(float(result[0]["value"][1])) if result else 0


async def _get(session: aiohttp.ClientSession, url: str) -> Any:
    try:
        async with session.get(url) as response:
            response.raise_for_status()
            return msgspec.json.decode(await response.read())
    except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError, ValueError) as error:
        raise _SilentError(type(error).__name__) from error


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_SECONDS))
