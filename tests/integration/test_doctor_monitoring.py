"""What the doctor asks of a real Prometheus and a real Alertmanager."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from resonance.agents.doctor.monitoring import alertmanager_findings, prometheus_findings
from resonance.agents.metrics import WorkerMetrics
from support.board_feed import unused_port
from support.prometheus import prometheus, until_value
from support.servers import real_servers_required

NOBODY = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
PAGER = (
    "route: {receiver: pager}\n"
    "receivers: [{name: pager, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}]\n"
)


@asynccontextmanager
async def alertmanager(directory: Path, config: str) -> AsyncIterator[str]:
    """Yield the address of an Alertmanager with this configuration."""
    (directory / "alertmanager.yml").write_text(config)
    port = unused_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus-alertmanager",
        f"--config.file={directory / 'alertmanager.yml'}",
        f"--storage.path={directory / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60), ClientSession() as session:
            ready = False
            while not ready:
                with suppress(ClientError):
                    async with session.get(f"{address}/-/ready") as answer:
                        ready = answer.status == 200
                await asyncio.sleep(0.2)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def test_a_prometheus_that_scrapes_a_worker_and_has_no_rules_is_told_what_it_lacks(
    tmp_path: Path,
) -> None:
    real_servers_required("prometheus")
    port = unused_port()
    with WorkerMetrics().served("127.0.0.1", port):
        async with prometheus(tmp_path, f"127.0.0.1:{port}") as address:
            await until_value(address, "resonance_build_info", 1)
            findings = {one.check: one for one in await prometheus_findings(address)}
    assert {check: one.verdict for check, one in findings.items()} == {
        "prometheus": "warning",  # There is no board, and so no watermark.
        "rules": "warning",
        "alerts": "warning",
    }
    assert "resonance_watermark_timestamp_seconds" in findings["prometheus"].found
    assert "resonance_build_info" not in findings["prometheus"].found
    assert "rule_files" in findings["rules"].remedy


@pytest.mark.parametrize(("config", "verdict"), [(NOBODY, "warning"), (PAGER, "ok")])
async def test_an_alertmanager_is_well_when_something_is_sent_to_somebody(
    config: str, verdict: str, tmp_path: Path
) -> None:
    real_servers_required("prometheus-alertmanager")
    async with alertmanager(tmp_path, config) as address:
        (finding,) = await alertmanager_findings(address)
    assert (finding.check, finding.verdict) == ("alertmanager", verdict)


async def test_what_answers_as_something_else_is_unreachable(tmp_path: Path) -> None:
    port = unused_port()
    with WorkerMetrics().served("127.0.0.1", port):
        (finding,) = await prometheus_findings(f"http://127.0.0.1:{port}")
    assert finding.verdict == "unreachable"
