"""What the compass says, as plain data: for a page, a terminal or a program."""

from typing import Final, Literal

import msgspec

LEAST_STREAMS: Final = 2  # One evening tells of itself, not of its hour.
LEAST_COMMENTER_MINUTES: Final = 100
BEST_HOURS: Final = 3

# Why an hour is blank: fewer streams or commenter-minutes than above, or a market without orders.
Blank = Literal["few_streams", "few_commenter_minutes", "no_orders"]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One local hour of the week. Rates are orders per commenter-minute."""

    weekday: int  # 0: Monday, to 6: Sunday.
    hour: int  # 0 to 23, its beginning.
    orders: int
    commenter_minutes: int
    streams: int  # With a comment or an order in it.
    holiday_streams: int  # Of those, on a public holiday of the market.
    blank: Blank | None
    rate: float | None  # Pulled to the market's rate; None where blank.
    low: float | None  # The 95 % interval around it.
    high: float | None
    more_than_chance: bool  # Whether that interval lies above the market's rate.
    net_sentiment: float | None  # -100 to 100; None without a comment.
    comments: int  # The n of net sentiment.
    faint: bool  # Whether that n is below 30.


class HolidayDate(msgspec.Struct, frozen=True, kw_only=True):
    """A local date of streams that was a public holiday of the market."""

    date: str  # ISO 8601.
    name: str
    streams: int


class MarketCompass(msgspec.Struct, frozen=True, kw_only=True):
    """When one market buys."""

    market: str
    zone: str  # Its main time zone by the IANA's name.
    zone_known: bool  # False: UTC, for want of one.
    weekend: tuple[int, ...] | None  # Weekdays; None where days off are not known.
    holidays: tuple[HolidayDate, ...] | None
    streams: int
    orders: int
    commenter_minutes: int
    rate: float | None  # Of the market over all hours; None without a commenter-minute.
    prior_commenter_minutes: float | None  # What that rate weighs in each cell's; None: no orders.
    overdispersion: float | None  # Variance between streams of one hour over Poisson's.
    # At most 3 of those not below the market's rate: by more than chance above it, then the others.
    best: tuple[Cell, ...]
    cells: tuple[Cell, ...]  # By weekday and hour; hours without a stream are left out.


class Compass(msgspec.Struct, frozen=True, kw_only=True):
    """When the markets of a channel buy. Times are UTC milliseconds."""

    channel: str
    platform: str
    days: int  # How far before the channel's last stream it looks back.
    first_start_ms: int
    last_start_ms: int
    streams: tuple[str, ...]  # In order of time.
    markets: tuple[MarketCompass, ...]
