"""Kafka -> a Faust agent, in batches: one service a hop that owns the hop's consumer.

Faust's own consumer hands over record by record, commits past what is in flight, and drops a
record whose agent raised. This one hands over a poll at a time, waits for the agent's answer, and
commits only what the answer says is confirmed.
"""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from faust.types import ChannelT
from mode import Service

from resonance.agents.broker.connection import python_options
from resonance.agents.broker.kafka_world import AsyncioRuntime
from resonance.agents.broker.refusals import denied, in_words, is_denial
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.hop import Hop, Offsets, Polled
from resonance.agents.settings import Settings
from resonance.agents.state.memory import give_back
from resonance.agents.turns import POLL_MS, Turns

log = logging.getLogger(__name__)

# Shares of the time to stop in: for what is under way and the last snapshot, and for closing.
LEAVING_SHARE: Final = 0.5
CLOSING_SHARE: Final = 0.1
# After a take-over: of what is not wanted any more, and of what the records took that had piled up.
GIVE_BACK_AFTER_SECONDS: Final = (0.0, 30.0)


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
        self._turns = Turns(
            hop, AsyncioRuntime(), self._through_agent, settings.revoke_timeout_seconds
        )
        self._left = asyncio.Event()
        self._taking_over = False  # From an assignment until its state is there.
        self._give_back_at_seconds: list[float] = []

    @Service.task
    async def _run(self) -> None:
        try:
            await self._hop.start()
            self._consumer = await self._join()
            while not self.should_stop:
                await self._turns.turn(self._consumer)
                await self._give_back_when_due()
            # Stopped in order: what was owned is left in order, too. A hop that failed does not
            # come here, and leaves nothing but what was confirmed.
            await self._turns.leave(self._consumer)
        except (KafkaError, ServiceUnreachable) as error:
            if self.should_stop:  # What is not confirmed is read again by whoever comes next.
                log.warning("%s leaves at once (%s)", self._hop.name, type(error).__name__)
            elif isinstance(error, KafkaError) and is_denial(error):
                raise denied(self._settings, in_words(error), self._hop.name) from error
            else:
                raise
        finally:
            await self._close()
            self._left.set()

    async def _give_back_when_due(self) -> None:
        now_seconds = time.monotonic()
        if self._taking_over and self._turns.owns_what_is_assigned:
            self._taking_over = False
            self._give_back_at_seconds = [now_seconds + after for after in GIVE_BACK_AFTER_SECONDS]
        if self._give_back_at_seconds and now_seconds >= self._give_back_at_seconds[0]:
            del self._give_back_at_seconds[0]
            await asyncio.to_thread(give_back)

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
            group_instance_id=self._settings.group_instance_id or None,
            enable_auto_commit=False,
            auto_offset_reset="none",  # Never silently: where to go on is the hop's decision.
            partition_assignment_strategy=(assignor(self._hop),),
            fetch_max_wait_ms=POLL_MS,  # A question on the same connection waits for the fetch.
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 4,
        )
        self._consumer = consumer  # To be closed, however the start ends.
        consumer.subscribe(list(self._hop.topics), listener=_Rebalances(self))
        await consumer.start()
        return consumer

    async def _through_agent(self, polled: Polled) -> Offsets:
        while not self._batches.subscriber_count:  # noqa: ASYNC110 # The agent is about to start.
            await asyncio.sleep(POLL_MS / 1000)
        work = Work(polled)
        # Typed for topics, whose channels take events; this one takes values.
        await self._batches.put(work)  # type: ignore[arg-type]
        return await work.answer

    async def assign(self, assigned: frozenset[TopicPartition]) -> None:
        """Take note of a new assignment; nothing is read before the hop owns it."""
        if self._consumer is not None:
            self._turns.assign(self._consumer, assigned)
            self._taking_over = True

    async def revoke(self) -> None:
        """Leave everything in order; a new assignment follows."""
        try:
            if self._consumer is not None:
                await self._turns.revoke(self._consumer)
        except Exception as error:  # noqa: BLE001 # The caller would swallow it.
            await self.crash(error)

    async def _close(self) -> None:
        """Leave the group and disconnect, even from a broker that does not answer."""
        consumer, self._consumer = self._consumer, None
        stops = [self._hop.stop] if consumer is None else [consumer.stop, self._hop.stop]
        for stop in stops:
            with suppress(TimeoutError, KafkaError):
                await asyncio.wait_for(stop(), self._seconds(CLOSING_SHARE))

    def _seconds(self, share: float) -> float:
        return self._settings.stop_timeout_seconds * share


def assignor(hop: Hop) -> type[Any]:  # The library has no types.
    """Return how partitions are dealt out in the hop's group; with two ways aiokafka joins twice.

    By range, whoever joins moves nearly everything. With state to read back that is seconds in
    which nothing is counted, so each member keeps what it had.
    """
    if not hop.holds_state:
        return RangePartitionAssignor  # type: ignore[no-any-return] # As above.

    class Sticky(StickyPartitionAssignor):  # type: ignore[misc] # No types: Any.
        """One for each consumer: the library's keeps on the class what a member holds.

        The name is what workers of the version before know. Where one of those leads, it deals by
        range, and nobody minds; where one of these does, by what each says that it holds.
        """

        name = RangePartitionAssignor.name
        member_assignment = None

    return Sticky


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc] # No types: Any.
    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        del revoked  # All of them: the protocol is the eager one.
        await self._ingest.revoke()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._ingest.assign(frozenset(assigned))
