"""A paced producer: it keeps what it sent and what the broker confirmed, whatever happens."""

import threading
import time
from collections.abc import Iterable
from typing import Final

from confluent_kafka import Producer

from faults.story import LONG_AGO_MS, Draft, Stream, Told, merged, stamped
from resonance.agents.settings import Settings
from resonance.streams.codec import encode_raw

CONFIRM_SECONDS: Final = 180.0


def producer_of(settings: Settings, **more: str | int) -> Producer:
    """Return an idempotent producer that places keys as Java's does, and never gives up early."""
    return Producer(
        {
            "bootstrap.servers": settings.broker,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            # With several under way, the first to a partition just made may be refused, the second
            # be taken, and the first, sent again, be confirmed as one that is there already.
            "max.in.flight.requests.per.connection": 1,
            "linger.ms": 5,
            "message.timeout.ms": 300_000,
            "reconnect.backoff.max.ms": 1_000,
            "queue.buffering.max.messages": 1_000_000,
            "log_level": 0,
        }
        | more
    )


class Feed(threading.Thread):
    """Sends streams side by side, so many events a second; `share` tells how far it is."""

    def __init__(self, settings: Settings, streams: Iterable[Stream], per_second: float) -> None:
        super().__init__(daemon=True)
        self.streams = list(streams)
        self.drafts = list(merged(self.streams))
        self.sent = 0
        self.confirmed = 0
        self.failures: list[str] = []
        self._settings = settings
        self._per_second = per_second
        self._producer = producer_of(settings)
        self._events: dict[str, Told] = {}
        self._halt = threading.Event()

    @property
    def share(self) -> float:
        """Which part of the drafts has been sent."""
        return self.sent / max(1, len(self.drafts))

    def run(self) -> None:
        """Send everything, then wait for the last confirmation."""
        started = time.monotonic()
        for number, (stream, draft) in enumerate(self.drafts):
            ahead_seconds = number / self._per_second - (time.monotonic() - started)
            if ahead_seconds > 0.01:
                time.sleep(ahead_seconds)
            if self._halt.is_set():
                return
            self._send(stream, draft)
            self.sent = number + 1
        left = self._producer.flush(CONFIRM_SECONDS)
        if left:
            self.failures.append(f"{left} events were never confirmed")

    def halt(self) -> None:
        """Send no more."""
        self._halt.set()

    def finish(self) -> None:
        """Wait until all is sent and confirmed; raises when it is not."""
        self.join(CONFIRM_SECONDS + len(self.drafts) / self._per_second)
        if self.is_alive() or self.failures or self.confirmed != len(self.drafts):
            told = "; ".join(self.failures[:3])
            message = f"{self.confirmed} of {len(self.drafts)} events were confirmed. {told}"
            raise RuntimeError(message)

    def _send(self, stream: Stream, draft: Draft) -> None:
        told = self._events.get(draft.event.id) if draft.copy else None
        if told is None:
            now_ms = int(time.time() * 1000) if stream.live else LONG_AGO_MS + draft.at_ms
            told = Told(draft.topic, draft.key, stamped(draft, now_ms))
            self._events[draft.event.id] = told
        stream.told.append(told)
        self._producer.produce(
            self._settings.topic_prefix + told.topic,
            encode_raw(told.event),
            told.key.encode(),
            on_delivery=self._delivered,
        )
        self._producer.poll(0)

    def _delivered(self, error: object, _: object) -> None:
        if error:
            self.failures.append(str(error))
        else:
            self.confirmed += 1
