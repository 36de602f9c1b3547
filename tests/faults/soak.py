"""`make soak`: hours at sixteen times the speed of a live chat, with workers killed at random.

    make soak ARGS="--minutes 60"

Two workers of each hop: one is killed now and then, the other must neither grow nor hold more and
more open. What was sent is on the broker, and the state file says how far it came: started again,
the soak goes on where it was. A line a minute goes to `soak.log` beside it, the verdict at the end.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Producer

from faults.feed import producer_of
from faults.field import Field
from faults.lag import ends, lags
from faults.live_speed import BUSIEST_SECOND, live_speed
from faults.oracle import reference_rows
from faults.processes import open_files, rss_kib
from faults.reading import counted, differences, read_log, read_told
from faults.soak_report import Sample, judge
from faults.story import MARKETS, PLATFORM, Stream, Told, merged, stamped
from resonance.streams.codec import encode_raw
from resonance.streams.events import Stage
from support.kafka import KafkaBroker, default_jars, missing_kafka

FOLDER: Final = Path(__file__).parents[2] / ".cache/soak"
TIMES_LIVE: Final = 16
# Their channels lie on partitions 1 and 2: halved between two workers, each has one of them, and
# whose memory is watched holds as much after a kill as before, whichever half it is given then.
NAMES: Final = ("soak-a", "soak-c")
ROLES: Final = ("scoring", "engagement")
VIEWERS: Final = 4_000
KILL_SHARE: Final = 0.35  # Of the minutes.
LAG_SECONDS: Final = 60.0


@dataclass
class State:
    """How far a soak has come; kept in a file after every minute."""

    minutes: int = 0
    segment: int = 0  # Counts the starts of the soak itself.
    started: bool = False  # The streams' `started` are sent.
    confirmed: int = 0
    kills: int = 0
    worst_lag: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "State":
        """Return the state in the file, or a new one."""
        return cls(**json.loads(path.read_text())) if path.is_file() else cls()

    def write(self, path: Path) -> None:
        """Keep it; a kill leaves the old one or the new one."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(path)


class Soak:
    """One sitting of a soak."""

    def __init__(self, opened: Field, folder: Path, per_second: int) -> None:
        self.field = opened
        self.path = folder / "state.json"
        self.state = State.read(self.path)
        self.state.segment += 1
        self.stopping = False
        self._log = (folder / "soak.log").open("a", buffering=1)
        self._per_second = per_second
        self._producer: Producer = producer_of(opened.settings)
        self._steady: dict[str, subprocess.Popen[bytes]] = {}
        self._sent = 0
        self._failures = 0

    def say(self, line: str) -> None:
        """Tell the log and the terminal."""
        stamp = time.strftime("%H:%M:%S")
        for place in (self._log, sys.stderr):
            place.write(f"{stamp} {line}\n")

    def run(self, minutes: int) -> None:
        """Start the workers, then send minute by minute."""
        self._steady = {role: self.field.workers.start(role) for role in ROLES}
        self.field.start(*ROLES)
        if not self.state.started:
            for name in NAMES:
                self._mark(name, "started")
            self.state.started = True
        while self.state.minutes < minutes and not self.stopping:
            self._minute(minutes)
            self.state.write(self.path)
        self._producer.flush(LAG_SECONDS)

    def end(self) -> None:
        """Send the streams' end, and wait for nothing to be left over."""
        for name in NAMES:
            self._mark(name, "ended")
        self._producer.flush(LAG_SECONDS)
        begun = time.monotonic()
        settings, all_sent = self.field.settings, ends(self.field.settings)
        self.field.wait(lambda: not any(lags(settings, all_sent).values()), "lag 0", LAG_SECONDS)
        self.say(f"lag 0 after {time.monotonic() - begun:.0f} s")
        self.field.wait(self._ended, "the streams' last rows")

    def _ended(self) -> bool:
        rows = self.field.rows()
        return all(b'"ended":true' in rows.get(f"{name}|*|total", b"") for name in NAMES)

    def _minute(self, minutes: int) -> None:
        number = self.state.minutes
        dice = random.Random(f"{number}/{self.state.segment}")
        kill_at = dice.uniform(5, 55) if dice.random() < KILL_SHARE and number else None
        victim = dice.choice(ROLES)
        begun = time.monotonic()
        chapter = number * 1_000 + self.state.segment  # A minute that was cut short is another.
        told: dict[str, Told] = {}
        streams = [
            Stream(
                name,
                self._per_second * 60 // len(NAMES),
                live=True,
                minutes=57 / 60,
                viewers=VIEWERS,
                jitter_ms=2_000,
                allowed_lateness_ms=self.field.lateness_ms,
                chapter=chapter,
            )
            for name in NAMES
        ]
        drafts = list(merged(streams))
        for position, (_, draft) in enumerate(drafts):
            ahead = position / len(drafts) * 60 - (time.monotonic() - begun)
            if ahead > 0.02:
                self._producer.poll(0)
                time.sleep(ahead)
            if self.stopping:
                return
            if kill_at is not None and time.monotonic() - begun > kill_at:
                self.field.restart(victim)
                self.state.kills += 1
                kill_at = None
            one = told.get(draft.event.id) if draft.copy else None
            if one is None:
                event = stamped(draft, int(time.time() * 1000))
                one = told[draft.event.id] = Told(draft.topic, draft.key, event)
            self._send(one)
        self.state.minutes += 1
        self._report(minutes)

    def _report(self, minutes: int) -> None:
        waiting = lags(self.field.settings)
        self.state.worst_lag = max(self.state.worst_lag, *waiting.values())
        words = []
        for role, process in self._steady.items():
            if process.poll() is not None:
                words.append(f"{role} ENDED with {process.returncode}")
                continue
            sample = Sample(
                role,
                self.state.segment,
                self.state.minutes,
                rss_kib(process.pid),
                open_files(process.pid),
            )
            self.state.samples.append(asdict(sample))
            words.append(f"{role} {sample.rss_kib / 1024:.1f} MiB {sample.files} files")
        lag = " + ".join(str(count) for count in waiting.values())
        self.say(
            f"minute {self.state.minutes}/{minutes}: {self.state.confirmed:,} events, "
            f"{self.state.kills} kills, lag {lag}, {', '.join(words)}"
        )

    def _mark(self, name: str, action: Any) -> None:
        now_ms = int(time.time() * 1000)
        event = Stage(
            id=f"{name}-{action}",
            platform=PLATFORM,
            channel=f"shop-{name}",
            stream=name,
            action=action,
            stream_markets=MARKETS[:3] if action == "started" else (),
            occurred_at_ms=now_ms,
            ingested_at_ms=now_ms,
        )
        self._send(Told("stage", f"shop-{name}", event))

    def _send(self, one: Told) -> None:
        name = self.field.settings.topic_prefix + one.topic
        self._producer.produce(
            name, encode_raw(one.event), one.key.encode(), on_delivery=self._delivered
        )
        self._producer.poll(0)

    def _delivered(self, error: object, _: object) -> None:
        if error:
            self._failures += 1
        else:
            self.state.confirmed += 1


def verdict(soak: Soak) -> bool:
    """Compare everything, say it, and return whether all is as it must be."""
    settings = soak.field.settings
    told, log = read_told(settings), read_log(settings)
    expected = reference_rows(told, log.scores, soak.field.definitions())
    wrong = differences(expected, soak.field.rows())
    lost = sum(one.event.id not in log.copies for one in told)
    soak.say(
        f"compared {len(expected):,} rows of {counted(expected):,} comments and purchases with the "
        f"reference: {len(wrong)} differences; {lost} lost; {len(told):,} records sent, "
        f"{soak.state.confirmed:,} confirmed"
    )
    for line in wrong[:10]:
        soak.say(f"    {line}")
    fine, lines = judge([Sample(**sample) for sample in soak.state.samples])
    for line in lines:
        soak.say(line)
    good = fine and not wrong and not lost and len(told) >= soak.state.confirmed
    soak.say(
        f"VERDICT after {soak.state.minutes} minutes, {soak.state.kills} kills, worst lag at "
        f"a minute's end {soak.state.worst_lag:,}: {'as it must be' if good else 'DIFFERS'}"
    )
    return good


@contextmanager
def sitting(folder: Path, per_second: int) -> Iterator[Soak]:
    """Yield a soak on the broker whose data lies in the folder."""
    changes = {"snapshot_interval_seconds": 5.0, "session_timeout_seconds": 10.0}
    with (
        KafkaBroker.running(default_jars(), folder / "kafka") as broker,
        Field.opened(
            broker, folder / "workers", "soak.", allowed_lateness_seconds=30.0, **changes
        ) as opened,
    ):
        soak = Soak(opened, folder, per_second)
        try:
            yield soak
        finally:
            soak.state.write(soak.path)


def main() -> int:
    """Run or go on; return 0 as it must be, 1 not so, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=int, default=60, help="in all, earlier sittings included")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where state and log are kept")
    arguments = parser.parse_args()
    if reason := missing_kafka(default_jars()):
        sys.stderr.write(f"cannot run: {reason}\n")
        return 3
    arguments.folder.mkdir(parents=True, exist_ok=True)
    speed, told_by = live_speed()
    per_second = TIMES_LIVE * max(speed, BUSIEST_SECOND)
    with sitting(arguments.folder, per_second) as soak:

        def stop(*_: object) -> None:
            soak.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        soak.say(f"live speed {speed} comments/s ({told_by}); sending {per_second}/s")
        soak.run(arguments.minutes)
        if soak.stopping:
            soak.say(f"stopped after {soak.state.minutes} minutes; start it again to go on")
            return 130
        soak.end()
        return 0 if verdict(soak) else 1


if __name__ == "__main__":
    sys.exit(main())
