"""A market's local time.

`zones.tsv` is after zone.tab of the IANA time zone database, of whose zones it names one a country:
where there are several, that of the country's most populous city (US: America/New_York).
"""

from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

PACKAGE: Final = "resonance.streams.compass"
UTC_ZONE: Final = "UTC"


class Zone(NamedTuple):
    """A market's time zone; `known` is False where UTC stands in for one that nobody knows."""

    name: str  # Of the IANA time zone database.
    time: ZoneInfo
    known: bool


def zone_of(market: str) -> Zone:
    """Return the market's main time zone; UTC for `unknown`, `other` and what has none.

    >>> zone_of("BR").name, zone_of("unknown").known
    ('America/Sao_Paulo', False)
    """
    name = main_zones().get(market)
    return Zone(name or UTC_ZONE, ZoneInfo(name or UTC_ZONE), name is not None)


@cache
def main_zones() -> dict[str, str]:
    """Return the zone's name by market, of every market that has one."""
    lines = files(PACKAGE).joinpath("zones.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines[1:])
