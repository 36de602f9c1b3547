"""`resonance doctor` on a real broker: well when all is well, and what to do when it is not."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from resonance.agents.broker import provisioning
from resonance.agents.cli.main import app
from resonance.agents.settings import Settings
from resonance.agents.worker import running_workers
from support import commands
from support.engine import VIEWER_KEY, expected_rows, is_whole, produce, produce_raw, read, story

COMMANDS = CliRunner()


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, list]]:
    """Return a function that asks the doctor of a cluster, and gives the exit code and the JSON."""
    key = tmp_path / "viewer.key"
    key.write_bytes(VIEWER_KEY)
    key.chmod(0o600)

    def asked(settings: Settings, *arguments: str) -> tuple[int, list]:
        monkeypatch.setenv("RESONANCE_BROKER", settings.broker)
        monkeypatch.setenv("RESONANCE_TOPIC_PREFIX", settings.topic_prefix)
        monkeypatch.setenv("RESONANCE_VIEWER_KEY_FILE", str(key))
        monkeypatch.setenv("RESONANCE_TIER", "rules")
        done = COMMANDS.invoke(app, ["doctor", *arguments, "--json"], catch_exceptions=False)
        return done.exit_code, json.loads(done.stdout)

    return asked


async def worked_off(settings: Settings, comments: int = 200) -> None:
    """Run both hops over a story with some bad records, until all of it is counted and saved."""
    told = story("weighed", comments)
    expected = expected_rows(told)
    bad = [("comments", b"shop-weighed", value) for value in (b"", b"{}", b"not json")]
    produce_raw(settings, bad)
    produce(settings, told)
    async with running_workers(
        settings, viewer_key=VIEWER_KEY, topology=provisioning.check(settings)
    ):
        while not await asyncio.to_thread(is_whole, settings, expected):
            await asyncio.sleep(0.3)


async def test_every_hop_accounts_for_every_record_of_every_partition(
    cluster: Callable[..., Settings], doctor: Callable[..., tuple[int, list]]
) -> None:
    settings = cluster(partitions=2)
    await worked_off(settings)
    code, balances = await asyncio.to_thread(doctor, settings, "--conservation")
    assert code == 0
    assert [one["difference"] for one in balances] == [0] * 8
    scoring = [one for one in balances if one["hop"] == "scoring"]
    assert sum(one["accounted"]["dead"] for one in scoring) == 3
    assert sum(one["records_in"] for one in scoring) == 3 + len(story("weighed", 200))
    folded = [one for one in balances if one["hop"] == "engagement"]
    assert sum(one["accounted"]["counted"] for one in folded) == len(story("weighed", 200))
    assert [one["end"] for one in folded] <= [
        sum(m.partition() == number for m in read(settings, "events")) for number in range(2)
    ]


async def test_a_record_that_the_group_passed_and_nothing_came_of_is_named(
    cluster: Callable[..., Settings], doctor: Callable[..., tuple[int, list]]
) -> None:
    from confluent_kafka import Consumer, TopicPartition  # noqa: PLC0415 # As a hop at fault would.

    settings = cluster(partitions=1)
    await worked_off(settings)
    comments = settings.topic_prefix + "comments"
    end = len(read(settings, "comments"))
    produce(settings, story("lost", 5))
    consumer = Consumer(
        {
            "bootstrap.servers": settings.broker,
            "group.id": f"{settings.topic_prefix}resonance-scoring",
        }
    )
    consumer.commit(offsets=[TopicPartition(comments, 0, end + 5)], asynchronous=False)
    consumer.close()
    code, balances = await asyncio.to_thread(doctor, settings, "--conservation")
    assert code == 1
    (bad,) = (one for one in balances if one["difference"])
    assert (bad["source"], bad["difference"]) == (f"{comments}:0", 5)
    assert bad["missing"] == list(range(end, end + 5))


async def test_a_cluster_at_work_is_well_and_without_workers_is_not(
    cluster: Callable[..., Settings], doctor: Callable[..., tuple[int, list]]
) -> None:
    settings = cluster(partitions=1)
    async with running_workers(
        settings, viewer_key=VIEWER_KEY, topology=provisioning.check(settings)
    ):
        while not await asyncio.to_thread(read, settings, "events"):
            await asyncio.sleep(0.3)
        code, findings = await asyncio.to_thread(doctor, settings)
    assert code == 0, findings
    assert {one["check"]: one["verdict"] for one in findings} == {
        **dict.fromkeys(("broker", "topics", "retention", "clocks", "viewer key", "model"), "ok"),
        **{f"{role} {what}": "ok" for role in ("scoring", "engagement") for what in WHAT},
        "prometheus": "skipped",
        "alertmanager": "skipped",
    }

    code, findings = await asyncio.to_thread(doctor, settings)
    assert code == 1
    assert warned(findings) == {"scoring workers", "engagement workers"}
    assert all("resonance worker" in one["remedy"] for one in findings if "workers" in one["check"])


WHAT = ("workers", "lag")


def warned(findings: list) -> set[str]:
    return {one["check"] for one in findings if one["verdict"] not in {"ok", "skipped"}}


def test_what_is_wrong_has_a_remedy(
    cluster: Callable[..., Settings],
    doctor: Callable[..., tuple[int, list]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    settings = cluster(partitions=1)
    produce(settings, story("waiting", 20))
    (tmp_path / "viewer.key").chmod(0o644)
    monkeypatch.setenv("RESONANCE_RAW_RETENTION_HOURS", "24")
    closed = "http://127.0.0.1:9"
    code, findings = doctor(settings, "--max-lag", "10", "--prometheus", closed)
    assert code == 3
    assert warned(findings) == {
        "retention",
        "scoring workers",
        "engagement workers",
        "scoring lag",
        "clocks",
        "viewer key",
        "prometheus",
    }
    assert all(one["remedy"] for one in findings if one["verdict"] not in {"ok", "skipped"})
    (key,) = (one for one in findings if one["check"] == "viewer key")
    assert "chmod 600" in key["remedy"]
    retention = [one for one in findings if one["check"] == "retention"]
    assert len(retention) == 3
    assert "retention.ms=86400000" in retention[0]["remedy"]


def test_without_a_broker_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    key = tmp_path / "viewer.key"
    key.write_bytes(VIEWER_KEY)
    key.chmod(0o600)
    settings = Settings(broker="127.0.0.1:9", viewer_key_file=key, tier="rules")
    done = commands.run(settings, "doctor", "--json", wait_seconds=120)  # Loads a model.
    assert done.returncode == 3
    verdicts = {one["check"]: one["verdict"] for one in json.loads(done.stdout)}
    assert verdicts["broker"] == "unreachable"
    assert (verdicts["lag"], verdicts["clocks"]) == ("skipped", "skipped")
    assert (verdicts["viewer key"], verdicts["model"]) == ("ok", "ok")
