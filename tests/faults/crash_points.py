"""A worker that kills itself at a chosen step: `python crash_points.py worker all`.

CRASH_AT names the step, CRASH_AFTER how often it may pass. The steps are those that the broker
sees, so the kill falls between the same two confirmations however the hops are written. Only
aiokafka is patched; everything of ours is as shipped, and so is the process and its end.
"""

import os
import signal
import sys
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

ENGAGEMENT: Final = "resonance-engagement"
SCORING: Final = "resonance-scoring"

# Step -> which call it comes before (topic or group); `sent` is after handing over, before the
# broker's answer, so that the answer is lost.
POINTS: Final = {
    "before events": ("send", "events"),
    "events sent, answer lost": ("sent", "events"),
    "events confirmed, before scoring's commit": ("commit", SCORING),
    "after scoring's commit": ("committed", SCORING),
    "before windows": ("send", "windows"),
    "windows sent, answer lost": ("sent", "windows"),
    "before the snapshot": ("send", "state"),
    "snapshot sent, answer lost": ("sent", "state"),
    "snapshot confirmed, before engagement's commit": ("commit", ENGAGEMENT),
    "in restore": ("read", "restore"),
}


class CrashPoint:
    """Counts the passes of one step, and kills the process at the last of them."""

    def __init__(self, step: tuple[str, str], passes: int) -> None:
        self._step = step
        self._left = passes

    def pass_by(self, act: str, what: str) -> None:
        """Come by a step; the process may end here."""
        if act == self._step[0] and what.endswith(self._step[1]):
            self._left -= 1
            if self._left < 0:
                os.kill(os.getpid(), signal.SIGKILL)


def plant(point: CrashPoint) -> None:
    """Let the clients come by the crash point."""
    send_batch, commit, getmany = (
        AIOKafkaProducer.send_batch,
        AIOKafkaConsumer.commit,
        AIOKafkaConsumer.getmany,
    )

    async def sending(self: Any, batch: Any, topic: str, *, partition: int) -> Any:
        point.pass_by("send", topic)
        future = await send_batch(self, batch, topic, partition=partition)
        point.pass_by("sent", topic)
        return future

    async def committing(self: Any, offsets: Any = None) -> None:
        point.pass_by("commit", str(self._group_id))
        await commit(self, offsets)
        point.pass_by("committed", str(self._group_id))

    async def reading(self: Any, *partitions: Any, **options: Any) -> Any:
        polled = await getmany(self, *partitions, **options)
        if self._group_id is None and polled:
            point.pass_by("read", "restore")
        return polled

    AIOKafkaProducer.send_batch = sending
    AIOKafkaConsumer.commit = committing
    AIOKafkaConsumer.getmany = reading


def main() -> None:
    """Plant the crash, then run the command as it is."""
    plant(CrashPoint(POINTS[os.environ["CRASH_AT"]], int(os.environ.get("CRASH_AFTER", "0"))))
    from resonance.agents.cli.main import main as resonance  # noqa: PLC0415 # It imports aiokafka.

    sys.argv[0] = "resonance"
    resonance()


if __name__ == "__main__":
    main()
