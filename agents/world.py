"""The world as the hops know it: clocks, tasks, long work, logs to read, confirmed writes.

Hops and their turns ask nothing else of the outside. In a worker that is `kafka_world`. In
simulations the same code runs in a world where time jumps, brokers lose answers, and a worker dies
between any two steps: see docs/simulation.md.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, ParamSpec, Protocol, TypeVar

from aiokafka import TopicPartition

from resonance.agents.broker.records import Batches, Refused
from resonance.agents.hop import Records

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Begun(Protocol[T_co]):
    """Something under way that nobody waits for."""

    def done(self) -> bool:
        """Return whether its result is there."""

    def result(self) -> T_co:
        """Return the result, or raise what it raised."""

    def cancel(self) -> object:
        """Give it up."""


class Runtime(Protocol):
    """Where code runs, and what time it is there."""

    def seconds(self) -> float:
        """Return a clock that only ever runs forward; its differences are seconds."""

    def unix_ms(self) -> int:
        """Return the wall clock, which may be set."""

    async def sleep(self, seconds: float) -> None:
        """Do nothing for a while."""

    def lock(self) -> AbstractAsyncContextManager[object]:
        """Return a new lock, for `async with`."""

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that may take long, while heartbeats go on."""

    async def every(self, *questions: Awaitable[T]) -> list[T]:
        """Ask at once, and return all answers in order; raises the first error."""

    async def within(self, seconds: float, question: Awaitable[T]) -> T:
        """Return the answer, or raise `TimeoutError` and give the question up."""

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Begun[T]:
        """Start something and do not wait for it."""


class LogReader(Protocol):
    """Reads logs from one offset to another, outside any group."""

    async def bounds(self, source: TopicPartition) -> tuple[int, int]:
        """Return the first offset of a partition, and the one after its last."""

    def read(self, source: TopicPartition, first: int, end: int) -> AsyncIterator[Records]:
        """Yield the records of [first, end); compaction and control records leave holes in it."""


class World(Runtime, Protocol):
    """A runtime with a broker: what one hop reads and writes with."""

    async def connect(self) -> None:
        """Make ready to write."""

    async def disconnect(self) -> None:
        """Write no more. What was confirmed stays so."""

    async def send(self, batches: Batches) -> list[Refused]:
        """Write the records, each partition's in order, and wait until all are confirmed.

        Returns those that the broker refused for good. Raises `KafkaError` on anything else that
        waiting cannot mend: records may then be written or not.
        """

    def end_written(self, target: TopicPartition) -> int | None:
        """Return where the last write to the partition ended: the offset after its last record.

        None where nothing was written, or where a broker that was asked twice did not say.
        """

    def unique_name(self) -> str:
        """Return a short name that this world has given to nobody, and no other world will."""

    def reader(self) -> AbstractAsyncContextManager[LogReader]:
        """Return a reader of logs, connected within the `async with`."""
