"""How many different people wrote or bought in one market since the stream's start.

As `Distinct`, which is for ten seconds. Here they are a stream's thousands: they take a ninth of
the memory, and who came since the last snapshot is known.
"""

from array import array
from bisect import bisect_left
from typing import Final

import msgspec

from resonance.streams.fold.distinct import EXACT_LIMIT, estimate, register, registers_of

_MANY: Final = 64  # Saved members that are better sorted than put in one by one.


class SavedMembers(msgspec.Struct, array_like=True):
    """Members that came since the last snapshot; or the registers, whole: they are 16 KiB."""

    members: list[int] = []
    registers: bytes | None = None


def _none() -> "array[int]":
    return array("Q")


class Members(msgspec.Struct):
    """A set of 64-bit numbers, exact up to `EXACT_LIMIT` of them, then an estimate."""

    exact: "array[int]" = msgspec.field(default_factory=_none)  # Sorted: 8 bytes, a dict's are 70.
    registers: bytearray | None = None  # In place of `exact`, once it grew too big.
    unsaved: "array[int]" = msgspec.field(default_factory=_none)

    def add(self, member: int) -> None:
        """Take one 64-bit member in; a second time changes nothing."""
        if self.registers is not None:
            register(self.registers, member)
            return
        place = bisect_left(self.exact, member)
        if place < len(self.exact) and self.exact[place] == member:
            return
        self.exact.insert(place, member)
        self.unsaved.append(member)
        self._spill_beyond_limit()

    def count(self) -> int:
        """Return the number of different members, exact or estimated."""
        return len(self.exact) if self.registers is None else estimate(self.registers)

    def take_saved(self, *, whole: bool) -> SavedMembers:
        """Return what came since the last call, or everything."""
        if self.registers is not None:
            return SavedMembers(registers=bytes(self.registers))
        saved = SavedMembers(list(self.exact if whole else self.unsaved))
        self.unsaved = _none()
        return saved

    def load(self, saved: SavedMembers) -> None:
        """Take in what was saved, in the order of saving."""
        if saved.registers is not None:
            self.exact, self.registers = _none(), bytearray(saved.registers)
        elif self.registers is None and len(saved.members) > _MANY:
            self.exact = array("Q", sorted({*self.exact, *saved.members}))
            self._spill_beyond_limit()
        else:
            for member in saved.members:
                self.add(member)
        self.unsaved = _none()

    def _spill_beyond_limit(self) -> None:
        if len(self.exact) > EXACT_LIMIT:
            self.registers = registers_of(self.exact)
            self.exact, self.unsaved = _none(), _none()
