"""A stream of the past, in a real Prometheus at the time it happened."""

import json
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import json as msgspec_json

from resonance.agents.demo import scenario
from resonance.agents.demo.recording import as_recording
from resonance.agents.settings import Settings
from resonance.streams.fold.sums import STAGE_ACTIONS
from resonance.streams.windows import BUCKET_MS
from support.board_feed import unused_port
from support.commands import run
from support.dashboards import (
    RANGE_SECONDS,
    STEP_SECONDS,
    all_panels,
    annotations,
    marks,
    queries,
)
from support.promql import Prometheus, prometheus_with
from support.servers import real_servers_required

DASHBOARD = Path(__file__).parents[2] / "deploy/grafana/dashboards/resonance-post-mortem.json"
DAY_SECONDS = 86_400
RETENTION = "--storage.tsdb.retention.time=400d"
KEEPS = ("--retention-days", "400")


def recorded(folder: Path, days_ago: float) -> tuple[Path, list[float]]:
    """Write the demo's stream as recorded so long ago; return it, and when its events were."""
    start_ms = int((time.time() - days_ago * DAY_SECONDS) * 1000)
    events = as_recording(scenario.events(start_ms))
    path = folder / "recording.jsonl"
    path.write_bytes(b"".join(msgspec_json.encode(event) + b"\n" for event in events))
    return path, [event.occurred_at_ms / 1000 for event in events]


def replayed(folder: Path, recording: Path, *options: str) -> subprocess.CompletedProcess[str]:
    key = folder / "viewer.key"
    key.write_bytes(b"k" * 32)
    settings = Settings(viewer_key_file=key)
    return run(settings, "replay", str(recording), *options, wait_seconds=60)


def blocks_in(folder: Path, om: Path) -> int:
    """Make blocks of the file in Prometheus' data folder; return how many samples they hold."""
    data = folder / "data"
    made = subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(om), str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    metas = [json.loads(meta.read_text()) for meta in data.glob("*/meta.json")]
    return sum(meta["stats"]["numSamples"] for meta in metas)


async def every_query_has_data(prometheus: Prometheus, at_seconds: float) -> None:
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    asked = queries(dashboard, stream=scenario.STREAM)
    with_data = {name: await prometheus.has_data(query, at_seconds) for name, query in asked}
    for name, query in annotations(dashboard, stream=scenario.STREAM).items():
        start = at_seconds - RANGE_SECONDS
        found = await prometheus.ask_range(query, start, at_seconds, STEP_SECONDS)
        with_data[f"annotation {name}"] = bool(found)
    assert [name for name, found in with_data.items() if not found] == []
    assert len(asked) >= len(list(all_panels(dashboard)))


async def test_a_stream_of_20_days_ago_answers_the_post_mortem_at_its_time(tmp_path):
    real_servers_required("prometheus", "promtool")
    recording, times = recorded(tmp_path, days_ago=20)
    om = tmp_path / "replay.om"
    done = replayed(tmp_path, recording, "--openmetrics", str(om), "--json", *KEEPS)
    assert done.returncode == 0, done.stderr
    samples = [line for line in om.read_text().splitlines() if not line.startswith("#")]
    assert blocks_in(tmp_path, om) == len(samples)

    config = tmp_path / "prometheus.yml"
    config.write_text("scrape_configs: []")
    async with prometheus_with(config, 0, RETENTION) as prometheus:
        await prometheus.until_data("vector(1)")
        end = max(times) + 1
        await every_query_has_data(prometheus, end)
        assert not await prometheus.has_data("resonance_comments_total")
        assert not await prometheus.has_data("resonance_comments_total", min(times) - 60)
        at = int(min(times))  # Not rounded up: that may be the end of the first bucket.
        first = f"resonance_comments_total @ {at}"
        assert {s["value"][1] for s in await prometheus.ask(first)} == {"0"}
        await it_counts_what_the_replay_counts(prometheus, json.loads(done.stdout), end)
        await it_marks_each_stage_event_once(prometheus, stage_times_ms(recording))


def stage_times_ms(recording: Path) -> dict[str, list[int]]:
    """Return when what happened on stage did, by action."""
    times_ms: dict[str, list[int]] = {}
    for line in recording.read_bytes().splitlines():
        event = json.loads(line)
        if event["kind"] == "stage" and event["action"] in STAGE_ACTIONS:
            times_ms.setdefault(event["action"], []).append(event["occurred_at_ms"])
    return times_ms


async def it_marks_each_stage_event_once(
    prometheus: Prometheus, times_ms: dict[str, list[int]]
) -> None:
    """Grafana's steps are short or long by the range shown: every event is one step's."""
    expected = {action: len(times) for action, times in times_ms.items()}
    assert expected["giveaway_started"] == 1
    assert expected["product_shown"] == 3
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    start = min(times_ms["started"]) / 1000 - 600
    end = max(times_ms["ended"]) / 1000 + 600
    for step in (STEP_SECONDS, 15, 60, 300):
        asked = annotations(dashboard, stream=scenario.STREAM, step_seconds=step)
        found = await prometheus.ask_range(asked["Stage events"], start, end, step)
        by_action = {series["metric"]["action"]: series["values"] for series in found}
        sums = {name: sum(int(n) for _, n in values) for name, values in by_action.items()}
        assert sums == expected, step
        if step < BUCKET_MS / 1000:
            for action, values in by_action.items():
                drawn = marks(values, step)
                buckets = {at_ms // BUCKET_MS for at_ms in times_ms[action]}
                assert len(drawn) == len(buckets), action
                assert all(since == until for since, until in drawn), action


async def it_counts_what_the_replay_counts(
    prometheus: Prometheus,
    report: dict[str, list[dict[str, dict[str, dict[str, int]]]]],
    end: float,
) -> None:
    (stream,) = report["streams"]
    asked = 'sum by (market) (resonance_viewer_comments_total{replay="backfill"})'
    found = {
        series["metric"]["market"]: float(series["value"][1])
        for series in await prometheus.ask(asked, end + 10)
    }
    for market, total in stream["markets"].items():
        assert 0 < found[market] <= total["comments"]


@asynccontextmanager
async def receiving_prometheus(folder: Path, window: str) -> AsyncIterator[Prometheus]:
    """Run one that already has a present: an empty one would take any first time for its own."""
    port = unused_port()
    config = folder / "prometheus.yml"
    config.write_text(
        f"global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n"
        f"storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n"
        "scrape_configs: [{job_name: itself, static_configs: "
        f"[{{targets: ['127.0.0.1:{port}']}}]}}]\n"
    )
    receiver = "--web.enable-remote-write-receiver"
    async with prometheus_with(config, port, RETENTION, receiver) as prometheus:
        await prometheus.until_data("up == 1")
        yield prometheus


async def test_remote_write_takes_the_same_stream_at_once(tmp_path):
    real_servers_required("prometheus")
    recording, times = recorded(tmp_path, days_ago=20)
    async with receiving_prometheus(tmp_path, window="30d") as prometheus:
        url = f"{prometheus.address}/api/v1/write"
        done = replayed(tmp_path, recording, "--remote-write", url, *KEEPS)
        assert done.returncode == 0, done.stderr
        await every_query_has_data(prometheus, max(times) + 1)


async def test_a_prometheus_that_takes_no_old_samples_is_asked_once(tmp_path):
    real_servers_required("prometheus")
    recording, _ = recorded(tmp_path, days_ago=20)
    async with receiving_prometheus(tmp_path, window="1d") as prometheus:
        url = f"{prometheus.address}/api/v1/write"
        done = replayed(tmp_path, recording, "--remote-write", url, *KEEPS)
        assert done.returncode == 2
        assert "refuses with" in done.stderr
        assert "out_of_order_time_window" in done.stderr


@pytest.mark.parametrize(
    ("days_ago", "options", "said"),
    [
        (20, (), "--retention-days"),
        (0.01, KEEPS, "use --remote-write"),
        (-1, KEEPS, "not between 2010 and now"),
        (7_000, KEEPS, "not between 2010 and now"),
    ],
    ids=["beyond retention", "within the head", "in the future", "seconds for milliseconds"],
)
def test_what_would_lose_samples_is_refused_and_writes_nothing(tmp_path, days_ago, options, said):
    recording, _ = recorded(tmp_path, days_ago)
    om = tmp_path / "replay.om"
    done = replayed(tmp_path, recording, "--openmetrics", str(om), *options)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert not om.exists()
