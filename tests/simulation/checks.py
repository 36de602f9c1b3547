"""What must hold after a schedule, whatever happened in it; `reference` says what is expected."""

from collections.abc import Iterable, Iterator

import msgspec

from resonance.agents.state.restoring import Restorer
from resonance.streams.codec import decode_log
from resonance.streams.events import LogEvent, Tick
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.windows import UPTO_HEADER, decode_row
from simulation.broker import Broker
from simulation.clock import Clock, at_once
from simulation.plan import Plan
from simulation.reference import FOLD, SourcePlace, Told, stream_facts
from simulation.schedule import Outcome
from simulation.worker import METRICS
from simulation.world import SimulatedWorld

# The log of `events`: by partition, all records that are there, decoded.
Logged = dict[int, list[tuple[int, LogEvent]]]


def broken_promises(outcome: Outcome) -> list[str]:
    """Return in words what does not hold; nothing when all is well."""
    if outcome.faults:
        return outcome.faults
    logged = _logged(outcome.broker)
    shown = shown_rows(outcome.broker)
    return [
        *_lost(outcome, logged),
        *_windows(outcome, shown),
        *_totals(outcome, shown),
        *_states(outcome, logged),
    ]


def _logged(broker: Broker) -> Logged:
    return {
        log.place.partition: [(record.offset, decode_log(record.value)) for record in log.records]
        for log in broker.of("events")
    }


def _lost(outcome: Outcome, logged: Logged) -> Iterator[str]:
    """Every record is in `events` or a dead letter; what should be a dead letter is one."""
    in_log = {
        (event.place.topic, event.place.partition, event.place.offset)
        for records in logged.values()
        for _, event in records
        if not isinstance(event, Tick)
    }
    letters: dict[SourcePlace, set[str]] = {}
    for log in outcome.broker.of("dead-letters"):
        for record in log.records:
            letter = msgspec.json.decode(record.value or b"")
            place = (letter["topic"], letter["partition"], letter["offset"])
            letters.setdefault(place, set()).add(letter["reason"])
    for place, sent in zip(outcome.told.places, outcome.told.sent, strict=True):
        reasons = letters.get(place, set())
        if place not in in_log and not reasons:
            yield f"{place} is lost"
        if bool(reasons) != (sent.fate in {"refused", "poison", "too_late"}):
            yield f"{place} is {sent.fate}, and has dead letters {reasons}"


def _windows(outcome: Outcome, shown: dict[str, bytes]) -> Iterator[str]:
    """The rows are those of one run without interruption, byte for byte."""
    yield from _differences(shown, outcome.told.rows)


def _differences(shown: dict[str, bytes], expected: dict[str, bytes]) -> Iterator[str]:
    if shown != expected:
        for key in sorted(expected.keys() | shown.keys()):
            if shown.get(key) != expected.get(key):
                yield f"{key}: {_difference(shown.get(key), expected.get(key))}"


def _difference(shown: bytes | None, expected: bytes | None) -> str:
    if shown is None or expected is None:
        return "missing" if shown is None else "unexpected"
    left, right = msgspec.json.decode(shown), msgspec.json.decode(expected)
    fields = sorted(f for f in left.keys() | right.keys() if left.get(f) != right.get(f))
    return ", ".join(f"{f} {left.get(f)} instead of {right.get(f)}" for f in fields)


def shown_rows(broker: Broker) -> dict[str, bytes]:
    """Return the row of every key as readers see it: the highest `upto` wins."""
    rows: dict[bytes, tuple[int, bytes]] = {}
    for log in broker.of("windows"):
        for record in log.records:
            key = record.key or b""
            upto = int(dict(record.headers)[UPTO_HEADER])
            if upto >= rows.get(key, (-1, b""))[0]:
                rows[key] = (upto, record.value or b"")
    return {key.decode(): value for key, (_, value) in rows.items()}


def _totals(outcome: Outcome, shown: dict[str, bytes]) -> Iterator[str]:
    """The rooms' totals are plain counts of what was sent, duplicates and the too late, too."""
    for stream, expected in outcome.told.rooms.items():
        row = decode_row(shown[f"{stream}|*|total"])
        found = {
            "comments": row.comments,
            "duplicate": row.duplicates,
            "too_late": row.too_late,
            **row.purchases,
            **row.stage,
        }
        if {name: count for name, count in found.items() if count} != expected:
            yield f"{stream} comes to {found} instead of {dict(expected)}"


def _states(outcome: Outcome, logged: Logged) -> Iterator[str]:
    """The state that a next owner finds is that of the story, and of the log, read once."""
    world = SimulatedWorld(Clock(0), outcome.broker, Plan(0), host=None)
    restorer = Restorer(outcome.topology, FOLD, world, METRICS)
    restored = at_once(restorer.restore(range(outcome.plan.partitions)))[0]
    rows: dict[str, bytes] = {}
    for partition, records in logged.items():
        fold = restored[partition].fold
        fold.touch_all()
        rows |= {key: row for key, row in fold.take_changed() if row is not None}
        for what, found, expected in _facts(outcome.told, fold, records):
            if found != expected:
                yield f"partition {partition}: saved is {what} {found} instead of {expected}"
    yield from (f"saved {text}" for text in _differences(rows, outcome.told.rows))


def _facts(
    told: Told, fold: PartitionFold, records: list[tuple[int, LogEvent]]
) -> Iterator[tuple[str, object, object]]:
    """Yield facts of a saved state as they are, and as they should be: by plain counts."""
    state = fold.state
    places = [event.place for _, event in records if not isinstance(event, Tick)]
    ticks = [event for _, event in records if isinstance(event, Tick)]
    unique = set(places)
    rooms = [told.rooms[name] for name in state.streams]
    by_id, too_late = (sum(room[fate] for room in rooms) for fate in ("duplicate", "too_late"))
    yield "offset", fold.offset, len(records)
    yield "ticks", state.control, len(ticks)
    yield "too late", state.too_late, too_late
    yield "duplicates", state.duplicates, len(places) - len(unique) + by_id
    yield "counted", state.counted, len(unique) - by_id - too_late
    yield "fences", state.fences, _highest((f"{p.topic}:{p.partition}", p.offset) for p in unique)
    at_ms = _highest((f"{tick.topic}:{tick.partition}", tick.position_ms) for tick in ticks)
    yield "positions", state.ticks.positions_ms, at_ms
    for name, stream in state.streams.items():
        yield f"stream {name}", stream_facts(stream), told.streams[name]


def _highest(numbers: Iterable[tuple[str, int]]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for name, number in numbers:
        highest[name] = max(number, highest.get(name, number))
    return highest
