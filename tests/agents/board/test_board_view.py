"""State -> what is shown: the last minutes, the order of trouble, the evidence beside it."""

from types import MappingProxyType

import msgspec
import pytest

from resonance.agents.board.comments import Comments
from resonance.agents.board.floors import AlertFloors
from resonance.agents.board.state import BoardState, Stream
from resonance.agents.board.view import recent, stream_view, with_comments
from resonance.streams.windows import WindowRow, encode_row
from support.board_feed import START_MS, comment, key_of, room, row

SAME_EVERYWHERE = AlertFloors()


def stream_of(*rows: WindowRow) -> Stream:
    state = BoardState()
    for window in rows:
        state.apply(key_of(window), encode_row(window), 1, seen_at=0.0, written_at_ms=0)
    return state.streams["s1"]


def bucket(second: int, market: str = "DE", **fields: object) -> WindowRow:
    return row(market, start_ms=START_MS + second * 1_000, **fields)


def told(stream: Stream, floors: AlertFloors = SAME_EVERYWHERE) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(stream_view(stream, floors)))


def test_the_last_minute_is_counted_back_from_the_watermark():
    stream = stream_of(
        room(watermark_ms=START_MS + 125_000),
        bucket(60, comments=100),  # Its last 5 s are within the minute, its first are not.
        bucket(70, comments=10, sentiment={"negative": 2, "neutral": 8}),
        bucket(120, comments=1, signals={"question": 1, "complaint": 1}, purchases={"paid": 3}),
    )
    minute = recent(stream, "DE", 60_000)
    assert (minute.comments, minute.comments_per_minute) == (11, 12.0)  # 11 in 55 s.
    assert (minute.negative, minute.negative_share.n) == (2, 10)
    assert (minute.questions, minute.complaints, minute.orders) == (1, 1, 3)


def test_a_young_stream_is_measured_over_the_time_it_has_had():
    stream = stream_of(room(watermark_ms=START_MS + 20_000), bucket(0, comments=10))
    assert recent(stream, "DE", 60_000).comments_per_minute == 30.0


def test_under_ten_seconds_there_is_no_rate_yet():
    stream = stream_of(room(watermark_ms=START_MS + 9_000), bucket(0, comments=10))
    assert recent(stream, "DE", 60_000).comments_per_minute is None


def test_a_silent_market_has_no_share_and_a_rate_of_zero():
    minute = recent(stream_of(room(), row()), "DE", 60_000)
    assert (minute.comments_per_minute, minute.negative_share.value) == (0.0, None)


def mood(market: str, n: int, negative: int) -> list[WindowRow]:
    sentiment = {"negative": negative, "neutral": n - negative}
    return [row(market, comments=n), bucket(110, market, comments=n, sentiment=sentiment)]


def test_the_surest_trouble_comes_first_and_a_few_loud_voices_do_not():
    stream = stream_of(
        room(), *mood("US", 900, 20), *mood("FR", 3, 2), *mood("DE", 200, 80), *mood("BR", 500, 9)
    )
    markets = told(stream)["markets"]
    assert [m["market"] for m in markets] == ["DE", "FR", "US", "BR"]
    assert [m["level"] for m in markets] == ["alert", "calm", "calm", "calm"]


@pytest.mark.parametrize(
    ("n", "negative", "level"),
    [
        (100, 40, "alert"),
        (100, 20, "watch"),  # 20 %, but chance could do that: from 13 %.
        (100, 10, "calm"),
        (7, 7, "watch"),  # All of them, and still too few to call somebody.
        (3, 3, "calm"),
        (0, 0, "calm"),
    ],
)
def test_a_level_needs_a_share_and_enough_people(n, negative, level):
    [market] = told(stream_of(room(), *mood("DE", n, negative)))["markets"]
    assert market["level"] == level


def test_a_level_is_judged_by_the_markets_own_floor_which_the_page_draws():
    floors = AlertFloors(0.15, MappingProxyType({"DE": 0.5, "ID": 0.03}))
    stream = stream_of(room(), *mood("DE", 200, 80), *mood("ID", 200, 16), *mood("US", 200, 16))
    markets = {m["market"]: m for m in told(stream, floors)["markets"]}
    assert {name: m["floor_ratio"] for name, m in markets.items()} == {
        "DE": 0.5,
        "ID": 0.03,
        "US": 0.15,
    }
    assert {name: m["level"] for name, m in markets.items()} == {
        "DE": "calm",
        "ID": "alert",
        "US": "calm",
    }


def test_every_market_is_drawn_on_the_same_grid_of_ten_seconds():
    stream = stream_of(room(), row(), bucket(10, comments=4), row("US"), bucket(120, "US"))
    series = {m["market"]: m["buckets"] for m in told(stream)["markets"]}
    assert {len(buckets["comments"]) for buckets in series.values()} == {13}
    assert series["DE"]["comments"][:3] == [0, 4, 0]
    assert series["DE"]["start_ms"] == series["US"]["start_ms"] == START_MS


def test_a_stream_of_many_hours_shows_its_last_quarter_of_an_hour():
    stream = stream_of(room(watermark_ms=START_MS + 36_000_000), row())
    [market] = told(stream)["markets"]
    assert len(market["buckets"]["comments"]) == 90


def test_each_currency_comes_with_its_digits():
    stream = stream_of(room(), row(amount_minor={"EUR": 1}), row("ID", refund_minor={"IDR": 1}))
    assert told(stream)["currency_digits"] == {"EUR": 2, "IDR": 2}


def test_comments_stand_beside_the_numbers_of_their_market():
    stream, comments = stream_of(room(), row(), row("US")), Comments()
    comments.take(comment("hallo"), START_MS)
    comments.take(comment("welcome", role="host"), START_MS)
    view = with_comments(stream_view(stream, SAME_EVERYWHERE), comments, START_MS)
    lines = {m["market"]: [line.text for line in m["latest"]] for m in view["markets"]}
    assert lines == {"DE": ["hallo"], "US": []}
    assert [line.text for line in view["staff"]] == ["welcome"]


def test_each_market_shows_its_four_v_and_what_they_rest_on():
    busy = {"commenters": 100, "sentiment": {"neutral": 200}}
    crowd = row("DE", **busy, complaint_topics={"customs_tax": 80})
    view = told(stream_of(room(**busy), crowd, row("FR", **busy), row("US", commenters=3)))
    four = {market["market"]: market["four"] for market in view["markets"]}
    titles = [v["title"] for v in four["DE"]]
    assert titles == ["Variation", "Versatility", "Value", "Vibration"]
    assert four["DE"][2]["score"]["high"] < 50 < four["FR"][2]["score"]["low"]
    assert "of these, customs tax 80" in four["DE"][2]["because"]
    assert [v["score"] for v in four["US"]] == [None] * 4
