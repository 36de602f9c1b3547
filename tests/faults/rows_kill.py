"""K: workers that die, stop, or stand still."""

import random
import signal
import sys
import time
from pathlib import Path
from typing import Final

from faults.crash_points import POINTS
from faults.feed import Feed
from faults.field import Field, Verdict
from faults.story import Stream
from support.admin import delete_topic

CRASHING: Final = (sys.executable, Path(__file__).with_name("crash_points.py"))
CRASH_SECONDS: Final = 180.0  # A start takes 4 s alone; the limit is for a machine that is busy.
ZOMBIE_SECONDS: Final = 8.0  # Beyond the session timeout of 6 s.


def streams(events: int, name: str = "") -> tuple[Stream, ...]:
    """Return a live stream, a recording, and one that is spread over all partitions."""
    share = events // 3
    return (
        Stream(f"live{name}", share, live=True, jitter_ms=2_000, unstreamed=True),
        Stream(f"file{name}", share),
        Stream(f"giant{name}", share, by_viewer=True, viewers=900),
    )


def k1(field: Field) -> Verdict:
    """Kill -9 a worker four times in the middle, each time at a random moment of its work."""
    dice = random.Random(1)
    feed = field.tell(*streams(12_000), per_second=700)
    alive = {role: field.workers.start(role) for role in ("scoring", "engagement")}
    for share, role in ((0.2, "scoring"), (0.4, "engagement"), (0.6, "scoring"), (0.8, "both")):
        field.until(feed, share)
        time.sleep(dice.random() * field.settings.snapshot_interval_seconds)
        field.hit()
        for victim in alive if role == "both" else (role,):
            alive[victim].send_signal(signal.SIGKILL)
            alive[victim].wait()
            alive[victim] = field.workers.start(victim)
    return field.verdict(note="scoring, engagement, scoring, both")


def k2(field: Field) -> Verdict:
    """Kill -9 within each step, from what is written to what is committed."""
    feed = field.tell(*streams(15_000), per_second=400)
    dice = random.Random(2)
    for point in POINTS:
        worker = field.workers.start(
            "all", CRASHING, CRASH_AT=point, CRASH_AFTER=str(dice.randrange(4))
        )
        field.hit()
        if worker.wait(CRASH_SECONDS) != -signal.SIGKILL:
            return _wrong(feed, f"no crash {point}", worker.returncode)
    field.workers.start("all")
    return field.verdict(note=f"{len(POINTS)} crash points")


def k3(field: Field) -> Verdict:
    """SIGTERM under load, with a SIGUSR2 before; then with an output topic gone."""
    feed = field.tell(*streams(6_000), per_second=500)
    worker = field.workers.start("all")
    field.until(feed, 0.4)
    field.hit()
    worker.send_signal(signal.SIGUSR2)
    worker.send_signal(signal.SIGTERM)
    if worker.wait(10) != 0:
        return _wrong(feed, "exit 0 on SIGTERM", worker.returncode)
    last = field.workers.start("all")
    verdict = field.verdict()
    delete_topic(field.settings, "windows")
    field.tell(Stream("after", 200), per_second=500)
    time.sleep(1)
    asked_at = time.monotonic()
    last.send_signal(signal.SIGTERM)
    code = last.wait(15)
    verdict.note = f"without its topic: exit {code} in {time.monotonic() - asked_at:.1f} s"
    if time.monotonic() - asked_at > 2 * field.settings.stop_timeout_seconds:
        verdict.faults.append("a worker without its output topic outlived the grace")
    return verdict


def k4(field: Field) -> Verdict:
    """SIGSTOP beyond the session, another takes over, SIGCONT: a zombie writes."""
    feed = field.tell(*streams(12_000), per_second=500)
    zombie = field.workers.start("all")
    field.until(feed, 0.25)
    field.hit()
    zombie.send_signal(signal.SIGSTOP)
    field.workers.start("all")
    time.sleep(ZOMBIE_SECONDS)
    zombie.send_signal(signal.SIGCONT)
    verdict = field.verdict(note="stood still 8 s of a 6 s session")
    if zombie.poll() is not None:
        verdict.faults.append(f"the zombie ended with {zombie.returncode}")
    return verdict


def _wrong(feed: Feed, expected: str, code: int | None) -> Verdict:
    return Verdict(len(feed.drafts), expected, f"exit {code}")
