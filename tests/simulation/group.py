"""A consumer group by the eager protocol, and its members as hops know them.

On every change of membership all members give up their partitions, then all join again. Who does
not answer is out after the session timeout, goes on reading and writing until it hears of it, and
only its commits are refused: a zombie.
"""

from collections.abc import Iterable
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from resonance.agents.hop import Offsets, Polled
from simulation.broker import Broker
from simulation.clock import Clock, pause
from simulation.plan import Plan

SESSION_MS = 2_000
HEARTBEAT_MS = 600


class Owner(Protocol):
    """The process that a member belongs to."""

    name: str
    dead: bool
    frozen_until_ms: int

    def give_up(self) -> None:
        """Revoke in order what is owned, and join again."""

    def take(self, assigned: frozenset[TopicPartition]) -> None:
        """Take note of an assignment."""

    def goes_on(self, positions: Offsets) -> None:
        """Take note of where reading goes on."""


class Group:
    """The coordinator of one group."""

    def __init__(self, clock: Clock, partitions: list[TopicPartition]) -> None:
        self.committed: Offsets = {}
        self.generation = 0
        self._clock = clock
        self._partitions = partitions
        self._members: dict[str, Member] = {}
        self._joined: set[str] | None = None  # None: stable.

    def knows(self, member: "Member") -> bool:
        """Return whether the member belongs to the current generation."""
        return member.name in self._members and member.generation == self.generation

    def join(self, member: "Member") -> None:
        """Let a member in, or hear that it has given up what it had."""
        self._members[member.name] = member
        self._change()
        if self._joined is not None:
            self._joined.add(member.name)
        self._settle()

    def leave(self, member: "Member") -> None:
        """Let a member go; also one that died, when its session has timed out."""
        if self._members.pop(member.name, None) is not None:
            if self._joined is not None:
                self._joined.discard(member.name)
            self._change()
            self._settle()

    def lose(self, member: "Member") -> None:
        """Expect no heartbeat of the member for now: out it goes unless one comes in time."""
        self._clock.after(SESSION_MS, self._expire, member)

    def _expire(self, member: "Member") -> None:
        if member.owner.dead:
            self.leave(member)
        elif member.owner.frozen_until_ms > self._clock.now_ms and member.name in self._members:
            self.leave(member)
            # It hears of it by its first heartbeat after it has thawed.
            thaw_ms = member.owner.frozen_until_ms - self._clock.now_ms
            self._clock.after(thaw_ms + self._clock.up_to(HEARTBEAT_MS), self._notify, member)

    def _change(self) -> None:
        if self._joined is None:
            self._joined = set()
            for member in self._members.values():
                self._clock.after(self._clock.up_to(HEARTBEAT_MS), self._notify, member)

    def _notify(self, member: "Member") -> None:
        """Tell a member by its heartbeat that it has to join again, if that is still so."""
        waited_for = self._joined is not None and member.name not in self._joined
        if not member.owner.dead and (waited_for or member.name not in self._members):
            member.owner.give_up()

    def _settle(self) -> None:
        if self._joined is None or not self._members or self._members.keys() - self._joined:
            return
        self._joined = None
        self.generation += 1
        members = sorted(self._members)
        shares: dict[str, set[TopicPartition]] = {name: set() for name in members}
        for place in self._partitions:
            shares[members[place.partition % len(members)]].add(place)
        for name in members:
            member = self._members[name]
            self._clock.after(
                self._clock.up_to(200), self._assign, member, self.generation, shares[name]
            )

    def _assign(self, member: "Member", generation: int, share: set[TopicPartition]) -> None:
        owner = member.owner
        if owner.dead or generation != self.generation or self._joined is not None:
            return  # Another rebalance has begun.
        if owner.frozen_until_ms > self._clock.now_ms:
            wait_ms = owner.frozen_until_ms - self._clock.now_ms
            self._clock.after(wait_ms, self._assign, member, generation, share)
            return
        member.generation = generation
        member.own(frozenset(share))
        owner.take(member.assigned)


class Member:
    """One consumer of the group: `GroupConsumer` for hops and turns."""

    def __init__(
        self, owner: Owner, group: Group, broker: Broker, clock: Clock, plan: Plan
    ) -> None:
        self.owner = owner
        self.name = owner.name
        self.assigned: frozenset[TopicPartition] = frozenset()
        self.generation = -1
        self._group = group
        self._broker = broker
        self._clock = clock
        self._plan = plan
        self._in_order: list[TopicPartition] = []
        self._positions: Offsets = {}
        self._paused: set[TopicPartition] = set()

    def own(self, assigned: frozenset[TopicPartition]) -> None:
        """Read these from now on, and no others."""
        self.assigned, self._in_order = assigned, sorted(assigned)

    async def getmany(self, *, timeout_ms: int, max_records: int) -> Polled:
        """Return what there is; when there is nothing, wait for more, and not only `timeout_ms`.

        To sleep longer than asked is what a busy machine does, too, and saves steps.
        """
        del timeout_ms
        if polled := self._poll(max_records):
            await pause("polled", 50 + self._clock.up_to(400))
            return polled
        idle_ms = 350 if self._clock.calm else 400 + self._clock.up_to(1_000)
        await pause("polled nothing", idle_ms)
        return self._poll(max_records)

    def _poll(self, max_records: int) -> Polled:
        polled = {}
        left = 1 + int(self._clock.random.random() * max_records)
        for place in self._in_order:
            if place in self._paused:
                continue
            records = self._broker.logs[place].read(self._positions[place], left)
            if records:
                polled[place] = records
                self._positions[place] = records[-1].offset + 1
                left -= len(records)
            if not left:
                break
        return polled

    async def commit(self, offsets: Offsets) -> None:
        """Keep the offsets; raises what aiokafka raises when this is no member any more."""
        await pause("committing", self._clock.up_to(50))
        if not self._group.knows(self):
            raise CommitFailedError
        if not self.assigned >= offsets.keys():
            raise IllegalStateError
        if self._plan.lost_answers and self._clock.chance(0.1):
            raise CommitFailedError
        self._group.committed.update(offsets)
        await pause("committed", self._clock.up_to(20))

    async def committed(self, partition: TopicPartition) -> int | None:
        """Return what the group has committed."""
        await pause("asked for what is committed", self._clock.up_to(20))
        return self._group.committed.get(partition)

    async def position(self, partition: TopicPartition) -> int:
        """Return where the next poll begins."""
        self._check(partition)
        return self._positions[partition]

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Return zeros: nothing is deleted by age here."""
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Return the ends as they are when the question reaches the broker."""
        await pause("asking for the ends", self._clock.up_to(50))
        ends = {place: self._broker.logs[place].end for place in partitions}
        await pause("asked for the ends", self._clock.up_to(500))
        return ends

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on from there."""
        self._check(partition)
        self._positions[partition] = offset

    def pause(self, *partitions: TopicPartition) -> None:
        """Return nothing of these for now."""
        self._paused.update(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        """Return records of these again."""
        for partition in partitions:
            self._check(partition)
        self._paused.difference_update(partitions)
        self.owner.goes_on({partition: self._positions[partition] for partition in partitions})

    def _check(self, partition: TopicPartition) -> None:
        if partition not in self.assigned:
            raise IllegalStateError
