"""B: a broker that dies or stands still, and topics that are not what they should be."""

import time
from typing import Final

from faults.field import Field, Verdict
from faults.rows_kill import streams
from faults.story import Stream
from support.admin import create_topic, delete_topic

DEAD_SECONDS: Final = 8.0
FROZEN_SECONDS: Final = 20.0
LOG_LINES: Final = 200  # Of a worker, for a whole row: an outage must not flood the log.
REFUSAL_SECONDS: Final = 120.0
# What is done to which topic: partitions and settings, none for a topic that is missing; exit code.
BROKEN_TOPICS: Final = (
    ("windows", None, 3),
    ("events", (2, {}), 2),
    ("state", (4, {"cleanup.policy": "delete"}), 2),
)


def recordings(events: int) -> tuple[Stream, ...]:
    """Return recordings alone: a live event that the broker could not take for long is late."""
    return streams(events)[1:]


def b1(field: Field) -> Verdict:
    """Kill -9 the broker for 8 s; workers outlive it."""
    feed = field.tell(*recordings(12_000), per_second=500)
    worker = field.workers.start("all")
    field.until(feed, 0.4)
    field.hit()
    field.broker.kill()
    time.sleep(DEAD_SECONDS)
    field.broker.start()
    verdict = field.verdict(note=f"away {DEAD_SECONDS:.0f} s; events on their way are sent again")
    if worker.poll() is not None:
        verdict.faults.append(f"the worker ended with {worker.returncode}")
    if (lines := len(field.workers.log().splitlines())) > LOG_LINES:
        verdict.faults.append(f"{lines} lines of log")
    return verdict


def b2(field: Field) -> Verdict:
    """SIGSTOP the broker for 20 s: connections stay open, nothing answers."""
    feed = field.tell(*recordings(12_000), per_second=500)
    worker = field.workers.start("all")
    field.until(feed, 0.4)
    field.hit()
    field.broker.pause()
    try:
        time.sleep(FROZEN_SECONDS)
    finally:
        field.broker.resume()
    verdict = field.verdict(note=f"stood still {FROZEN_SECONDS:.0f} s")
    if worker.poll() is not None:
        verdict.faults.append(f"the worker ended with {worker.returncode}")
    return verdict


def b3(field: Field) -> Verdict:
    """Start a worker on a missing topic, a wrong partition count, a wrong clean-up policy."""
    got, expected, faults = [], [], []
    for number, (topic, wrong, code) in enumerate(BROKEN_TOPICS):
        name = field.settings.topic_prefix + topic
        delete_topic(field.settings, topic)
        if wrong:
            time.sleep(1)  # A deletion is answered before it is done.
            create_topic(field.settings, topic, *wrong)
        worker = field.workers.start("all")
        got.append(str(worker.wait(REFUSAL_SECONDS)))
        expected.append(str(code))
        if name not in field.workers.log(number):
            faults.append(f"{name} is not named")
        _mend(field, topic)
    return Verdict(
        events=0,
        expected=f"exit {', '.join(expected)}",
        got=f"exit {', '.join(got)}",
        note="topic missing, partitions, clean-up policy",
        faults=faults,
    )


def _mend(field: Field, topic: str) -> None:
    policy = {"cleanup.policy": "compact"} if topic in {"windows", "state"} else {}
    if topic != "windows":
        delete_topic(field.settings, topic)
        time.sleep(1)
    create_topic(field.settings, topic, field.settings.partitions, policy)
