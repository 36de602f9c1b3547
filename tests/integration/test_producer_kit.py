"""The page for those who write producers: its examples run as they are printed, and are counted."""

import os
import re
import subprocess
import sys
from pathlib import Path

from resonance.agents.broker import provisioning
from resonance.agents.broker.topology import key_partition
from resonance.agents.settings import Settings
from resonance.streams.codec import Rejection, decode_raw
from resonance.streams.windows import decode_row
from support.engine import read, wait_until, window_rows
from support.kafka import KafkaBroker
from support.servers import real_servers_required
from support.worker_processes import workers

PAGE = Path(__file__).parents[2] / "docs/producing.md"
STREAM = "mei-2026-11-22"
COMMANDS = {"python": [sys.executable, "-"], "sh": ["bash", "-eu"]}


def example(language: str) -> str:
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    (block,) = fence.findall(PAGE.read_text("utf-8"))
    return block


def test_every_example_of_the_page_is_counted(
    own_kafka_broker: KafkaBroker, tmp_path: Path
) -> None:
    real_servers_required("kcat", "bash")
    # No prefix: the page shows the topics by their own names.
    settings = Settings(broker=own_kafka_broker.address, partitions=8)
    provisioning.provision(settings)
    with workers(settings, tmp_path, ["all"]) as running:
        for language, command in COMMANDS.items():
            done = subprocess.run(
                command,
                input=example(language),
                env=os.environ | {"KAFKA": settings.broker},
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
            )
            assert done.returncode == 0, done.stderr
        assert_keyed_as_java_would(settings)

        def all_counted() -> bool:
            row = window_rows(settings).get(f"{STREAM}|*|total")
            room = decode_row(row) if row else None
            return bool(room and room.comments == 2 and room.purchases == {"paid": 2})

        wait_until(all_counted, f"the examples are counted; the worker said: {running.log()}")
        markets = {key.split("|")[1] for key in window_rows(settings)}
    assert {"DE", "US"} <= markets


def assert_keyed_as_java_would(settings: Settings) -> None:
    for topic in ("comments", "purchases"):
        records = read(settings, topic)
        assert len(records) == 2
        assert {record.key() for record in records} == {b"mei"}
        assert {record.partition() for record in records} == {key_partition(b"mei", 8)}
        assert not [r for r in records if isinstance(decode_raw(r.value()), Rejection)]
