"""Ten thousand webhook orders while the broker is killed for twenty seconds: what came of them.

Not speed alone: it exits with 1 unless every good order is in Kafka and every bad one was refused.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from resonance.agents.broker import provisioning
from resonance.agents.settings import Settings

BENCH: Final = Path(__file__).parent
# The tests' shop and broker are the benchmarks'.
sys.path.insert(0, str(BENCH.parent / "tests"))
from support.kafka import KafkaBroker, default_jars, missing_kafka  # noqa: E402
from support.shop import Storm, event_id  # noqa: E402
from support.shop_run import received_orders, receiver  # noqa: E402


def main() -> int:
    """Run it; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--away-seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    if reason := missing_kafka(jars := default_jars()):
        print(f"cannot run: {reason}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name, KafkaBroker.running(jars, Path(name)) as broker:
        return asyncio.run(measured(broker, Path(name), arguments.orders, arguments.away_seconds))


async def measured(broker: KafkaBroker, directory: Path, orders: int, away_seconds: float) -> int:
    """Send the orders, kill the broker after a third of them, and tell what came of it."""
    settings = Settings(broker=broker.address)
    provisioning.provision(settings)
    storm = Storm.of(orders)
    async with receiver(broker.address, directory) as running:
        begun = time.monotonic()
        sending = asyncio.create_task(storm.send(running.url))
        await storm.answered(orders // 3)
        before_seconds = time.monotonic() - begun
        broker.kill()
        await asyncio.sleep(away_seconds)
        await asyncio.to_thread(broker.start)
        back = time.monotonic()
        await sending
        after_seconds = time.monotonic() - back
        counts = await running.stopped()
    received = await asyncio.to_thread(received_orders, settings)
    lost = {event_id(number) for number in storm.good} - set(received)
    made_up = set(received) - {event_id(number) for number in storm.good}
    print(f"{orders} orders, {len(storm.deliveries)} deliveries, {len(storm.bad)} badly signed")
    print(f"the first {orders // 3} were answered in {before_seconds:.1f} s")
    print(f"the last one {after_seconds:.1f} s after the broker was back")
    print(f"answers: {dict(sorted(storm.answers.items()))}")
    print(f"good orders: {len(storm.good)}, received: {len(received)}, lost: {len(lost)}")
    print(f"received of bad ones: {len(made_up)}")
    print(f"records that their ids drop: {received.total() - len(received)}")
    print(f"counts: {counts}")
    refused_all = all(storm.last_answers[number] == {401} for number in storm.bad)
    return int(bool(lost or made_up or not refused_all))


if __name__ == "__main__":
    sys.exit(main())
