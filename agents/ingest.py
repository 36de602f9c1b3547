"""Kafka -> a Faust agent, in batches: one service a hop that owns the hop's consumer.

Faust's own consumer hands over record by record, commits past what is in flight, and drops a
record whose agent raised. This one hands over a poll at a time, waits for the agent's answer, and
commits only what the answer says is confirmed.
"""

import asyncio
import logging
from contextlib import suppress
from time import monotonic
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faust.types import ChannelT
from mode import Service

from resonance.agents.connection import python_options
from resonance.agents.hop import Hop, Offsets, Polled
from resonance.agents.refusals import denied, in_words, is_denial
from resonance.agents.settings import Settings

log = logging.getLogger(__name__)

POLL_MS: Final = 100
COMMIT_INTERVAL_SECONDS: Final = 1.0
# Shares of the time to stop in: for what is under way and the last snapshot, and for closing.
LEAVING_SHARE: Final = 0.5
CLOSING_SHARE: Final = 0.1


class Work:
    """One poll on its way through the agent, and the answer on its way back."""

    def __init__(self, polled: Polled) -> None:
        self.polled = polled
        self.answer: asyncio.Future[Offsets] = asyncio.get_running_loop().create_future()


class Ingest(Service):
    """Own one hop's consumer: poll, hand over, commit; follow the group's rebalances."""

    def __init__(self, hop: Hop, batches: ChannelT[Work], settings: Settings) -> None:
        super().__init__()
        self._hop = hop
        self._batches = batches
        self._settings = settings
        self._consumer: AIOKafkaConsumer | None = None
        self._busy = asyncio.Lock()  # The hop works for one caller at a time.
        self._assigned: frozenset[TopicPartition] = frozenset()
        self._generation = 0  # Of the assignment; a poll of an older one is thrown away.
        self._owned_generation = 0
        self._to_commit: Offsets = {}
        self._committed_at_seconds = monotonic()
        self._left = asyncio.Event()

    @Service.task
    async def _run(self) -> None:
        try:
            await self._hop.start()
            self._consumer = await self._join()
            while not self.should_stop:
                await self._turn(self._consumer)
            # Stopped in order: what was owned is left in order, too. A hop that failed does not
            # come here, and leaves nothing but what was confirmed.
            await self._disown()
        except KafkaError as error:
            if not is_denial(error):
                raise
            raise denied(self._settings, in_words(error), self._hop.name) from error
        finally:
            await self._close()
            self._left.set()

    async def on_stop(self) -> None:
        """Wait until the last batch is through and the group is left; then time is up."""
        if self._consumer is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), self._seconds(LEAVING_SHARE))

    async def _join(self) -> AIOKafkaConsumer:
        session_ms = int(self._settings.session_timeout_seconds * 1000)
        consumer = AIOKafkaConsumer(
            **python_options(self._settings),
            client_id=f"resonance-{self._hop.name}",
            group_id=self._hop.group,
            enable_auto_commit=False,
            auto_offset_reset="none",  # Never silently: where to go on is the hop's decision.
            partition_assignment_strategy=(RangePartitionAssignor,),
            fetch_max_wait_ms=POLL_MS,  # A question on the same connection waits for the fetch.
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 4,
        )
        self._consumer = consumer  # To be closed, however the start ends.
        consumer.subscribe(list(self._hop.topics), listener=_Rebalances(self))
        await consumer.start()
        return consumer

    async def _turn(self, consumer: AIOKafkaConsumer) -> None:
        """Poll once, and see what was polled through the agent."""
        await self._own_what_is_assigned(consumer)
        generation = self._generation
        if not self._assigned:  # More workers than partitions, or a rebalance: stand by.
            await asyncio.sleep(POLL_MS / 1000)
            return
        polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=self._hop.batch_records)
        async with self._busy:
            if generation == self._generation == self._owned_generation:
                self._to_commit |= await self._through_agent(polled)
                if monotonic() - self._committed_at_seconds >= COMMIT_INTERVAL_SECONDS:
                    await self._commit(consumer)

    async def _through_agent(self, polled: Polled) -> Offsets:
        while not self._batches.subscriber_count:  # noqa: ASYNC110 # The agent is about to start.
            await asyncio.sleep(POLL_MS / 1000)
        work = Work(polled)
        # Typed for topics, whose channels take events; this one takes values.
        await self._batches.put(work)  # type: ignore[arg-type]
        return await work.answer

    async def _own_what_is_assigned(self, consumer: AIOKafkaConsumer) -> None:
        """Let the hop take over a new assignment.

        Not in the rebalance's callback: no heartbeats are sent during it, and reading a state
        may take longer than a session.
        """
        async with self._busy:
            generation = self._generation
            if generation == self._owned_generation:
                return
            assigned = self._assigned
            try:
                beginnings = await self._hop.own(consumer, assigned) if assigned else {}
            except IllegalStateError:  # Another rebalance has begun.
                await asyncio.sleep(POLL_MS / 1000)
                return
            if generation != self._generation:
                return  # Another rebalance came meanwhile: its turn is next.
            for partition, offset in beginnings.items():
                consumer.seek(partition, offset)
            consumer.resume(*assigned)
            self._owned_generation = generation
            log.info("%s goes on with %s", self._hop.name, _in_words(beginnings))

    async def assign(self, assigned: frozenset[TopicPartition]) -> None:
        """Take note of a new assignment; nothing is read before the hop owns it."""
        consumer = self._consumer
        if consumer is not None:
            consumer.pause(*assigned)
            for partition in assigned:
                consumer.seek(partition, 0)  # Any position will do: else "none" is an error.
        self._assigned = assigned
        self._generation += 1

    async def revoke(self) -> None:
        """Leave everything in order; a new assignment follows."""
        try:
            async with asyncio.timeout(self._settings.stop_timeout_seconds):
                await self._disown()
        except TimeoutError:
            log.warning("%s left its partitions without a last snapshot", self._hop.name)
        except Exception as error:  # noqa: BLE001 # The caller would swallow it.
            await self.crash(error)
        finally:
            self._assigned = frozenset()
            self._generation += 1

    async def _disown(self) -> None:
        async with self._busy:
            if self._consumer is None or self._owned_generation != self._generation:
                return
            if self._assigned:
                self._to_commit |= await self._hop.disown()
                await self._commit(self._consumer)
                self._assigned = frozenset()

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        """Commit what is confirmed. A commit that fails costs a second reading, nothing else."""
        offsets, self._to_commit = self._to_commit, {}
        self._committed_at_seconds = monotonic()
        try:
            if offsets:
                await consumer.commit(offsets)
        except (KafkaError, IllegalStateError) as error:
            log.warning("%s could not commit: %s", self._hop.name, type(error).__name__)

    async def _close(self) -> None:
        """Leave the group and disconnect, even from a broker that does not answer."""
        consumer, self._consumer = self._consumer, None
        stops = [self._hop.stop] if consumer is None else [consumer.stop, self._hop.stop]
        for stop in stops:
            with suppress(TimeoutError, KafkaError):
                await asyncio.wait_for(stop(), self._seconds(CLOSING_SHARE))

    def _seconds(self, share: float) -> float:
        return self._settings.stop_timeout_seconds * share


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc] # No types: Any.
    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        del revoked  # All of them: the protocol is the eager one.
        await self._ingest.revoke()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._ingest.assign(frozenset(assigned))


def _in_words(offsets: Offsets) -> str:
    places = (f"{p.topic}:{p.partition}@{offset}" for p, offset in sorted(offsets.items()))
    return ", ".join(places) or "no partition"
