"""A worker that is given back what it has left does not read it again, unless it must."""

import pytest
from aiokafka import TopicPartition

from resonance.agents.broker.records import Record
from resonance.agents.broker.topology import Topology
from resonance.agents.engagement import Engagement
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.codec import encode_log
from simulation.broker import Broker, Log
from simulation.checks import shown_rows
from simulation.clock import Clock, at_once
from simulation.plan import Plan
from simulation.worker import METRICS
from simulation.world import SimulatedWorld
from support.log_events import Build

EVENTS = TopicPartition("events", 0)
STATE = TopicPartition("state", 0)
ALL = frozenset({EVENTS})


class Room:
    """A broker with one partition of each topic, and workers that take turns at it."""

    def __init__(self) -> None:
        names = [spec.name for spec in topics.ALL]
        self.broker = Broker(dict.fromkeys(names, 1))
        self.topology = Topology("", dict.fromkeys(names, 1), {name: name for name in names})
        self._build = Build()
        self._told = 0

    def worker(self) -> Engagement:
        """Return a worker that owns nothing yet."""
        world = SimulatedWorld(Clock(0), self.broker, Plan(0), host=None)
        return Engagement(Settings(partitions=1), self.topology, METRICS, world)

    def tell(self, worker: Engagement, count: int) -> None:
        """Let comments be said and folded; they wait, as no tick has come."""
        log = self.broker.logs[EVENTS]
        first = log.end
        for _ in range(count):
            said = self._build.comment(f"c{self._told}", self._told)
            log.append([Record(b"live", encode_log(said))], 0)
            self._told += 1
        at_once(worker.process({EVENTS: log.read(first, count)}))

    def pass_through(self, worker: Engagement, count: int = 20) -> list[str]:
        """Let a worker take over, fold comments and leave in order; returns how it took over."""
        steps = self.own(worker)
        self.tell(worker, count)
        at_once(worker.disown())
        return steps

    def tick(self, worker: Engagement) -> None:
        """Let everything said be counted; the row of the room is then to be seen."""
        log = self.broker.logs[EVENTS]
        first = log.end
        ticks = self._build.ticks(self._told + 3_600)
        log.append([Record(b"live", encode_log(tick)) for tick in ticks], 0)
        at_once(worker.process({EVENTS: log.read(first, len(ticks))}))

    def own(self, worker: Engagement, assigned: frozenset[TopicPartition] = ALL) -> list[str]:
        """Let a worker take over; returns the steps that it took."""
        return at_once(worker.own(None, assigned))[1]


@pytest.fixture
def room() -> Room:
    return Room()


def test_what_was_left_in_order_is_gone_on_with_as_it_is(room):
    worker = room.worker()
    room.pass_through(worker)
    saved = room.broker.logs[STATE].end

    offsets, steps = at_once(worker.own(None, ALL))

    assert offsets == {EVENTS: 20}
    assert set(steps) == {"asked for bounds", "rows taken"}  # Nothing is read, nothing written.
    assert room.broker.logs[STATE].end == saved


def test_it_goes_on_with_its_snapshots_where_it_left_them(room):
    worker = room.worker()
    room.pass_through(worker)
    room.pass_through(worker)

    offsets, steps = at_once(room.worker().own(None, ALL))

    assert offsets == {EVENTS: 40}
    assert "read state" in steps
    assert room.broker.saved == {0: 40}


def test_it_gives_the_rows_of_one_that_reads_everything_back(room):
    kept, fresh = room.worker(), room.worker()
    room.pass_through(kept)
    room.own(kept)
    room.tell(kept, 20)
    room.tick(kept)
    at_once(kept.disown())
    by_kept = shown_rows(room.broker)

    steps = room.own(fresh)

    assert "wrote windows" in steps  # A new owner writes its rows again.
    assert b'"comments":40' in by_kept["live|*|total"]
    assert shown_rows(room.broker) == by_kept


def test_what_another_has_saved_since_is_read_back(room):
    first, second = room.worker(), room.worker()
    room.pass_through(first)
    room.pass_through(second, 5)

    offsets, steps = at_once(first.own(None, ALL))

    assert "read state" in steps
    assert offsets == {EVENTS: 25}


def test_where_another_has_written_between_it_is_read_back(room):
    """A zombie may have saved more than we, or left records that nobody would ever delete."""
    worker, zombie = room.worker(), room.worker()
    room.own(zombie)
    room.own(worker)
    room.tell(zombie, 20)
    at_once(zombie.disown())
    room.tell(worker, 5)
    at_once(worker.disown())

    assert "read state" in room.own(worker)


def test_where_the_broker_did_not_say_where_a_record_lies_it_is_read_back(room):
    worker = room.worker()
    room.own(worker)
    room.tell(worker, 20)
    worker._world.end_written = lambda _: None  # noqa: SLF001 # As after a repeated batch.
    at_once(worker.disown())

    assert "read state" in room.own(worker)


def test_what_was_left_without_a_last_snapshot_is_read_back(room):
    worker = room.worker()
    room.own(worker)
    room.tell(worker, 20)
    leaving = worker.disown()
    leaving.send(None)
    leaving.close()  # Time is up.

    offsets, steps = at_once(worker.own(None, ALL))

    assert offsets == {EVENTS: 0}  # Of the snapshot that it began with.
    assert "wrote manifest" in steps


def test_a_worker_without_a_partition_keeps_nothing(room):
    worker = room.worker()
    room.pass_through(worker)

    room.own(worker, frozenset())

    assert "read events" in room.own(worker)


def test_a_state_that_was_deleted_is_not_taken_from_memory(room):
    worker = room.worker()
    room.pass_through(worker)
    room.broker.logs[STATE].delete()

    offsets, _ = at_once(worker.own(None, ALL))

    assert offsets == {EVENTS: 0}


def test_nor_is_one_whose_topic_was_made_anew(room):
    worker = room.worker()
    room.pass_through(worker)
    room.broker.logs[STATE] = Log(STATE)

    offsets, _ = at_once(worker.own(None, ALL))

    assert offsets == {EVENTS: 0}


def test_a_log_that_lost_what_comes_next_is_refused_from_memory_too(room):
    worker = room.worker()
    room.pass_through(worker)
    room.broker.logs[EVENTS].end += 10
    room.broker.logs[EVENTS].first = 25

    with pytest.raises(ServiceUnreachable, match="5 records after the saved state are gone"):
        at_once(worker.own(None, ALL))
