"""How a market writes amounts and dates, and measures: facts of the Unicode CLDR 47, by market."""

import csv
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

TABLE: Final = "market_habits.csv"
Word = Annotated[str, Meta(min_length=1, max_length=30)]


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """One market's habits. `US` measures in inches and pounds, `UK` in a mixture."""

    market: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]  # ISO 4217.
    amount: Word  # 12345.60 of the currency, as shops there print it.
    measurement: Literal["metric", "US", "UK"]
    date: Word  # 4 March 2025 in figures.
    weekend: Annotated[str, Meta(pattern=r"^[A-Z][a-z]{2}-[A-Z][a-z]{2}$")]  # First-last day.


@cache
def market_habits() -> dict[str, Habits]:
    """Return the habits of each market that has rules of its own, by its ISO 3166-1 code."""
    text = files("resonance.sentiment.culture").joinpath(TABLE).read_text(encoding="utf-8")
    rows = msgspec.convert(list(csv.DictReader(StringIO(text, newline=""))), list[Habits])
    return {row.market: row for row in rows}
