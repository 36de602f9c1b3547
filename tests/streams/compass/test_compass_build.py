"""The activities of many streams -> what each market's local hours say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.streams.compass.activity import SLOT_MS, Activity
from resonance.streams.compass.build import StreamActivity, build_compass

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
THURSDAY, FRIDAY, SUNDAY = 3, 4, 6
EVENING = datetime(2025, 11, 6, 19, tzinfo=BERLIN)  # A Thursday.


def slot(when: datetime, market: str = "DE", **counts: int) -> Activity:
    counts = {"commenter_minutes": 60, "comments": 60, "orders": 3} | counts
    return Activity(market=market, start_ms=round(when.timestamp() * 1000), **counts)


def stream(name: str, *slots: Activity) -> StreamActivity:
    return StreamActivity(name, slots)


def evenings(count: int, market: str = "DE", first: datetime = EVENING, **counts: int):
    """One stream a week, at the same local time."""
    return [
        stream(f"{market}-{n}", slot(first + timedelta(days=7 * n), market, **counts))
        for n in range(count)
    ]


def only(activities, *markets):
    [found] = build_compass(activities, markets)
    return found


def hours_of(market):
    return {(cell.weekday, cell.hour): cell for cell in market.cells}


def test_counts_of_streams_in_the_same_local_hour_of_the_week_add():
    found = only(
        [
            stream("one", slot(EVENING, positive=30, negative=6)),
            stream("two", slot(EVENING + timedelta(days=7, minutes=45), orders=1, negative=12)),
        ]
    )
    [cell] = found.cells
    assert (cell.weekday, cell.hour, cell.streams) == (THURSDAY, 19, 2)
    assert (cell.orders, cell.commenter_minutes, cell.comments) == (4, 120, 120)
    assert cell.net_sentiment == 10.0
    assert (found.streams, found.orders, found.commenter_minutes) == (2, 4, 120)
    assert found.rate == pytest.approx(4 / 120, abs=1e-6)


def test_two_quarters_of_one_stream_are_one_stream():
    slots = (slot(EVENING), slot(EVENING + timedelta(minutes=15)))
    [cell] = only([stream("one", *slots)]).cells
    assert (cell.streams, cell.commenter_minutes, cell.blank) == (1, 120, "few_streams")


def test_an_hour_of_one_stream_is_blank_and_of_two_is_not():
    once, twice = evenings(1, commenter_minutes=5_000), evenings(2)
    [blank] = only(once).cells
    assert (blank.blank, blank.rate, blank.low, blank.high) == ("few_streams", None, None, None)
    assert (blank.orders, blank.commenter_minutes) == (3, 5_000), "what there is stands there"
    [shown] = only(twice).cells
    assert shown.blank is None
    assert shown.low < shown.rate < shown.high


@pytest.mark.parametrize(("each", "blank"), [(49, "few_commenter_minutes"), (50, None)])
def test_an_hour_of_fewer_than_a_hundred_commenter_minutes_is_blank(each, blank):
    [cell] = only(evenings(2, commenter_minutes=each)).cells
    assert cell.blank == blank


def test_a_market_without_orders_is_blank_and_has_no_best_hour():
    found = only(evenings(4, orders=0))
    assert [cell.blank for cell in found.cells] == ["no_orders"]
    assert (found.rate, found.best, found.prior_commenter_minutes) == (0.0, (), None)


def test_orders_without_any_comment_are_counted_and_give_no_rate():
    found = only(evenings(4, comments=0, commenter_minutes=0))
    [cell] = found.cells
    assert (cell.orders, cell.blank, cell.net_sentiment) == (12, "few_commenter_minutes", None)
    assert found.rate is None


@pytest.mark.parametrize(("comments", "faint"), [(14, True), (15, False)])
def test_net_sentiment_of_fewer_than_thirty_comments_is_faint(comments, faint):
    [cell] = only(evenings(2, comments=comments)).cells
    assert (cell.comments, cell.faint) == (2 * comments, faint)


def test_clocks_that_change_leave_a_stream_in_its_local_hour():
    """Seven in the evening in Berlin is six in UTC in the winter, and five in the summer."""
    winter = datetime(2025, 3, 27, 19, tzinfo=BERLIN)
    summer = datetime(2025, 4, 3, 19, tzinfo=BERLIN)
    assert winter.astimezone(UTC).hour != summer.astimezone(UTC).hour
    found = only([stream("one", slot(winter)), stream("two", slot(summer))])
    assert [(c.weekday, c.hour, c.streams) for c in found.cells] == [(THURSDAY, 19, 2)]


def test_the_hour_that_the_spring_leaves_out_is_empty_and_that_of_autumn_holds_both():
    spring = datetime(2025, 3, 30, 0, 45, tzinfo=UTC)
    found = only([stream("one", slot(spring), slot(spring + timedelta(minutes=15)))])
    assert [(c.weekday, c.hour) for c in found.cells] == [(SUNDAY, 1), (SUNDAY, 3)]
    autumn = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    found = only([stream("one", slot(autumn), slot(autumn + timedelta(hours=1)))])
    assert [(c.weekday, c.hour) for c in found.cells] == [(SUNDAY, 2)]


def test_local_hours_begin_where_they_do_half_an_hour_off_too():
    nine = datetime(2025, 11, 6, 21, tzinfo=KOLKATA)
    quarters = [slot(nine + timedelta(minutes=m), "IN") for m in (-15, 0, 45, 60)]
    found = only([stream("one", *quarters)])
    assert [(c.hour, c.commenter_minutes) for c in found.cells] == [(20, 60), (21, 120), (22, 60)]


def test_a_local_weekday_may_be_another_than_that_of_utc():
    late = datetime(2025, 11, 6, 23, tzinfo=UTC)
    made = build_compass([stream("one", slot(late, "DE"), slot(late, "US"), slot(late, "unknown"))])
    assert {(m.market, m.zone_known): m.cells[0].weekday for m in made} == {
        ("DE", True): FRIDAY,
        ("US", True): THURSDAY,
        ("unknown", False): THURSDAY,
    }


def test_friday_is_weekend_in_saudi_arabia_and_not_in_germany():
    friday = EVENING + timedelta(days=1)
    made = build_compass([stream("one", slot(friday, "SA"), slot(friday, "DE"))])
    weekends = {market.market: market.weekend for market in made}
    assert weekends == {"SA": (4, 5), "DE": (5, 6)}


def test_days_off_that_are_not_known_are_told_apart_from_none():
    found = {m.market: m for m in build_compass(evenings(2) + evenings(2, "unknown"))}
    assert (found["unknown"].weekend, found["unknown"].holidays) == (None, None)
    assert found["DE"].holidays == ()


def test_a_holiday_is_marked_with_its_streams_and_only_in_markets_that_have_it():
    christmas = datetime(2025, 12, 25, 19, tzinfo=BERLIN)
    week_before = christmas - timedelta(days=7)
    made = build_compass(
        [
            stream("one", slot(christmas), slot(christmas, "SA")),
            stream("two", slot(christmas + timedelta(minutes=15))),
            stream("three", slot(week_before), slot(week_before, "SA")),
        ]
    )
    found = {market.market: market for market in made}
    [holiday] = found["DE"].holidays
    assert (holiday.date, holiday.name, holiday.streams) == ("2025-12-25", "Christmas Day", 2)
    assert [(c.streams, c.holiday_streams) for c in found["DE"].cells] == [(3, 2)]
    assert found["SA"].holidays == ()
    assert [(c.streams, c.holiday_streams) for c in found["SA"].cells] == [(2, 0)]


def test_an_hour_far_above_the_others_is_best_by_more_than_chance():
    better = evenings(6, first=EVENING + timedelta(hours=2), orders=30)
    usual = [one for n in (3, 4, 5, 6) for one in evenings(6, first=EVENING + timedelta(hours=-n))]
    activities = [StreamActivity(f"{n}", one.slots) for n, one in enumerate((*better, *usual))]
    found = only(activities)
    [best] = found.best
    assert (best.hour, best.more_than_chance) == (21, True)
    assert best.low > found.rate
    assert best == hours_of(found)[THURSDAY, 21]


def test_hours_that_are_alike_are_told_to_be_no_more_than_chance():
    first = evenings(4, orders=4)
    second = evenings(4, first=EVENING + timedelta(hours=1), orders=5)
    activities = [StreamActivity(f"{n}", one.slots) for n, one in enumerate((*first, *second))]
    [best] = only(activities).best
    assert (best.hour, best.more_than_chance) == (20, False), "the other is below the market's rate"


def test_no_more_than_three_hours_are_best():
    activities = [
        StreamActivity(f"{hours}-{n}", one.slots)
        for hours in range(12)
        for n, one in enumerate(
            evenings(3, first=EVENING + timedelta(hours=-hours), orders=30 * (hours % 2))
        )
    ]
    found = only(activities)
    assert [cell.more_than_chance for cell in found.cells].count(True) == 6
    assert len(found.best) == 3


def test_markets_stand_by_how_much_is_commented_and_others_than_those_asked_for_are_left_out():
    activities = evenings(2, "FR", commenter_minutes=200) + evenings(2) + evenings(2, "BR")
    assert [market.market for market in build_compass(activities)] == ["FR", "BR", "DE"]
    assert [market.market for market in build_compass(activities, ["BR"])] == ["BR"]
    assert build_compass([]) == ()


@given(
    st.lists(
        st.builds(
            Activity,
            market=st.sampled_from(("DE", "SA", "unknown")),
            start_ms=st.integers(1_900_000, 1_960_000).map(lambda n: n * SLOT_MS),
            commenter_minutes=st.integers(0, 200),
            orders=st.integers(0, 30),
            comments=st.integers(0, 300),
        ),
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_nothing_is_lost_and_the_order_of_streams_changes_no_byte(slots, dice):
    activities = [StreamActivity(f"stream-{n % 5}", (one,)) for n, one in enumerate(slots)]
    made = build_compass(activities)
    for measure in ("orders", "commenter_minutes", "comments"):
        told = sum(getattr(cell, measure) for market in made for cell in market.cells)
        assert told == sum(getattr(one, measure) for one in slots)
    for market in made:
        assert all(cell.streams >= 2 for cell in market.cells if cell.rate is not None)
    dice.shuffle(activities)
    assert msgspec.json.encode(build_compass(activities)) == msgspec.json.encode(made)
