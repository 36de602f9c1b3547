"""What must hold after a schedule, whatever happened in it.

Two measures are independent of each other: the fold of the story, in the order it was told, without
a broker or a crash; and plain counts of the story, without the fold.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from resonance.agents.engagement import Engagement
from resonance.agents.settings import fold_settings
from resonance.streams import topics
from resonance.streams.codec import decode_log
from resonance.streams.events import Comment, Place, Purchase, Tick
from resonance.streams.fold.partition import PartitionFold
from resonance.streams.windows import UPTO_HEADER, decode_row
from simulation.broker import Broker
from simulation.clock import Clock
from simulation.plan import Plan
from simulation.schedule import Outcome
from simulation.story import START_MS, Sent
from simulation.worker import METRICS, scoring_hop
from simulation.world import SimulatedWorld

FAR_MS = START_MS + 10_000_000  # Long after everything, and long before anything is forgotten.


def broken_promises(outcome: Outcome) -> list[str]:
    """Return in words what does not hold; nothing when all is well."""
    if outcome.faults:
        return outcome.faults
    return [*_lost(outcome), *_windows(outcome), *_totals(outcome), *_states(outcome)]


def _lost(outcome: Outcome) -> Iterator[str]:
    """Every record is in `events` or a dead letter; what should be a dead letter is one."""
    logged = {
        (event.place.topic, event.place.partition, event.place.offset)
        for log in outcome.broker.of("events")
        for event in map(decode_log, (record.value for record in log.records))
        if not isinstance(event, Tick)
    }
    letters: dict[tuple[str, int, int], set[str]] = {}
    for log in outcome.broker.of("dead-letters"):
        for record in log.records:
            letter = msgspec.json.decode(record.value or b"")
            place = (letter["topic"], letter["partition"], letter["offset"])
            letters.setdefault(place, set()).add(letter["reason"])
    for place, sent in _places(outcome):
        reasons = letters.get(place, set())
        if place not in logged and not reasons:
            yield f"{place} is lost"
        if bool(reasons) != (sent.fate in {"refused", "poison", "too_late"}):
            yield f"{place} is {sent.fate}, and has dead letters {reasons}"


def _places(outcome: Outcome) -> Iterator[tuple[tuple[str, int, int], Sent]]:
    ends: Counter[tuple[str, int]] = Counter()
    for sent in outcome.story.sent:
        source = (sent.topic, sent.partition)
        yield (*source, ends[source]), sent
        ends[source] += 1


def _windows(outcome: Outcome) -> Iterator[str]:
    """The rows are those of one run without interruption, byte for byte."""
    expected, shown = expected_rows(outcome), shown_rows(outcome.broker)
    for key in sorted(expected.keys() | shown.keys()):
        if shown.get(key) != expected.get(key):
            yield f"{key}: {_difference(shown.get(key), expected.get(key))}"


def _difference(shown: bytes | None, expected: bytes | None) -> str:
    if shown is None or expected is None:
        return "missing" if shown is None else "unexpected"
    left, right = msgspec.json.decode(shown), msgspec.json.decode(expected)
    fields = sorted(f for f in left.keys() | right.keys() if left.get(f) != right.get(f))
    return ", ".join(f"{f} {left.get(f)} instead of {right.get(f)}" for f in fields)


def expected_rows(outcome: Outcome) -> dict[str, bytes]:
    """Return the rows that the story comes to, told once, in order, to one fold."""
    hop, fold = scoring_hop(), PartitionFold(fold_settings(outcome.settings))
    offset = 0
    for place, sent in _places(outcome):
        if sent.event is not None and sent.fate != "refused":
            fold.apply(offset, hop.score(sent.event, Place(*place)))
            offset += 1
    for tick in _last_ticks(outcome.plan):
        fold.apply(offset, tick)
        offset += 1
    fold.advance()
    return {key: row for key, row in fold.take_changed() if row is not None}


def _last_ticks(plan: Plan) -> list[Tick]:
    """Return ticks that complete everything; twice, as the first decide what a stream is."""
    return [
        Tick(
            topic=spec.name,
            partition=partition,
            partitions=plan.partitions,
            offset=0,
            position_ms=FAR_MS,
        )
        for spec in (*topics.SOURCES, *topics.SOURCES)
        for partition in range(plan.partitions)
    ]


def shown_rows(broker: Broker) -> dict[str, bytes]:
    """Return the row of every key as readers see it: the highest `upto` wins."""
    rows: dict[str, tuple[int, bytes]] = {}
    for log in broker.of("windows"):
        for record in log.records:
            key = (record.key or b"").decode()
            upto = int(dict(record.headers)[UPTO_HEADER])
            if upto >= rows.get(key, (-1, b""))[0]:
                rows[key] = (upto, record.value or b"")
    return {key: value for key, (_, value) in rows.items()}


def _totals(outcome: Outcome) -> Iterator[str]:
    """The rooms' totals are plain counts of what was sent, duplicates and the too late, too."""
    counts: dict[str, Counter[str]] = {}
    for sent in outcome.story.sent:
        if sent.event is None or sent.fate == "refused":
            continue
        room = counts.setdefault(str(sent.event.stream), Counter())
        if sent.fate != "counted":
            room[sent.fate] += 1
        elif isinstance(sent.event, Comment):
            room["comments"] += 1
        elif isinstance(sent.event, Purchase):
            room[sent.event.state] += 1
    shown = shown_rows(outcome.broker)
    for stream, expected in counts.items():
        row = decode_row(shown[f"{stream}|*|total"])
        found = Counter(
            comments=row.comments, duplicate=row.duplicates, too_late=row.too_late, **row.purchases
        )
        if found != expected:
            yield f"{stream} comes to {dict(+found)} instead of {dict(expected)}"


def _states(outcome: Outcome) -> Iterator[str]:
    """The state that a next owner finds is that of the whole log, read once."""
    settings = fold_settings(outcome.settings)
    world = SimulatedWorld(Clock(0), outcome.broker, Plan(0), host=None)
    hop = Engagement(outcome.settings, outcome.topology, METRICS, world)
    restorer = hop._restorer  # noqa: SLF001 # As a next owner has it.
    restored = _at_once(restorer.restore(range(outcome.plan.partitions)))
    for log in outcome.broker.of("events"):
        partition, fold = log.place.partition, PartitionFold(settings)
        unique = set()
        for record in log.records:
            event = decode_log(record.value)
            fold.apply(record.offset, event)
            if not isinstance(event, Tick):
                unique.add(event.place)
        fold.advance()
        fold.take_changed()
        found, expected = _facts(restored[partition].fold), _facts(fold)
        for name in expected:
            if found[name] != expected[name]:
                yield f"partition {partition}: {name} {found[name]}, not {expected[name]}, is saved"
        state = fold.state
        again = log.end - state.control - len(unique)
        by_id = sum(stream.duplicates for stream in state.streams.values())
        if state.duplicates != again + by_id:
            yield f"partition {partition}: the fence dropped not {again} records"


def _facts(fold: PartitionFold) -> dict[str, Any]:
    """Return what two states of the same log agree in, however they came to be."""
    fold.touch_all()
    state = fold.state
    return {
        "offset": fold.offset,
        "fences": state.fences,
        "ticks": state.ticks,
        "counts": (state.counted, state.too_late, state.duplicates, state.control),
        "rows": dict(fold.take_changed()),
        "questions": {name: s.questions.clusters for name, s in state.streams.items()},
        "masks": {name: s.masks.opened for name, s in state.streams.items()},
    }


def _at_once(coroutine: Any) -> Any:
    """Return what the coroutine returns, without letting time pass."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration as end:
            return end.value
