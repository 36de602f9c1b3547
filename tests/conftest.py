"""Fixtures and rules for every test: real servers, real data, and when it is fair to skip."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.kafka import KafkaBroker, default_jars, missing_kafka
from support.servers import skip_or_fail

PROJECT = Path(__file__).parents[1]

# The same examples on every run: a red build must be red for whoever looks at it.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A real Kafka for the whole run. Give each test topics of its own (`topic_prefix`)."""
    jars = default_jars()
    if reason := missing_kafka(jars):
        skip_or_fail(reason)
    with KafkaBroker.running(jars, tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def own_kafka_broker(tmp_path: Path) -> Iterator[KafkaBroker]:
    """A real Kafka for one test that kills, pauses or restarts it."""
    jars = default_jars()
    if reason := missing_kafka(jars):
        skip_or_fail(reason)
    with KafkaBroker.running(jars, tmp_path / "kafka") as broker:
        yield broker


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Real recordings. They are not ours to pass on, so they are not in the repository."""
    path = Path(os.environ.get("RESONANCE_DATA", PROJECT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no real data: RESONANCE_DATA names no folder ({path})")
    return path


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep a developer's own settings and keys out of the tests."""
    for name in list(os.environ):
        if name.startswith("RESONANCE_") and name not in {"RESONANCE_DATA", "RESONANCE_KAFKA_LIBS"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
