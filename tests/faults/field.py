"""Where one row of the matrix is played: topics of its own, workers, a feed, and a reader."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec

from faults.feed import Feed
from faults.oracle import reference_rows
from faults.reading import Log, compared, counted, differences, read_log
from faults.reference_rows import Row
from faults.reference_stream import Definitions
from faults.story import Stream, Told
from faults.tail import WindowsTail
from resonance.agents.broker import provisioning
from resonance.agents.settings import Settings
from support.kafka import KafkaBroker
from support.worker_processes import Workers

WAIT_SECONDS: Final = 300.0  # A tenth of it alone; the limit is for a machine that is busy.
SETTLE_SECONDS: Final = 20.0
SHOWN: Final = 5


@dataclass
class Verdict:
    """One row of the table."""

    events: int
    expected: int | str
    got: int | str
    duplicates: int | None = None  # Records beyond the first of each event, all dropped.
    recovery_seconds: float | None = None  # The longest time without a new row, from the fault on.
    note: str = ""
    compared: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether what came is what must come."""
        return self.expected == self.got and not self.faults


class Field:
    """One row's broker, topics and processes."""

    def __init__(self, broker: KafkaBroker, folder: Path, settings: Settings) -> None:
        self.broker = broker
        self.settings = settings
        self.workers = Workers(settings, folder)
        self.tail = WindowsTail(settings)
        self.feeds: list[Feed] = []
        self.hit_at: float | None = None  # Monotonic seconds of the first fault.
        self.processes: dict[str, subprocess.Popen[bytes]] = {}  # Workers of shared rows, by role.

    @classmethod
    @contextmanager
    def opened(
        cls, broker: KafkaBroker, folder: Path, prefix: str, **changes: Any
    ) -> Iterator["Field"]:
        """Yield a field with its topics made; everything that it started is stopped at the end."""
        options: dict[str, Any] = {
            "tier": "rules",  # The model is not the subject here.
            "scoring_budget_seconds": 600.0,  # A busy machine must not give other scores.
            "snapshot_interval_seconds": 0.5,
            "session_timeout_seconds": 6.0,
            "allowed_lateness_seconds": 6.0,  # What the harness itself is late by must not count.
        }
        settings = Settings(broker=broker.address, topic_prefix=prefix, **(options | changes))
        folder.mkdir(parents=True, exist_ok=True)
        broker.start()
        provisioning.provision(settings)
        opened = cls(broker, folder, settings)
        opened.tail.start()
        try:
            yield opened
        finally:
            for feed in opened.feeds:
                feed.halt()
            opened.workers.stop()
            opened.tail.stop()

    @property
    def lateness_ms(self) -> int:
        """How late an event may be and still be on time."""
        return round(self.settings.allowed_lateness_seconds * 1000)

    def tell(self, *streams: Stream, per_second: float = 1_500) -> Feed:
        """Begin to send the streams, side by side."""
        for stream in streams:
            stream.partitions = self.settings.partitions
            stream.allowed_lateness_ms = self.lateness_ms
        feed = Feed(self.settings, streams, per_second)
        self.feeds.append(feed)
        feed.start()
        return feed

    def hit(self) -> None:
        """Note that a fault is being done now."""
        self.hit_at = self.hit_at or time.monotonic()

    def wait(self, promise: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until the promise holds; raises TimeoutError with what was waited for."""
        deadline = time.monotonic() + seconds
        while not promise():
            if time.monotonic() > deadline:
                raise TimeoutError(what)
            time.sleep(0.1)

    def start(self, *roles: str) -> None:
        """Start a worker of each role that later rows can find by it."""
        for role in roles:
            self.processes[role] = self.workers.start(role)

    def restart(self, role: str) -> None:
        """Kill -9 the worker of a role, and start another."""
        self.processes[role].kill()
        self.processes[role].wait()
        self.start(role)

    def until(self, feed: Feed, share: float) -> None:
        """Wait until the feed has sent so much, and the workers have come as far as rows."""
        self.wait(lambda: feed.share >= share, f"{share:.0%} of the feed")
        self.wait(lambda: self.tail.rows, "the first rows")

    def rows(self) -> dict[str, bytes]:
        """Return the rows as readers see them."""
        return {key: value for key, (_, value) in list(self.tail.rows.items())}

    def verdict(self, streams: Sequence[Stream] = (), note: str = "") -> Verdict:
        """Wait for the rows of all that was told, and say how they compare with the reference."""
        feeds = [f for f in self.feeds if not streams or any(s in f.streams for s in streams)]
        for feed in feeds:
            feed.finish()
        chosen = list(streams) or [stream for feed in feeds for stream in feed.streams]
        names = [stream.name for stream in chosen]
        self._wait_for_ends(names)
        told = [one for stream in chosen for one in stream.told]
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            log = read_log(self.settings)
            faults = [*lost(told, log), *contradictions(told, log)]
            expected = {} if faults else self.expected(told, log)
            faults = faults or differences(expected, self.rows())
            if not faults or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        got = {key: value for key, value in self.rows().items() if key in expected}
        return Verdict(
            events=len(told),
            expected=counted(expected),
            got=counted(decoded(got)),
            duplicates=log.repeated({one.event.id for one in told}),
            recovery_seconds=self.silence_seconds(),
            note=note or f"{len(expected):,} rows",
            compared=compared(expected),
            faults=[*faults[:SHOWN], *([f"… {len(faults)} in all"] if len(faults) > SHOWN else [])],
        )

    def expected(self, told: Sequence[Told], log: Log) -> dict[str, Row]:
        """Return the rows that must be there."""
        return reference_rows(told, log.scores, self.definitions())

    def definitions(self) -> Definitions:
        """Return the bounds that the settings give."""
        return Definitions(on_time_ms=self.lateness_ms, burst=self.settings.duplicate_burst_size)

    def silence_seconds(self) -> float | None:
        """Return the longest time without new rows since the first fault; None without one."""
        if self.hit_at is None:
            return None
        arrivals = list(self.tail.arrivals)
        return max((b - a for a, b in pairwise(arrivals) if b > self.hit_at), default=None)

    def _wait_for_ends(self, names: Sequence[str]) -> None:
        def all_ended() -> bool:
            rows = self.rows()
            return all(b'"ended":true' in rows.get(f"{name}|*|total", b"") for name in names)

        self.wait(all_ended, f"the end of {', '.join(names)}")


def lost(told: Sequence[Told], log: Log) -> list[str]:
    """Return the ids that were confirmed to the producer and are not in the log."""
    return [f"{one.event.id}: not in `events`" for one in told if not log.copies.get(one.event.id)]


def contradictions(told: Sequence[Told], log: Log) -> list[str]:
    """Return the ids that were scored in two ways."""
    twice = {one.event.id for one in told} & set(log.contradictions)
    return [f"{event_id}: scored in two ways" for event_id in sorted(twice)]


def decoded(rows: dict[str, bytes]) -> dict[str, Row]:
    """Return the rows as dicts."""
    return {key: msgspec.json.decode(value) for key, value in rows.items()}
