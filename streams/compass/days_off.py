"""Which days a market does not work: its public holidays and its weekend.

By the package `holidays`: holidays of the whole country, not those of single regions; days that
depend on the moon are estimates where no authority has announced them. Names are in English where
it has them.
"""

from datetime import date, timedelta
from typing import Final

from holidays import HolidayBase, country_holidays

WEEK_DAYS: Final = 7


class DaysOff:
    """The days off of one market; dates are local."""

    def __init__(self, known: HolidayBase) -> None:
        self._known = known

    def holiday(self, day: date) -> str | None:
        """Return the name of the public holiday of that date, or None on any other date."""
        return self._known.get(day)

    def weekend(self, until: date) -> tuple[int, ...]:
        """Return the weekdays (0: Monday) of the weekend, as it was in the week up to that date."""
        week = [until - timedelta(days=back) for back in range(WEEK_DAYS)]
        return tuple(sorted(day.weekday() for day in week if self._known.is_weekend(day)))


def days_off(market: str) -> DaysOff | None:
    """Return the days off of a market (ISO 3166-1 alpha-2); None where they are not known."""
    try:
        return DaysOff(country_holidays(market, language="en_US"))
    except NotImplementedError:
        return None
