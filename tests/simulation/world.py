"""The world of a simulated worker: what `kafka_world` is to a real one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from resonance.agents.broker.batching import send_in_order
from resonance.agents.broker.records import Batches, Record, Refused
from resonance.agents.hop import Records
from simulation.broker import Broker
from simulation.clock import Clock, Fiber, Host, Lock, deadline, pause
from simulation.plan import Plan
from simulation.story import START_MS

MAX_EVENT_BYTES = 700  # Of a record in `events`; and so few, that there are many batches.
MAX_BATCH_BYTES = 3_000
READ_RECORDS = 25
RETRY_MS = 500
SLOW_MS = 2_000

_DONE = {
    "_score": "scored",
    "_fold": "folded",
    "take_changed": "rows taken",
    "make": "state packed",
}


class Batch(NamedTuple):
    """One write, and what it holds, in words."""

    what: str
    target: TopicPartition
    records: Sequence[Record]


class SimulatedWorld:
    """Clocks, tasks, and a broker that may delay, lose, repeat and refuse; for one process."""

    def __init__(self, clock: Clock, broker: Broker, plan: Plan, host: Host) -> None:
        self.begun: list[Fiber] = []
        self._clock = clock
        self.broker = broker
        self._plan = plan
        self._host = host
        self.under_way: Batch | None = None
        self._ends: dict[TopicPartition, int] = {}

    def seconds(self) -> float:
        """Return virtual time."""
        return self._clock.now_ms / 1000

    def unix_ms(self) -> int:
        """Return virtual time as a wall clock shows it."""
        return START_MS + self._clock.now_ms

    async def sleep(self, seconds: float) -> None:
        """Sleep, or oversleep."""
        await pause("slept", int(seconds * 1000) + 200 + self._clock.up_to(900))

    def lock(self) -> Lock:
        """Return a new lock."""
        return Lock(self._clock)

    async def work(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the function; what it returns is there only later."""
        result = function(*args, **kwargs)
        await pause(_DONE.get(function.__name__, "worked"), self._delay_ms(50))
        return result

    async def every(self, *questions: Coroutine[Any, Any, Any]) -> list[Any]:
        """Ask one after the other."""
        answers: list[Any] = []
        try:
            while len(answers) < len(questions):
                answers.append(await questions[len(answers)])
        finally:
            for question in questions[len(answers) :]:
                question.close()
        return answers

    async def within(self, seconds: float, question: Awaitable[Any]) -> Any:
        """Return the answer, or raise `TimeoutError` where time is up."""
        async with deadline(self._clock, seconds):
            return await question

    def begin(self, coroutine: Coroutine[Any, Any, Any]) -> Fiber:
        """Start a fiber."""
        self.begun = [fiber for fiber in self.begun if not fiber.done()]
        self.begun.append(Fiber(self._clock, self._host, coroutine))
        return self.begun[-1]

    def end_written(self, target: TopicPartition) -> int | None:
        """Return where the last write ended; unknown where an answer was lost."""
        return self._ends.get(target)

    def unique_name(self) -> str:
        """Return a name that nobody else has."""
        return f"w{self._clock.random.getrandbits(48):012x}"

    async def connect(self) -> None:
        """Nothing to connect."""

    async def disconnect(self) -> None:
        """Nothing to disconnect."""

    async def send(self, batches: Batches) -> list[Refused]:
        """Write to one partition after the other, in any order of partitions."""
        targets = list(batches)
        self._clock.random.shuffle(targets)
        refused: list[Refused] = []
        for target in targets:
            records = batches[target]
            refused += await send_in_order(target, records, self._send_batch, MAX_BATCH_BYTES)
        return refused

    async def _send_batch(self, target: TopicPartition, records: Sequence[Record]) -> bool:
        """Write one batch; False when a record of it is too large for the topic."""
        batch = Batch(_what(target, records), target, records)
        if batch.what == "events" and any(len(r.value or b"") > MAX_EVENT_BYTES for r in records):
            await pause("was refused events", self._delay_ms(20))
            return False
        while True:
            self._ends.pop(target, None)
            self.under_way = batch
            try:
                await pause(f"writing {batch.what}", self._delay_ms(30))
            except TimeoutError:
                self.give_up_writing()
                raise
            self.under_way = None
            lost = self._plan.lost_answers and not self._clock.calm and self._clock.chance(0.15)
            if lost and self._clock.chance(0.5):
                self._stray(batch)
            else:
                self._append(batch)
                end = self.broker.logs[target].end
                await pause(f"wrote {batch.what}", self._delay_ms(20))
            if not lost:
                self._ends[target] = end
                if batch.what == "manifest":
                    self.broker.note_saved(target.partition, records[0])
                return True
            await pause(f"heard nothing of {batch.what}", RETRY_MS)

    def give_up_writing(self) -> None:
        """Leave a write alone that is under way: it may arrive all the same."""
        if self.under_way is not None:
            self._stray(self.under_way)
            self.under_way = None

    def _stray(self, batch: Batch) -> None:
        """Let a request arrive late, or never."""
        if self._clock.chance(0.5):
            latest_ms = 3_000 if self._plan.strays and not self._clock.calm else 100
            self._clock.after(self._clock.up_to(latest_ms), self._append, batch)

    def _append(self, batch: Batch) -> None:
        self.broker.logs[batch.target].append(batch.records, self.unix_ms())
        if self._clock.calm and batch.what == "ticks":
            self.broker.note_ticks(batch.target, batch.records)

    def _delay_ms(self, usual_ms: int) -> int:
        slow = self._plan.slow and not self._clock.calm and self._clock.chance(0.03)
        return self._clock.up_to(SLOW_MS if slow else usual_ms)

    @asynccontextmanager
    async def reader(self) -> AsyncIterator["SimulatedReader"]:
        """Return a reader of the logs."""
        yield SimulatedReader(self.broker, self._clock)


class SimulatedReader:
    """Reads logs as they are."""

    def __init__(self, broker: Broker, clock: Clock) -> None:
        self._broker = broker
        self._clock = clock

    async def bounds(self, source: TopicPartition) -> tuple[int, int]:
        """Return the first offset and the end."""
        await pause("asked for bounds", self._clock.up_to(50))
        log = self._broker.logs[source]
        return log.first, log.end

    async def read(self, source: TopicPartition, first: int, end: int) -> AsyncIterator[Records]:
        """Yield [first, end) as it is while it is read: compaction goes on."""
        position = first
        while position < end:
            found = self._broker.logs[source].read(position, READ_RECORDS)
            records = [record for record in found if record.offset < end]
            if not records:
                return
            yield records
            position = records[-1].offset + 1
            await pause(f"read {source.topic}", self._clock.up_to(100))


def _what(target: TopicPartition, records: Sequence[Record]) -> str:
    """Return what a batch holds, in words."""
    topic = target.topic.replace("-", " ")
    if topic == "events" and b":" in records[0].key:
        return "ticks"
    if topic == "state" and records[0].value is None:
        return "tombstones"
    if topic == "state":
        return "manifest" if records[0].key.endswith((b"|a", b"|b")) else "parts"
    return topic
