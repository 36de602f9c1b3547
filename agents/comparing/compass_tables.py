"""The compass on a terminal: a table of the week for each market, and its best hours in words."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from resonance.streams.compass.facts import (
    LEAST_COMMENTER_MINUTES,
    LEAST_STREAMS,
    Blank,
    Cell,
    Compass,
    MarketCompass,
)

WEEKDAYS: Final = (*("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),)
PER: Final = 100  # Rates are shown per so many commenter-minutes.
WHY_BLANK: Final[dict[Blank, str]] = {
    "few_streams": f"of fewer than {LEAST_STREAMS} streams",
    "few_commenter_minutes": f"of fewer than {LEAST_COMMENTER_MINUTES} commenter-minutes",
    "no_orders": "as the market has no orders",
}
LEGEND: Final = (
    f"Orders per {PER} commenter-minutes, then net sentiment. * above the market's rate by more "
    "than chance. ° some of its streams were on a public holiday. · too little evidence. "
    "Faint: net sentiment of fewer than 30 comments."
)


def print_compass(console: Console, compass: Compass) -> None:
    """Print it for people."""
    first, last = (_date(at_ms) for at_ms in (compass.first_start_ms, compass.last_start_ms))
    streams = _counted(len(compass.streams), "stream")
    _say(console, f"{compass.channel} on {compass.platform}: {streams}, {first} to {last}.")
    for market in compass.markets:
        console.print()
        _say(console, _headline(market), "bold")
        console.print(_table(market))
        for line in _words(market):
            _say(console, line)
    console.print()
    _say(console, LEGEND, "dim")


def _say(console: Console, line: str, style: str = "") -> None:
    """Print a line, which the terminal may wrap, and in which nothing is markup."""
    console.print(Text(line, style=style), soft_wrap=True)


def _headline(market: MarketCompass) -> str:
    zone = market.zone if market.zone_known else f"{market.zone}, as its time zone is not known"
    evidence = _evidence(market.orders, market.commenter_minutes)
    rate = "" if market.rate is None else f": {_per(market.rate)} per {PER}"
    streams = _counted(market.streams, "stream")
    return f"{market.market} ({zone}). {streams}, {evidence}{rate}"


def _table(market: MarketCompass) -> Table:
    """Return the week: a row for each hour that has any evidence, a column for each weekday."""
    table = Table(header_style="bold", pad_edge=False, padding=(0, 1, 0, 0), box=None)
    table.add_column("")
    for weekday, name in enumerate(WEEKDAYS):
        off = "\nweekend" if weekday in (market.weekend or ()) else ""
        table.add_column(f"{name[:3]}{off}", justify="right")
    cells = {(cell.weekday, cell.hour): cell for cell in market.cells}
    for hour in sorted({cell.hour for cell in market.cells}):
        row = [cells.get((weekday, hour)) for weekday in range(len(WEEKDAYS))]
        table.add_row(f"{hour:02}:00", *("" if cell is None else _cell(cell) for cell in row))
    return table


def _cell(cell: Cell) -> Text:
    rate = "·" if cell.rate is None else _per(cell.rate)
    marks = f"{'*' if cell.more_than_chance else ''}{'°' if cell.holiday_streams else ''}"
    mood = "" if cell.net_sentiment is None else f" {cell.net_sentiment:+.0f}"
    return Text.assemble(
        (f"{rate}{marks}", "bold" if cell.more_than_chance else ""),
        (mood, "dim" if cell.faint else ""),
    )


def _words(market: MarketCompass) -> list[str]:
    shown = any(cell.rate is not None for cell in market.cells)
    lines = ["Best hours:"] if market.best else ["No hour is above its rate."] if shown else []
    lines += [f"  {_hour(cell)}" for cell in market.best]
    blank = Counter(cell.blank for cell in market.cells if cell.blank)
    if blank:
        told = [
            f"{_counted(blank[why], 'hour')} {words}"
            for why, words in WHY_BLANK.items()
            if blank[why]
        ]
        lines.append(f"Blank: {', '.join(told)}.")
    if market.weekend is None:
        lines.append("Its weekend and public holidays are not known: none are marked.")
    elif market.holidays:
        days = [f"{d.date} {d.name} ({_counted(d.streams, 'stream')})" for d in market.holidays]
        lines.append(f"Public holidays: {', '.join(days)}.")
    return lines


def _hour(cell: Cell) -> str:
    """Return an hour that is not blank in words."""
    assert cell.rate is not None
    assert cell.low is not None
    assert cell.high is not None
    mood = "–" if cell.net_sentiment is None else f"{cell.net_sentiment:+.0f}"
    when = f"{WEEKDAYS[cell.weekday]} {cell.hour:02}:00–{cell.hour + 1:02}:00"
    interval = f"95 %: {_per(cell.low)}–{_per(cell.high)}"
    parts = (
        f"{when}: {_per(cell.rate)} per {PER} ({interval})",
        f"{_evidence(cell.orders, cell.commenter_minutes)} of {_counted(cell.streams, 'stream')}",
        f"net sentiment {mood} (n {cell.comments:,})",
        *(() if cell.more_than_chance else ("not more than chance",)),
    )
    return "; ".join(parts)


def _evidence(orders: int, commenter_minutes: int) -> str:
    return f"{_counted(orders, 'order')} in {_counted(commenter_minutes, 'commenter-minute')}"


def _per(rate: float) -> str:
    """Return a rate per 100 commenter-minutes, with the digits that a small one needs.

    >>> [_per(rate) for rate in (0.0312, 0.0031, 0.00031)]
    ['3.1', '0.31', '0.031']
    """
    shown = rate * PER
    return f"{shown:.1f}" if shown >= 1 else f"{shown:.2g}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _date(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
