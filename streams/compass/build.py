"""The activities of many streams -> the compass: when each market buys, in its own local time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from resonance.streams.compass.activity import Activity
from resonance.streams.compass.days_off import DaysOff, days_off
from resonance.streams.compass.estimate import Evidence, Prior, estimate, prior_of, total
from resonance.streams.compass.facts import (
    BEST_HOURS,
    LEAST_COMMENTER_MINUTES,
    LEAST_STREAMS,
    Blank,
    Cell,
    HolidayDate,
    MarketCompass,
)
from resonance.streams.compass.zones import Zone, zone_of
from resonance.streams.measures import FAINT_BELOW

RATE_DIGITS: Final = 6


class StreamActivity(NamedTuple):
    """What one stream's replay yields."""

    stream: str
    slots: Sequence[Activity]


class _Hour:
    """One local hour of the week of one market, under way."""

    def __init__(self) -> None:
        self.streams: dict[str, list[Activity]] = {}
        self.on_holiday: set[str] = set()

    def evidence(self) -> list[Evidence]:
        """Return orders and commenter-minutes, by stream."""
        return [
            Evidence(sum(s.orders for s in slots), sum(s.commenter_minutes for s in slots))
            for _, slots in sorted(self.streams.items())
        ]


class _Market:
    """What one market did, sorted into its local hours."""

    def __init__(self, market: str) -> None:
        self.market = market
        self.zone: Zone = zone_of(market)
        self.days_off: DaysOff | None = days_off(market)
        self.hours: dict[tuple[int, int], _Hour] = {}
        self.streams: set[str] = set()
        self.last = date.min
        self.holidays: dict[date, set[str]] = {}

    def add(self, stream: str, slot: Activity) -> None:
        local = datetime.fromtimestamp(slot.start_ms / 1000, UTC).astimezone(self.zone.time)
        hour = self.hours.setdefault((local.weekday(), local.hour), _Hour())
        hour.streams.setdefault(stream, []).append(slot)
        self.streams.add(stream)
        day = local.date()
        self.last = max(self.last, day)
        if self.days_off is not None and self.days_off.holiday(day):
            hour.on_holiday.add(stream)
            self.holidays.setdefault(day, set()).add(stream)


def build_compass(
    activities: Iterable[StreamActivity], markets: Sequence[str] = ()
) -> tuple[MarketCompass, ...]:
    """Return the compass of each market, where most comment first; of `markets` alone, if any.

    A function of the activities, in whatever order they come.
    """
    found: dict[str, _Market] = {}
    for stream, slots in activities:
        for slot in slots:
            if not markets or slot.market in markets:
                if slot.market not in found:
                    found[slot.market] = _Market(slot.market)
                found[slot.market].add(stream, slot)
    made = [_compass(market) for market in found.values()]
    return tuple(sorted(made, key=lambda m: (-m.commenter_minutes, m.market)))


def _compass(market: _Market) -> MarketCompass:
    hours = sorted(market.hours.items())
    evidence = [hour.evidence() for _, hour in hours]
    prior = prior_of(evidence)
    whole = total(one for streams in evidence for one in streams)
    cells = tuple(_cell(when, hour, prior) for when, hour in hours)
    rate = _rounded(whole.orders / whole.commenter_minutes) if whole.commenter_minutes else None
    off = market.days_off
    return MarketCompass(
        market=market.market,
        zone=market.zone.name,
        zone_known=market.zone.known,
        weekend=None if off is None else off.weekend(market.last),
        holidays=None if off is None else _holidays(market, off),
        streams=len(market.streams),
        orders=whole.orders,
        commenter_minutes=whole.commenter_minutes,
        rate=rate,
        prior_commenter_minutes=None if prior is None else round(prior.commenter_minutes, 1),
        overdispersion=None if prior is None else round(prior.overdispersion, 3),
        best=_best(cells, rate or 0.0),
        cells=cells,
    )


def _cell(when: tuple[int, int], hour: _Hour, prior: Prior | None) -> Cell:
    evidence = hour.evidence()
    own = total(evidence)
    slots = [slot for slots in hour.streams.values() for slot in slots]
    comments = sum(slot.comments for slot in slots)
    net = sum(slot.positive - slot.negative for slot in slots)
    blank = _blank(own, len(hour.streams), prior)
    found = estimate(own, prior) if prior is not None and blank is None else None
    return Cell(
        weekday=when[0],
        hour=when[1],
        orders=own.orders,
        commenter_minutes=own.commenter_minutes,
        streams=len(hour.streams),
        holiday_streams=len(hour.on_holiday),
        blank=blank,
        rate=None if found is None else _rounded(found.rate),
        low=None if found is None else _rounded(found.low),
        high=None if found is None else _rounded(found.high),
        more_than_chance=found is not None and prior is not None and found.low > prior.rate,
        net_sentiment=round(100 * net / comments, 2) if comments else None,
        comments=comments,
        faint=comments < FAINT_BELOW,
    )


def _blank(own: Evidence, streams: int, prior: Prior | None) -> Blank | None:
    """Return why nothing can be said of an hour, the first that applies; None where it can."""
    if streams < LEAST_STREAMS:
        return "few_streams"
    if own.commenter_minutes < LEAST_COMMENTER_MINUTES:
        return "few_commenter_minutes"
    return "no_orders" if prior is None else None


def _best(cells: Sequence[Cell], least: float) -> tuple[Cell, ...]:
    """Return the hours of at least that rate: first those above it by more than chance."""
    shown = [(cell.rate, cell) for cell in cells if cell.rate is not None and cell.rate >= least]
    ranked = sorted(shown, key=lambda found: (not found[1].more_than_chance, -found[0]))
    return tuple(cell for _, cell in ranked[:BEST_HOURS])


def _holidays(market: _Market, off: DaysOff) -> tuple[HolidayDate, ...]:
    return tuple(
        HolidayDate(date=day.isoformat(), name=off.holiday(day) or "", streams=len(streams))
        for day, streams in sorted(market.holidays.items())
    )


def _rounded(rate: float) -> float:
    return round(rate, RATE_DIGITS)
