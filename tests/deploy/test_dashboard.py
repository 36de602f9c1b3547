"""Every query of every dashboard answers, on a real Prometheus that holds the demo's stream.

The product runs as deployed: the scrape configuration is the committed one, with this machine's
ports in place of the containers' names.
"""

import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from resonance.agents.board.service import Board
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.broker.topology import assumed_topology
from resonance.agents.demo import scenario
from resonance.agents.demo.player import Player
from resonance.agents.demo.recording import as_recording
from resonance.agents.metrics import WorkerMetrics
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from resonance.streams.events import RawEvent, Stage
from resonance.streams.fold.sums import STAGE_ACTIONS
from support.board_feed import unused_port
from support.dashboards import RANGE_SECONDS, STEP_SECONDS, all_panels, annotations, queries
from support.promql import Prometheus, prometheus_with
from support.servers import real_servers_required

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARDS = ("resonance-post-mortem", "resonance-pipeline")
PLAYED_MS = 115_000  # Of the demo's two minutes: its trouble and both bursts lie behind it.


def read(uid: str) -> dict[str, Any]:
    return json.loads((DEPLOY / f"grafana/dashboards/{uid}.json").read_text("utf-8"))


@pytest.fixture
def dashboard() -> dict[str, Any]:
    return read("resonance-live")


async def test_every_query_of_the_dashboard_has_data(tmp_path, dashboard):
    real_servers_required("prometheus")
    async with the_demo_in_prometheus(tmp_path) as prometheus:
        chosen = await newest_stream(prometheus, dashboard)
        assert chosen == scenario.STREAM
        await every_query_has_data(prometheus, dashboard, chosen)
        for uid in DASHBOARDS:
            await every_query_has_data(prometheus, read(uid), chosen)
        await it_sees_the_trouble_of_one_market(prometheus, dashboard, chosen)
        await it_sees_what_was_masked(prometheus, dashboard, chosen)
        await it_marks_what_happened_on_stage(prometheus, dashboard, chosen)


async def every_query_has_data(
    prometheus: Prometheus, dashboard: dict[str, Any], stream: str
) -> None:
    asked = queries(dashboard, stream=stream)
    with_data = {name: await prometheus.has_data(query) for name, query in asked}
    marked = await asked_for_marks(prometheus, dashboard, stream)
    with_data |= {f"annotation {name}": bool(found) for name, found in marked.items()}
    # Nothing fires here: that its query is asked at all shows that it can be read.
    with_data.pop("annotation Alerts", None)
    assert [name for name, found in with_data.items() if not found] == []
    assert len(asked) >= len(list(all_panels(dashboard)))


async def asked_for_marks(
    prometheus: Prometheus, dashboard: dict[str, Any], stream: str
) -> dict[str, list[dict[str, Any]]]:
    """Return the series of each annotation, over the range that the dashboard shows."""
    now = time.time()
    return {
        name: await prometheus.ask_range(query, now - RANGE_SECONDS, now, STEP_SECONDS)
        for name, query in annotations(dashboard, stream=stream).items()
    }


async def it_marks_what_happened_on_stage(
    prometheus: Prometheus, dashboard: dict[str, Any], stream: str
) -> None:
    """Each event once, whatever Prometheus saw at one scrape."""
    told = Counter(
        event.action
        for event in as_recording(scenario.events(0))
        if isinstance(event, Stage) and event.occurred_at_ms < PLAYED_MS
    )
    expected = {action: told[action] for action in STAGE_ACTIONS if told[action]}
    counted = f"sum(resonance_stage_events_total offset {STEP_SECONDS}s)"
    await prometheus.until_data(f"{counted} == {sum(expected.values())}")
    marked = await asked_for_marks(prometheus, dashboard, stream)
    assert {
        series["metric"]["action"]: sum(int(value) for _, value in series["values"])
        for series in marked["Stage events"]
    } == expected
    assert "giveaway_started" in expected
    assert "viewers" not in expected


async def it_sees_the_trouble_of_one_market(
    prometheus: Prometheus, dashboard: dict[str, Any], stream: str
) -> None:
    """The market whose buyers complain in the script is the reddest line."""
    asked = dict(queries(dashboard, stream=stream))
    shares = await prometheus.ask(asked["Negative share by market"])
    reddest = max(shares, key=lambda series: float(series["value"][1]))
    assert reddest["metric"]["market"] == "DE"


async def it_sees_what_was_masked(
    prometheus: Prometheus, dashboard: dict[str, Any], stream: str
) -> None:
    asked = dict(queries(dashboard, stream=stream))
    found = await prometheus.ask(asked["Masked comments by reason"])
    rates = {series["metric"]["reason"]: float(series["value"][1]) for series in found}
    assert rates["giveaway"] > 0
    assert rates["duplicate"] > 0


async def test_a_metric_that_nobody_exports_is_found_out(tmp_path):
    real_servers_required("prometheus")
    config = tmp_path / "prometheus.yml"
    config.write_text("scrape_configs: []")
    async with prometheus_with(config) as prometheus:
        await prometheus.until_data("vector(1)")
        assert not await prometheus.has_data("resonance_no_such_metric")
        assert not await prometheus.has_data("vector(0) / 0")
        with pytest.raises(ValueError, match="parse error"):
            await prometheus.has_data("sum(")


@asynccontextmanager
async def the_demo_in_prometheus(folder: Path) -> AsyncIterator[Prometheus]:
    """Run workers and board on the demo's stream, and wait until Prometheus has its rates."""
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker())
        settings = broker.settings(Settings(board_port=0, publish_interval_seconds=0.2))
        board = Board(settings)
        await board.start()
        stack.push_async_callback(board.stop)
        metrics, worker_port = WorkerMetrics(), unused_port()
        stack.enter_context(metrics.served("127.0.0.1", worker_port))
        await stack.enter_async_context(
            running_workers(settings, viewer_key=bytes(32), metrics=metrics)
        )
        port = unused_port()
        worker = f"127.0.0.1:{worker_port}"
        targets = {
            "board": board.url.removeprefix("http://"),
            "scoring": worker,
            "engagement": worker,
            "prometheus": f"127.0.0.1:{port}",
        }
        config = folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(deployed_config(targets)))
        prometheus = await stack.enter_async_context(prometheus_with(config, port))
        await prometheus.until_data("up == 1")
        async with Player(settings, assumed_topology(settings)) as player:
            await player.send(so_far(time.time_ns() // 1_000_000))
        await prometheus.until_data("sum(rate(resonance_comments_total[30s])) > 0")
        await prometheus.until_data("sum(rate(resonance_purchases_total[30s])) > 0")
        # A range ends at a whole step: what came since is not in it yet.
        await prometheus.until_data(f"resonance_stage_events_total offset {STEP_SECONDS}s > 0")
        yield prometheus


def so_far(now_ms: int) -> list[RawEvent]:
    """Return what the stream came to until now, as a recording that still goes on holds it.

    Sent at once: live, events must come when they happen to be in order.
    """
    everything = as_recording(scenario.events(now_ms - PLAYED_MS))
    return [event for event in everything if event.occurred_at_ms <= now_ms]


def deployed_config(targets: dict[str, str]) -> dict[str, Any]:
    """Return the committed configuration, each second and with these targets by job."""
    config = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
    config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s"}
    del config["alerting"]
    kept = [job for job in config["scrape_configs"] if job["job_name"] in targets]
    for job in kept:
        job.pop("dns_sd_configs", None)
        job["static_configs"] = [{"targets": [targets[job["job_name"]]]}]
    return {**config, "scrape_configs": kept}


async def newest_stream(prometheus: Prometheus, dashboard: dict[str, Any]) -> str:
    """Return what the variable `stream` offers first, found as Grafana finds it."""
    variable = next(v for v in dashboard["templating"]["list"] if v["name"] == "stream")
    expression = re.fullmatch(r"query_result\((.+)\)", variable["query"]["query"])
    assert expression
    first, *_ = await prometheus.ask(expression[1])
    labels = ", ".join(f'{name}="{value}"' for name, value in first["metric"].items())
    found = re.search(variable["regex"].strip("/"), f"{{{labels}}} {first['value'][1]}")
    assert found
    return found[1]
