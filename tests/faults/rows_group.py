"""R: workers that join, leave, flap, or lose their group."""

import signal
import subprocess
import time
from typing import Final

from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove

from faults.field import Field, Verdict
from faults.rows_kill import streams
from support.admin import delete_group

FLAPS: Final = 5
FLAP_SECONDS: Final = 5.0


def r1(field: Field) -> Verdict:
    """Scale one worker to two, to three, and back; members join while others restore."""
    feed = field.tell(*streams(12_000), per_second=500)
    field.workers.start("all")
    field.until(feed, 0.15)
    field.hit()
    second = field.workers.start("all")
    field.until(feed, 0.35)
    third = field.workers.start("all")
    time.sleep(1)  # The second or third is about to restore when the next rebalance comes.
    _leave(second)
    field.until(feed, 0.7)
    _leave(third)
    return field.verdict(note="1, 2, 3, 1 workers")


def r2(field: Field) -> Verdict:
    """A member that joins and is killed, again and again."""
    feed = field.tell(*streams(12_000), per_second=500)
    field.workers.start("all")
    field.until(feed, 0.1)
    field.hit()
    for _ in range(FLAPS):
        flapping = field.workers.start("all")
        time.sleep(FLAP_SECONDS)
        flapping.send_signal(signal.SIGKILL)
        flapping.wait()
    return field.verdict(note=f"joined and killed {FLAPS} times")


def r3(field: Field) -> Verdict:
    """Throw the members out of their groups under load; delete the groups; begin again."""
    feed = field.tell(*streams(12_000), per_second=500)
    worker = field.workers.start("all")
    field.until(feed, 0.3)
    field.hit()
    thrown_out = _throw_out(field)
    field.until(feed, 0.6)
    _leave(worker)
    for hop in ("scoring", "engagement"):
        delete_group(field.settings, hop)
    field.workers.start("all")
    verdict = field.verdict(note=f"{thrown_out} members thrown out, then both groups deleted")
    if not thrown_out:
        verdict.faults.append("no member was thrown out: the row showed nothing")
    return verdict


def _leave(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGTERM)
    worker.wait(30)


def _throw_out(field: Field) -> int:
    """Remove every member from both groups, as an administrator can; return how many."""
    admin = KafkaAdminClient(bootstrap_servers=field.settings.broker)
    try:
        names = [
            f"{field.settings.topic_prefix}resonance-{hop}" for hop in ("scoring", "engagement")
        ]
        described = admin.describe_groups(names)
        count = 0
        for name in names:
            members = [
                MemberToRemove(member_id=member["member_id"])
                for member in described[name]["members"]
            ]
            if members:
                admin.remove_group_members(name, members=members)
                count += len(members)
        return count
    finally:
        admin.close()
