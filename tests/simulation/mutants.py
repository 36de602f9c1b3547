"""Bugs planted on purpose: each a line of the real code, changed. The simulator has to find all."""

import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from resonance.agents.engagement import Engagement
from resonance.agents.state.snapshot_reader import SnapshotReader
from resonance.agents.turns import Turns
from resonance.streams.fold.partition import PartitionFold
from simulation.reference import told


class Mutant(NamedTuple):
    """One method, and what its text says instead."""

    owner: type
    method: str
    was: str
    becomes: str


_HASTY = """\
confirmed = {p: records[-1].offset + 1 for p, records in polled.items()}
                await consumer.commit(confirmed)
                await self._through_agent(polled)
"""

MUTANTS = {
    "commit before ack": Mutant(
        Turns, "turn", "confirmed = await self._through_agent(polled)\n", _HASTY
    ),
    ">= in the fence": Mutant(
        PartitionFold,
        "apply",
        "event.place.offset <= state.fences.get(source, -1)",
        "not event.place.offset >= state.fences.get(source, -1)",
    ),
    "snapshot before outputs": Mutant(
        Engagement,
        "_publish",
        "await self._write_rows(owned)",
        "await self._save(owned); await self._write_rows(owned)",
    ),
    "lowest offset wins": Mutant(
        SnapshotReader,
        "found",
        "reverse=True",
        "reverse=False",
    ),
    # These two were not planted: the simulator found them.
    "failed commits forgotten": Mutant(Turns, "_commit", "self._to_commit = offsets\n", "pass\n"),
    "late events at once": Mutant(
        PartitionFold,
        "_waits",
        "return in_time and",
        "return lateness_of(event) <= allowed_ms and",
    ),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Run with one bug. Fails when the line it changes is not there any more, and says so."""
    mutant = MUTANTS[name]
    original = getattr(mutant.owner, mutant.method)
    text = inspect.getsource(original)
    assert mutant.was in text, f"{original.__qualname__} has changed: plant `{name}` anew"
    scope = dict(vars(sys.modules[mutant.owner.__module__]))
    exec(textwrap.dedent(text.replace(mutant.was, mutant.becomes)), scope)
    setattr(mutant.owner, mutant.method, scope[mutant.method])
    told.cache_clear()  # A bug in the fold is in the reference, too.
    try:
        yield
    finally:
        setattr(mutant.owner, mutant.method, original)
        told.cache_clear()
