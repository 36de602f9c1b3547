"""One hop's turns: own what is assigned, poll, hand over, and commit what the answer confirms.

Nothing here knows of Faust, of a real broker or of a clock: `ingest` runs this in a worker, and
simulations run it where a worker may die before any of its steps.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from resonance.agents.hop import GroupConsumer, Hop, Offsets, Polled
from resonance.agents.world import Runtime

log = logging.getLogger(__name__)

POLL_MS: Final = 100
COMMIT_INTERVAL_SECONDS: Final = 1.0


class Turns:
    """The turns of one hop with one consumer, and what a rebalance means for them.

    `through_agent` takes a poll to the hop's `process`, and returns its answer.
    """

    def __init__(
        self,
        hop: Hop,
        runtime: Runtime,
        through_agent: Callable[[Polled], Awaitable[Offsets]],
        revoke_timeout_seconds: float,
    ) -> None:
        self._hop = hop
        self._runtime = runtime
        self._through_agent = through_agent
        self._revoke_timeout_seconds = revoke_timeout_seconds
        self._busy = runtime.lock()  # The hop works for one caller at a time.
        # None: given up, what comes next is not known. Empty: fewer partitions than workers.
        self._assigned: frozenset[TopicPartition] | None = None
        self._generation = 0  # Of the assignment; a poll of an older one is thrown away.
        self._owned_generation = 0
        self._to_commit: Offsets = {}
        self._committed_at_seconds = runtime.seconds()

    @property
    def owns_what_is_assigned(self) -> bool:
        """Return whether the hop has taken over the newest assignment."""
        return self._owned_generation == self._generation

    async def turn(self, consumer: GroupConsumer) -> None:
        """Poll once, and see what was polled through the agent."""
        await self._own_what_is_assigned(consumer)
        generation = self._generation
        if not self._assigned:  # Stand by.
            await self._runtime.sleep(POLL_MS / 1000)
            return
        polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=self._hop.batch_records)
        async with self._busy:
            if generation == self._generation == self._owned_generation:
                confirmed = await self._through_agent(polled)
                if generation == self._generation:  # Else others may have gone on from there.
                    self._to_commit |= confirmed
                now_seconds = self._runtime.seconds()
                if now_seconds - self._committed_at_seconds >= COMMIT_INTERVAL_SECONDS:
                    await self._commit(consumer)

    async def _own_what_is_assigned(self, consumer: GroupConsumer) -> None:
        """Let the hop take over a new assignment.

        Not in the rebalance's callback: no heartbeats are sent during it, and reading a state
        may take longer than a session.
        """
        async with self._busy:
            generation = self._generation
            if generation == self._owned_generation:
                return
            assigned = self._assigned
            if assigned is None:
                self._owned_generation = generation
                return
            try:
                beginnings = await self._hop.own(consumer, assigned)
            except IllegalStateError:  # Another rebalance has begun.
                await self._runtime.sleep(POLL_MS / 1000)
                return
            if generation != self._generation:
                return  # Another rebalance came meanwhile: its turn is next.
            for partition, offset in beginnings.items():
                consumer.seek(partition, offset)
            consumer.resume(*assigned)
            self._owned_generation = generation
            log.info("%s goes on with %s", self._hop.name, _in_words(beginnings))

    def assign(self, consumer: GroupConsumer, assigned: frozenset[TopicPartition]) -> None:
        """Take note of a new assignment; nothing is read before the hop owns it."""
        consumer.pause(*assigned)
        for partition in assigned:
            consumer.seek(partition, 0)  # Any position will do: else "none" is an error.
        self._assigned = assigned
        self._generation += 1
        self._to_commit = {}  # Of an earlier generation: its partitions may be another's by now.

    async def revoke(self, consumer: GroupConsumer) -> None:
        """Leave everything in order, as far as time allows; a new assignment follows."""
        try:
            await self._runtime.within(self._revoke_timeout_seconds, self.leave(consumer))
        except TimeoutError:
            log.warning("%s left its partitions without a last snapshot", self._hop.name)
        finally:
            self._assigned = None
            self._generation += 1

    async def leave(self, consumer: GroupConsumer) -> None:
        """Let the hop leave what it owns, and commit what that confirms."""
        async with self._busy:
            if self._assigned and self._owned_generation == self._generation:
                self._to_commit |= await self._hop.disown()
                await self._commit(consumer)
                self._assigned = None

    async def _commit(self, consumer: GroupConsumer) -> None:
        """Commit what is confirmed; what cannot be committed now is tried again with the next.

        Given up, it would count as lag for as long as nothing new comes.
        """
        offsets, self._to_commit = self._to_commit, {}
        generation = self._generation
        self._committed_at_seconds = self._runtime.seconds()
        try:
            if offsets:
                await consumer.commit(offsets)
        except (KafkaError, IllegalStateError) as error:
            if generation == self._generation:
                self._to_commit = offsets
            log.warning("%s could not commit: %s", self._hop.name, type(error).__name__)


def _in_words(offsets: Offsets) -> str:
    places = (f"{p.topic}:{p.partition}@{offset}" for p, offset in sorted(offsets.items()))
    return ", ".join(places) or "no partition"
