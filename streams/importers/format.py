"""What a format is: a name, a way to know it, a way to read it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from resonance.streams.importers.options import Options
from resonance.streams.importers.outcomes import Outcome, Skip
from resonance.streams.reasons import Reason

Read = Callable[[Iterable[bytes], Options], Iterator[Outcome]]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of input.

    `recognises` is shown the head of an input, cut anywhere; `read` is given all its pieces (see
    `pieces`) and yields each row's outcome as soon as the row is complete.
    """

    name: str
    about: str
    recognises: Callable[[bytes], bool]
    read: Read
    # One row of these is taken as a fault of the whole file: another program must save it anew.
    fatal: frozenset[Reason | Skip] = frozenset()
