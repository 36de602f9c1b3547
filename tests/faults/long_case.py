"""L: everything at once, on 200 000 events, in an order that a seed decides."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Final

from faults.field import Field, Verdict
from faults.story import Stream

SEED: Final = 20_261
KILLS: Final = 10
PER_SECOND: Final = 1_200
DEAD_SECONDS: Final = 5.0
ROLES: Final = ("scoring", "engagement")


def streams() -> list[Stream]:
    """Return live streams and recordings; one has more viewers than are counted exactly."""
    return [
        Stream("live-a", 30_000, live=True, jitter_ms=2_500, viewers=2_000, unstreamed=True),
        Stream("live-b", 20_000, live=True, jitter_ms=2_500, viewers=500, unstreamed=True),
        Stream("file-a", 40_000, minutes=120, viewers=3_000),
        Stream("file-b", 25_000, minutes=60, viewers=9_000),
        Stream("giant", 76_000, minutes=180, viewers=14_000, by_viewer=True),
    ]


def l1(field: Field) -> Verdict:
    """Ten kills, three rebalances, and the broker killed, at random places of the feed."""
    troubles = Troubles(field, random.Random(SEED))
    feed = field.tell(*streams(), per_second=PER_SECOND)
    troubles.begin()
    for share, act in troubles.plan():
        field.wait(lambda share=share: feed.share >= share, f"{share:.0%} of the feed")
        field.hit()
        act()
    verdict = field.verdict()
    verdict.note = f"{', '.join(troubles.done)}; compared {verdict.compared}"
    return verdict


class Troubles:
    """What is done to the workers, by the dice."""

    def __init__(self, field: Field, dice: random.Random) -> None:
        self.done: list[str] = []
        self._field = field
        self._dice = dice
        self._alive: dict[str, list[subprocess.Popen[bytes]]] = {}

    def begin(self) -> None:
        """Start two workers of each hop."""
        for role in ROLES:
            self._alive[role] = [self._field.workers.start(role) for _ in range(2)]

    def plan(self) -> list[tuple[float, Callable[[], None]]]:
        """Return what happens at which share of the feed, in order."""
        acts = [self._kill] * KILLS + [self._join, self._leave, self._join, self._kill_broker]
        shares = sorted(self._dice.uniform(0.05, 0.92) for _ in acts)
        self._dice.shuffle(acts)
        return list(zip(shares, acts, strict=True))

    def _kill(self) -> None:
        role = self._dice.choice(ROLES)
        place = self._dice.randrange(len(self._alive[role]))
        victim = self._alive[role].pop(place)
        victim.kill()
        victim.wait()
        self._alive[role].append(self._field.workers.start(role))
        self._note(f"kill {role}")

    def _join(self) -> None:
        for role in ROLES:
            self._alive[role].append(self._field.workers.start(role))
        self._note("join")

    def _leave(self) -> None:
        for role in ROLES:
            self._alive[role].pop(0).send_signal(signal.SIGTERM)
        self._note("leave")

    def _kill_broker(self) -> None:
        self._field.broker.kill()
        time.sleep(DEAD_SECONDS)
        self._field.broker.start()
        self._note("broker killed")

    def _note(self, what: str) -> None:
        if self.done and self.done[-1].startswith(what):
            before = self.done.pop()
            times = int(before.rpartition(" ×")[2]) if " ×" in before else 1
            what = f"{what} ×{times + 1}"
        self.done.append(what)
