"""A container is healthy when its work gets on, not when its process is there."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from resonance.agents.metrics import WorkerMetrics
from support.board_feed import unused_port

SCRIPT = Path(__file__).parents[2] / "deploy/image/healthcheck.py"


@pytest.fixture(scope="module")
def healthcheck() -> ModuleType:
    spec = importlib.util.spec_from_file_location("healthcheck", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def metrics() -> WorkerMetrics:
    return WorkerMetrics()


@pytest.fixture
def check(
    healthcheck: ModuleType, metrics: WorkerMetrics, tmp_path: Path
) -> Iterator[Callable[[], int]]:
    """Check the worker once more; returns the exit status."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}/metrics"
    with metrics.served("127.0.0.1", port):
        yield lambda: healthcheck.main(["progress", url], tmp_path / "last.json")


def a_batch(metrics: WorkerMetrics, hop: str) -> None:
    metrics.event_lag_seconds.labels(hop=hop).observe(0.2)


def waiting(metrics: WorkerMetrics, records: int) -> None:
    metrics.consumer_lag_messages.labels(topic="comments", partition=0).set(records)


def test_a_worker_that_stands_by_is_healthy(check):
    assert [check(), check()] == [0, 0]


def test_a_scorer_without_work_is_healthy(check, metrics):
    a_batch(metrics, "scoring")
    waiting(metrics, 0)
    assert [check(), check()] == [0, 0]


def test_a_scorer_that_is_behind_but_gets_on_is_healthy(check, metrics):
    waiting(metrics, 9_000)
    assert check() == 0
    a_batch(metrics, "scoring")
    assert check() == 0


def test_a_scorer_that_leaves_records_waiting_is_not_healthy(check, metrics, capsys):
    a_batch(metrics, "scoring")
    waiting(metrics, 9_000)
    assert [check(), check()] == [0, 1]
    assert "9000 records wait" in capsys.readouterr().err


def test_engagement_that_counts_no_ticks_any_more_is_not_healthy(check, metrics, capsys):
    a_batch(metrics, "engagement")
    assert [check(), check()] == [0, 1]
    assert "is scoring running?" in capsys.readouterr().err
    a_batch(metrics, "engagement")
    assert check() == 0


def test_what_the_last_check_left_may_be_broken(check, tmp_path):
    (tmp_path / "last.json").write_text("[1")
    assert check() == 0


@pytest.mark.parametrize("kind", ["ready", "progress"])
def test_what_does_not_answer_is_not_healthy(healthcheck, tmp_path, capsys, kind):
    url = f"http://127.0.0.1:{unused_port()}/readyz"
    assert healthcheck.main([kind, url], tmp_path / "last.json") == 1
    assert url in capsys.readouterr().err


def test_it_needs_nothing_but_python():
    imported = set(sys.stdlib_module_names)
    lines = SCRIPT.read_text("utf-8").splitlines()
    names = {
        line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))
    }
    assert names <= imported
