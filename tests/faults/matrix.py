"""The matrix: which rows there are, and how one is played."""

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from faults import (
    long_case,
    rows_broker,
    rows_data,
    rows_group,
    rows_kill,
    rows_labels,
    rows_poison,
)
from faults.field import Field, Verdict
from support.kafka import KafkaBroker


@dataclass(frozen=True)
class Fault:
    """One row: what is done to the workers, and the function that does it."""

    name: str
    words: str
    play: Callable[[Field], Verdict]
    settings: dict[str, Any] = field(default_factory=dict)
    shared: bool = False  # Played on the same workers as its neighbours, which it must not harm.
    long: bool = False  # Played when it is asked for: many minutes.
    fast: bool = False  # In the subset that every build plays.


FAULTS = (
    Fault("K1", "kill -9 of workers, 4 times", rows_kill.k1, fast=True),
    Fault("K2", "kill -9 within each step", rows_kill.k2),
    Fault("K3", "SIGTERM under load; topic gone", rows_kill.k3),
    Fault("K4", "SIGSTOP beyond the session", rows_kill.k4, fast=True),
    Fault("B1", "kill -9 of the broker", rows_broker.b1, fast=True),
    Fault("B2", "SIGSTOP of the broker", rows_broker.b2),
    Fault("B3", "topics missing or wrong", rows_broker.b3, fast=True),
    Fault("R1", "scale 1, 2, 3, 1", rows_group.r1, fast=True),
    Fault("R2", "a member that flaps", rows_group.r2),
    Fault("R3", "thrown out, groups deleted", rows_group.r3),
    Fault("D1", "every event twice or thrice", rows_data.d1, shared=True, fast=True),
    Fault("D2", "out of order, in bounds", rows_data.d2, shared=True),
    Fault("D3", "late, and too late", rows_data.d3, shared=True),
    Fault("D4", "clocks that are wrong", rows_data.d4, shared=True, fast=True),
    Fault("D5", "idle partitions", rows_data.d5, shared=True),
    Fault("P1", "poison, 1 % and 10 000 at once", rows_poison.p1, shared=True, fast=True),
    Fault("P2", "mutated records", rows_poison.p2, shared=True, fast=True),
    Fault("P3", "comments of 1 MiB", rows_poison.p3, shared=True),
    Fault("P4", "Unicode bombs", rows_poison.p4, shared=True),
    Fault("P5", "a hot partition", rows_poison.p5, shared=True),
    Fault("C1", "100 000 markets and languages", rows_labels.c1, shared=True),
    Fault("C2", "100 000 viewers and streams", rows_labels.c2, shared=True),
    Fault(
        "L1",
        "200 000 events, 10 kills, and all",
        long_case.l1,
        # An event is on time even if the dead broker could not take it for a while.
        settings={"allowed_lateness_seconds": 60.0},
        long=True,
    ),
)


def chosen(names: Sequence[str]) -> list[Fault]:
    """Return the rows of these names; for none, all but the long ones.

    Raises ValueError for a name that there is not.
    """
    known = {fault.name: fault for fault in FAULTS}
    if unknown := [name for name in names if name not in known]:
        message = f"no fault {', '.join(unknown)}; there are {', '.join(known)}"
        raise ValueError(message)
    return [f for f in FAULTS if f.name in names or (not names and not f.long)]


@dataclass(frozen=True)
class Played:
    """A row that has been played."""

    fault: Fault
    verdict: Verdict
    seconds: float


def open_field(fault: Fault, broker: KafkaBroker, folder: Path) -> AbstractContextManager[Field]:
    """Return the field of a row that has one to itself."""
    prefix = f"{fault.name.lower()}."
    return Field.opened(broker, folder / fault.name, prefix, **fault.settings)


@contextmanager
def shared_field(broker: KafkaBroker, folder: Path) -> Iterator[Field]:
    """Yield the field of the rows that share it, a worker of each hop running."""
    with Field.opened(broker, folder / "shared", "shared.") as opened:
        opened.start("scoring", "engagement")
        yield opened


def play_all(faults: Sequence[Fault], broker: KafkaBroker, folder: Path) -> Iterator[Played]:
    """Play rows one after the other."""
    for shared, group in groupby(faults, key=lambda fault: fault.shared):
        if shared:
            with shared_field(broker, folder) as opened:
                for fault in group:
                    yield play(fault, opened)
        else:
            for fault in group:
                with open_field(fault, broker, folder) as opened:
                    yield play(fault, opened)


def play(fault: Fault, opened: Field) -> Played:
    """Play one row; whatever goes wrong is a verdict, too: it must not hide the other rows."""
    begun = time.monotonic()
    try:
        verdict = fault.play(opened)
    except Exception as error:  # noqa: BLE001 # As said.
        told = [*traceback.format_exception_only(error)][-1].strip()
        place = traceback.extract_tb(error.__traceback__)[-1]
        fell = f"{Path(place.filename).name}:{place.lineno}: {told}"
        verdict = Verdict(0, "a verdict", "none", faults=[fell])
    return Played(fault, verdict, time.monotonic() - begun)
