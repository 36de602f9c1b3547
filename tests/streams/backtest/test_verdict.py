"""Pages against incidents: what is false, what was found, how late, and how sure that is."""

from datetime import UTC, datetime

import pytest

from resonance.streams.backtest.incidents import BadIncidentError, Incident, incidents_of
from resonance.streams.backtest.pages import Firing, Page, pages_of
from resonance.streams.backtest.verdict import StreamTime, poisson_interval, verdict

MINUTE_MS = 60_000
DE = (("market", "DE"), ("stream", "live"))
HOUR = {"live": StreamTime(0, 60 * MINUTE_MS)}
TABLE = {
    "stream": "live",
    "market": "DE",
    "from": datetime(1970, 1, 1, 0, 20, tzinfo=UTC),
    "to": datetime(1970, 1, 1, 0, 26, tzinfo=UTC),
    "what": "customs",
}


def page(at_minute: float, market: str = "DE", alert: str = "Spike", stream: str = "live") -> Page:
    at_ms = round(at_minute * MINUTE_MS)
    return Page(
        alert=alert, stream=stream, market=market, labels={}, since_ms=at_ms, until_ms=at_ms
    )


def incident(first_minute: float = 20, last_minute: float = 26, market: str = "DE") -> Incident:
    return Incident(
        stream="live",
        market=market,
        from_ms=round(first_minute * MINUTE_MS),
        to_ms=round(last_minute * MINUTE_MS),
        what="customs",
    )


def test_an_alert_that_goes_on_is_one_page_and_one_that_comes_back_is_two():
    firings = [Firing(at, "Spike", DE) for at in (2_000, 4_000, 6_000, 20_000)]
    assert [(p.since_ms, p.until_ms) for p in pages_of(firings, 2_000)] == [
        (2_000, 6_000),
        (20_000, 20_000),
    ]


def test_alerts_that_differ_in_a_label_are_pages_of_their_own_and_say_so():
    firings = [Firing(0, "Surge", (*DE, ("topic", topic))) for topic in ("price", "shipping")]
    assert [p.labels for p in pages_of(firings, 2_000)] == [
        {"topic": "price"},
        {"topic": "shipping"},
    ]


def test_a_page_within_its_incident_finds_it_and_any_other_is_false():
    found = verdict([page(21), page(50)], [incident()], HOUR)
    assert (found.found, found.pages, found.false_pages) == (1, 2, 1)
    assert (found.delay_median_seconds, found.lead_median_minutes) == (60.0, 5.0)
    assert found.quiet_hours == round(52 / 60, 3)


@pytest.mark.parametrize(
    "other",
    [page(21, market="US"), page(21, stream="other"), page(19.9), page(28.1)],
    ids=["another market", "another stream", "before", "long after"],
)
def test_a_page_about_something_else_finds_nothing(other):
    found = verdict([other], [incident()], HOUR)
    assert (found.found, found.false_pages) == (0, 1)
    assert found.delay_median_seconds is None


def test_a_page_soon_after_the_end_still_belongs_but_leaves_no_time():
    found = verdict([page(27)], [incident()], HOUR)
    assert (found.found, found.false_pages, found.lead_worst_minutes) == (1, 0, -1.0)


def test_a_page_about_the_whole_stream_finds_what_is_wrong_in_a_market():
    assert verdict([page(21, market="")], [incident()], HOUR).found == 1


def test_the_second_page_of_an_alert_is_a_repeat_that_of_another_is_not():
    pages = [page(21), page(24), page(24, alert="Surge")]
    found = verdict(pages, [incident()], HOUR)
    assert (found.repeats, found.false_pages) == (1, 0)


def test_time_in_which_two_markets_are_angry_is_taken_off_once():
    found = verdict([], [incident(), incident(22, 30, "US")], HOUR)
    assert found.quiet_hours == 0.8  # From minute 20 to 32.


def test_without_incidents_nothing_can_be_found_and_every_page_is_false():
    found = verdict([page(5)], [], HOUR)
    assert (found.found_low, found.found_high) == (None, None)
    assert found.false_per_stream_hour == 1.0


def test_no_false_page_in_an_hour_is_no_proof_that_there_are_none():
    found = verdict([], [], HOUR)
    assert (found.false_per_stream_hour, found.false_low) == (0.0, 0.0)
    assert found.false_high is not None
    assert found.false_high > 3


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0, 3.69), (5, 1.62, 11.67), (50, 37, 66)])
def test_the_interval_of_a_count_is_poissons(count, low, high):
    """By the tables of the exact interval."""
    assert poisson_interval(count) == pytest.approx((low, high), rel=0.02, abs=0.03)


def test_a_table_of_an_incident_is_read():
    assert incidents_of([TABLE]) == [incident()]


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"market": "Germany"}, "market", "two capital letters"),
        ({"market": 7}, "market", "a text in quotes"),
        ({"from": "2026-01-01"}, "from", "as in 2026-11-29T18:31:20Z"),
        ({"from": datetime(2026, 1, 1)}, "from", "with its zone"),  # noqa: DTZ001 - the fault.
        ({"to": TABLE["from"]}, "to", "not after `from`"),
        ({"form": 1}, "form", "did you mean `from`?"),
        ({"what": ""}, "what", "a text in quotes"),
    ],
)
def test_a_bad_field_is_named_with_what_to_write(change, field, told):
    with pytest.raises(BadIncidentError, match="incident 2") as caught:
        incidents_of([TABLE, TABLE | change])
    assert caught.value.field == field
    assert told in caught.value.fault


def test_a_field_that_is_missing_is_named():
    with pytest.raises(BadIncidentError, match="`to`: missing"):
        incidents_of([{name: value for name, value in TABLE.items() if name != "to"}])
