"""A market's local time and its days off."""

from datetime import UTC, date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from resonance.sentiment.language.markets import MARKET_LANGUAGES
from resonance.streams.compass.days_off import days_off
from resonance.streams.compass.zones import main_zones, zone_of

CHRISTMAS = date(2025, 12, 25)
WITHOUT_PEOPLE = {"AQ", "UM"}  # Nobody lives there to buy.


def zones_by_country() -> dict[str, list[str]]:
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found.setdefault(country, []).append(name)
    return found


def test_every_market_that_we_know_the_languages_of_has_a_zone():
    assert set(MARKET_LANGUAGES) <= set(main_zones())


def test_every_zone_is_one_of_its_country_and_no_country_is_left_out():
    known = zones_by_country()
    assert set(main_zones()) == set(known) - WITHOUT_PEOPLE
    for market, name in main_zones().items():
        assert name in known[market]
        assert zone_of(market).time == ZoneInfo(name)


@pytest.mark.parametrize(
    ("market", "name"),
    [
        ("US", "America/New_York"),
        ("BR", "America/Sao_Paulo"),
        ("RU", "Europe/Moscow"),
        ("AU", "Australia/Sydney"),
        ("CA", "America/Toronto"),
        ("MX", "America/Mexico_City"),
        ("ID", "Asia/Jakarta"),
        ("KZ", "Asia/Almaty"),
    ],
)
def test_a_market_of_several_zones_is_shown_in_that_of_its_most_populous_city(market, name):
    assert zone_of(market).name == name


@pytest.mark.parametrize("market", ["unknown", "other", "AQ", "ZZ"])
def test_a_market_without_a_zone_is_shown_in_utc_and_marked(market):
    zone = zone_of(market)
    assert (zone.name, zone.known) == ("UTC", False)
    moment = datetime(2025, 7, 1, 12, tzinfo=UTC)
    assert moment.astimezone(zone.time).hour == 12


def test_the_offsets_of_today_are_whole_quarters_of_an_hour():
    """So a slot of activity lies in one local hour, wherever the market is."""
    for month in (1, 7):
        moment = datetime(2025, month, 1, tzinfo=UTC)
        for market in main_zones():
            offset = moment.astimezone(zone_of(market).time).utcoffset()
            assert offset is not None
            assert offset.total_seconds() % 900 == 0


def test_public_holidays_are_told_by_name_and_other_dates_are_none():
    germany = days_off("DE")
    assert germany is not None
    assert germany.holiday(CHRISTMAS) == "Christmas Day"
    assert germany.holiday(date(2025, 12, 23)) is None


def test_the_same_date_is_a_holiday_here_and_none_there():
    arabia = days_off("SA")
    assert arabia is not None
    assert arabia.holiday(CHRISTMAS) is None
    assert arabia.holiday(date(2025, 9, 23)) == "National Day Holiday"


def test_friday_is_weekend_in_saudi_arabia_and_not_in_germany():
    assert days_off("SA").weekend(CHRISTMAS) == (4, 5)
    assert days_off("DE").weekend(CHRISTMAS) == (5, 6)


def test_a_weekend_that_was_moved_is_that_of_its_time():
    emirates = days_off("AE")
    assert emirates is not None
    assert emirates.weekend(date(2021, 6, 1)) == (4, 5)
    assert emirates.weekend(date(2023, 6, 1)) == (5, 6)


@pytest.mark.parametrize("market", ["unknown", "other", "ZZ"])
def test_of_a_market_that_nobody_knows_no_days_off_are_known(market):
    assert days_off(market) is None
    assert days_off("US") is not None
