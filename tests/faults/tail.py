"""What a reader of `windows` sees, as it comes: the newest row of every key, and when it came."""

import threading
import time

from confluent_kafka import Consumer, TopicPartition

from resonance.agents.settings import Settings
from resonance.streams.windows import UPTO_HEADER


class WindowsTail(threading.Thread):
    """Reads `windows` from its beginning until it is stopped; per key the highest `upto` stays."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self.rows: dict[str, tuple[int, bytes]] = {}
        self.records = 0
        self.arrivals: list[float] = []  # Monotonic seconds at which polls brought something.
        self._settings = settings
        self._over = threading.Event()

    def run(self) -> None:
        """Read on and on, also past an outage of the broker."""
        consumer = Consumer(
            {
                "bootstrap.servers": self._settings.broker,
                "group.id": "none",
                "enable.auto.commit": False,
                "reconnect.backoff.max.ms": 1_000,
                "log_level": 0,
            }
        )
        name = f"{self._settings.topic_prefix}windows"
        consumer.assign([TopicPartition(name, p, 0) for p in range(self._settings.partitions)])
        try:
            while not self._over.is_set():
                messages = [m for m in consumer.consume(5_000, timeout=0.2) if m.error() is None]
                for message in messages:
                    self._take(message)
                if messages:
                    self.arrivals.append(time.monotonic())
        finally:
            consumer.close()

    def _take(self, message: object) -> None:
        key = (message.key() or b"").decode()
        upto = int(dict(message.headers() or [])[UPTO_HEADER])
        self.records += 1
        if upto >= self.rows.get(key, (-1, b""))[0]:
            self.rows[key] = (upto, message.value() or b"")

    def stop(self) -> None:
        """Read no more."""
        self._over.set()
        self.join()

    def news_after(self, moment: float) -> float | None:
        """Return how many seconds after `moment` (monotonic) the next rows came; None: not yet."""
        later = [arrival for arrival in self.arrivals if arrival > moment]
        return later[0] - moment if later else None
