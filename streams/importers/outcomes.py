"""What can come of a row besides an event, and of a file besides rows."""

from enum import StrEnum
from typing import Final

import msgspec

from resonance.streams.events import RawEvent
from resonance.streams.reasons import Reason


class Skip(StrEnum):
    """Why a row was left out, where the reasons of a record do not say it."""

    NOT_A_MESSAGE = "not_a_message"  # The tool's own rows: tickers, banners, placeholders.
    NOT_A_ROW = "not_a_row"  # What cannot be cut into cells.
    WRONG_WIDTH = "wrong_width"  # More or fewer cells than the table has columns.
    NOT_PAID = "not_paid"  # A shop's record of no money: a checkout, a test, an unpaid order.
    NO_AMOUNT = "no_amount"  # A notification of an order without its amount.


# A file may well hold nothing else: that is no fault of it.
EXPECTED: Final = frozenset({Skip.NOT_PAID, Skip.NO_AMOUNT})


class Skipped(msgspec.Struct, frozen=True):
    """A row that became no event; `detail` names the field and the fault, never a value."""

    reason: Reason | Skip
    line: int  # Where the row begins, from 1.
    detail: str = ""
    kind: str = ""  # What the tool calls such a row, where it calls it anything.


class Kinded(msgspec.Struct, frozen=True):
    """An event, and what kind of row it was to the tool that wrote it: `text`, `paid`."""

    event: RawEvent
    kind: str


Outcome = RawEvent | Kinded | Skipped


class BrokenFileError(Exception):
    """The input as a whole cannot be used: its name, the line, the fault and the remedy."""

    def __init__(self, fault: str, remedy: str, line: int | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.remedy = remedy
        self.line = line
        self.name: str | None = None  # Set by whoever knows what the input is called.

    def __str__(self) -> str:
        """Return one line for a user."""
        places = [self.name, f"line {self.line}" if self.line else None]
        place = ", ".join(filter(None, places))
        return f"{place + ': ' if place else ''}{self.fault}. {self.remedy}"
