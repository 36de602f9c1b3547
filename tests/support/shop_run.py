"""The receiver as its own process, and what it brought into Kafka."""

import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, TopicPartition

from resonance.agents.settings import Settings
from resonance.streams.codec import decode_raw
from resonance.streams.events import Purchase
from support.shop import SECRET

COMMAND: Final = (sys.executable, "-m", "resonance.agents.cli", "import", "webhook")
OPENED: Final = "Receiving orders at "


@dataclass(frozen=True)
class Running:
    """A receiver that runs."""

    process: asyncio.subprocess.Process
    url: str

    async def stopped(self) -> dict[str, Any]:
        """Stop it in order (SIGTERM), and return the counts that it prints at the end."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout
        printed = await self.process.stdout.read()
        assert await self.process.wait() == 0
        counts: dict[str, Any] = json.loads(printed)
        return counts


@asynccontextmanager
async def receiver(broker: str, directory: Path) -> AsyncIterator[Running]:
    """Run `resonance import webhook` on a free port; whatever happens, none is left behind."""
    secret = directory / "shopify.secret"
    secret.write_bytes(SECRET)
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "--port", "0", "--broker", broker, "--channel", "lumi", "--json"),
        env={"RESONANCE_SHOPIFY_SECRET_FILE": str(secret)},
        cwd=directory,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    try:
        said = (await process.stderr.readline()).decode()
        assert said.startswith(OPENED), said
        reading = asyncio.create_task(process.stderr.read())  # Or a full pipe would stop it.
        yield Running(process, said.removeprefix(OPENED).strip())
        reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def received_orders(settings: Settings) -> Counter[str]:
    """Return how often each event id is in `purchases`."""
    consumer = Consumer(
        {"bootstrap.servers": settings.broker, "group.id": "reader", "log_level": 0}
    )
    topic = f"{settings.topic_prefix}purchases"
    found: Counter[str] = Counter()
    try:
        for partition in range(settings.partitions):
            start, end = consumer.get_watermark_offsets(TopicPartition(topic, partition))
            if start < end:
                consumer.assign([TopicPartition(topic, partition, start)])
                while start < end:
                    for record in consumer.consume(1_000, timeout=1.0):
                        event = decode_raw(record.value())
                        assert isinstance(event, Purchase)
                        found[event.id] += 1
                        start = (record.offset() or 0) + 1
    finally:
        consumer.close()
    return found
