"""A broker that rows may kill, and the field on which rows that share their workers are played."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.field import Field
from faults.matrix import shared_field
from support.kafka import KafkaBroker, default_jars, missing_kafka
from support.servers import skip_or_fail


@pytest.fixture(scope="module")
def mortal_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A real Kafka of the matrix's own: it is killed and paused."""
    jars = default_jars()
    if reason := missing_kafka(jars):
        skip_or_fail(reason)
    with KafkaBroker.running(jars, tmp_path_factory.mktemp("mortal") / "kafka") as broker:
        yield broker


@pytest.fixture(scope="module")
def shared(mortal_broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """One worker of each hop for many rows."""
    folder: Path = tmp_path_factory.mktemp("shared")
    with shared_field(mortal_broker, folder) as field:
        yield field
