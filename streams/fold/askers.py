"""What becomes of viewers who ask: who was answered, who bought, and in which order.

Fed in event order, so that only an order after a question counts, and only an answer before the
order counts as one that may have helped.
"""

from hashlib import blake2b
from itertools import islice
from typing import Final

import msgspec

from resonance.streams.events import LoggedPurchase

ASKER_LIMIT: Final = 250_000  # Of a stream; who asks first after that is not followed.
_ANSWERED: Final = 1
_BOUGHT: Final = 2
_BITS: Final = 4  # Values are market * 4 + what became of the asker.


class Outcomes(msgspec.Struct):
    """Viewers of one market who asked, and how many of them were answered and bought."""

    asked: int = 0
    answered: int = 0  # Before they bought, or without buying.
    bought: int = 0  # After they had asked.
    answered_bought: int = 0

    def add(self, other: "Outcomes") -> None:
        """Add another market's."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def filled(self) -> dict[str, int]:
        """Return the counts by name, without zeros."""
        return {name: count for name in self.__struct_fields__ if (count := getattr(self, name))}


class SavedAskers(msgspec.Struct, array_like=True):
    """The askers of whom something new is known, and what the numbers in them mean."""

    members: list[tuple[int, int]] = []
    markets: list[str] = []
    outcomes: dict[str, Outcomes] = {}


class Askers(msgspec.Struct):
    """The askers of one stream, each in the market of their first question."""

    members: dict[int, int] = {}  # Those of whom we learned last are last.
    markets: list[str] = []
    outcomes: dict[str, Outcomes] = {}
    changes: int = 0  # Of members, since they were last saved.

    def ask(self, viewer: int, market: str) -> None:
        """Note that a viewer asks."""
        if viewer in self.members or len(self.members) >= ASKER_LIMIT:
            return
        if market not in self.outcomes:
            self.markets.append(market)
            self.outcomes[market] = Outcomes()
        self._set(viewer, self.markets.index(market) * _BITS)
        self.outcomes[market].asked += 1

    def answer(self, viewer: int) -> str | None:
        """Note that a question of the viewer was answered; after an order it helps no more.

        Returns the asker's market where it is their first answer.
        """
        known = self.members.get(viewer)
        if known is None or known & (_ANSWERED | _BOUGHT):
            return None
        self._set(viewer, known | _ANSWERED)
        self._outcomes(known).answered += 1
        return self.markets[known // _BITS]

    def buy(self, viewer: int) -> str | None:
        """Note a paid order; return the asker's market where it is their first after asking."""
        known = self.members.get(viewer)
        if known is None or known & _BOUGHT:
            return None
        self._set(viewer, known | _BOUGHT)
        outcomes = self._outcomes(known)
        outcomes.bought += 1
        outcomes.answered_bought += bool(known & _ANSWERED)
        return self.markets[known // _BITS]

    def _outcomes(self, member: int) -> Outcomes:
        return self.outcomes[self.markets[member // _BITS]]

    def _set(self, viewer: int, member: int) -> None:
        self.changes += 1
        self.members.pop(viewer, None)
        self.members[viewer] = member

    def take_saved(self, *, whole: bool) -> SavedAskers:
        """Return what changed since the last call, or everything."""
        changes = len(self.members) if whole else self.changes
        newest_first = list(islice(reversed(self.members.items()), changes))
        self.changes = 0
        return SavedAskers(newest_first[::-1], self.markets, self.outcomes)

    def load(self, saved: SavedAskers) -> None:
        """Take in what was saved; in the order of saving."""
        for viewer, member in saved.members:
            self._set(viewer, member)
        self.markets, self.outcomes = saved.markets, saved.outcomes
        self.changes = 0


def buyer_of_order(purchase: LoggedPurchase) -> int:
    """Return the 64 bits that stand for the buyer of an order that names none: one per order."""
    return int.from_bytes(blake2b(purchase.order_id.encode(), digest_size=8).digest(), "big")
