"""Virtual time, and coroutines that run in it: whoever awaits says for how long, and at what.

There is no event loop. A fiber is one coroutine of one process; each of its awaits ends in `pause`,
which names the step that has just been done. Between any two steps others run, and the process
may freeze or die: nothing of it is ever resumed then.
"""

import types
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from random import Random
from typing import Any, Protocol

LOOK_STEPS = 8  # So often it is asked whether it is over.


@types.coroutine
def pause(step: str, delay_ms: int | None) -> Generator[tuple[str, int | None], None, None]:
    """Let `delay_ms` of virtual time pass after this step; None: until somebody wakes us."""
    yield step, delay_ms


def at_once(coroutine: Coroutine[Any, Any, Any]) -> tuple[Any, list[str]]:
    """Return what the coroutine returns, and its steps, without letting time pass."""
    steps: list[str] = []
    while True:
        try:
            steps.append(coroutine.send(None)[0])
        except StopIteration as end:
            return end.value, steps


class Host(Protocol):
    """A process as its fibers know it."""

    dead: bool
    frozen_until_ms: int

    def stepped(self, step: str) -> None:
        """Note that a step is done, just now; here the process may die."""

    def failed(self, error: Exception) -> None:
        """Note that an error left a fiber."""


class Clock:
    """What happens when. All chance of a schedule is drawn here, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.calm = False  # Faults have stopped.
        self.now_ms = 0
        self.steps = 0
        self.current: Fiber | None = None
        self._order = 0
        self._due: list[tuple[int, int, Callable[..., None], tuple[object, ...]]] = []

    def after(self, delay_ms: int, function: Callable[..., None], *args: object) -> None:
        """Call the function after so much virtual time; what is due at once keeps its order."""
        self._order += 1
        heappush(self._due, (self.now_ms + delay_ms, self._order, function, args))

    def up_to(self, limit_ms: int) -> int:
        """Return a delay below the limit: most are short, few are long."""
        square = self.random.random() ** 2
        return int(square * square * limit_ms)

    def chance(self, probability: float) -> bool:
        """Return True that often."""
        return self.random.random() < probability

    def run(self, is_over: Callable[[], bool], limit_ms: int, limit_steps: int) -> bool:
        """Let time pass until it is over; False when that takes longer than a limit."""
        while True:
            looks = self.steps % LOOK_STEPS == 0 or not self._due
            if looks and is_over():
                return True
            if not self._due or self.now_ms > limit_ms or self.steps > limit_steps:
                return False
            self.now_ms, _, function, args = heappop(self._due)
            self.steps += 1
            function(*args)


class Fiber:
    """One coroutine of a process. Also what `Runtime.begin` returns."""

    __slots__ = ("_clock", "_coroutine", "_error", "_host", "_result", "_ticket", "deadline_ms")

    def __init__(self, clock: Clock, host: Host, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._clock = clock
        self._host = host
        self._coroutine: Coroutine[Any, Any, Any] | None = coroutine
        self._result: Any = None
        self._error: Exception | None = None
        self._ticket = 0  # Of the last pause: to be woken twice from one would be a fault.
        self.deadline_ms: int | None = None
        clock.after(0, self._wake, 0, None)

    def wake(self) -> None:
        """Go on after a pause without end."""
        self._clock.after(0, self._wake, self._ticket, None)

    def _wake(self, ticket: int, thrown: Exception | None) -> None:
        host, clock = self._host, self._clock
        if ticket != self._ticket or self._coroutine is None or host.dead:
            return
        if host.frozen_until_ms > clock.now_ms:
            clock.after(host.frozen_until_ms - clock.now_ms, self._wake, ticket, thrown)
            return
        self._ticket += 1
        clock.current = self
        try:
            if thrown is None:
                step, delay_ms = self._coroutine.send(None)
            else:
                step, delay_ms = self._coroutine.throw(thrown)
        except StopIteration as end:
            self._result, self._coroutine = end.value, None
        except Exception as error:  # noqa: BLE001 # As a task would keep it.
            self._error, self._coroutine = error, None
            host.failed(error)
        else:
            self._sleep(delay_ms)
            host.stepped(step)

    def _sleep(self, delay_ms: int | None) -> None:
        clock, left_ms = self._clock, None
        if self.deadline_ms is not None:
            left_ms = max(0, self.deadline_ms - clock.now_ms)
        if left_ms is not None and (delay_ms is None or delay_ms > left_ms):
            clock.after(left_ms, self._wake, self._ticket, TimeoutError())
        elif delay_ms is not None:
            clock.after(delay_ms, self._wake, self._ticket, None)

    def done(self) -> bool:
        """Return whether the coroutine has ended."""
        return self._coroutine is None

    def result(self) -> Any:
        """Return what it returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result

    def cancel(self) -> None:
        """Let it never go on."""
        if self._coroutine is not None:
            self._coroutine.close()
            self._coroutine = None


class Lock:
    """One at a time; the others wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held = False
        self._waiting: list[Fiber] = []

    async def __aenter__(self) -> None:
        while self._held:
            fiber = self._clock.current
            assert fiber is not None
            self._waiting.append(fiber)
            await pause("waiting for the hop", None)
        self._held = True

    async def __aexit__(self, *_: object) -> None:
        self._held = False
        waiting, self._waiting = self._waiting, []
        for fiber in waiting:
            fiber.wake()


@asynccontextmanager
async def deadline(clock: Clock, seconds: float) -> AsyncIterator[None]:
    """Raise `TimeoutError` in the current fiber where it would pause beyond the deadline."""
    fiber = clock.current
    assert fiber is not None
    fiber.deadline_ms = clock.now_ms + int(seconds * 1000)
    try:
        yield
    finally:
        fiber.deadline_ms = None
