"""State -> /metrics: names and labels by the contract, zeros first, and a limit on everything."""

from math import inf

import pytest
from prometheus_client import generate_latest

from resonance.agents.board.metrics import ScrapeCollector, scrape_of
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS
from support.board_feed import START_MS, key_of, room, row
from support.board_scrapes import LATER, NOW_MS, Board, labels_of

DE = {"stream": "s1", "market": "DE"}


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("comments_total", {"sentiment": "negative"}, 4),
        ("comments_total", {"sentiment": "unscored"}, 0),
        ("masked_comments_total", {"reason": "giveaway"}, 3),
        ("masked_comments_total", {"reason": "raid"}, 0),
        ("signals_total", {"signal": "complaint"}, 2),
        ("signals_total", {"signal": "toxic"}, 0),
        ("complaints_total", {}, 2),
        ("complaint_topics_total", {"topic": "customs_tax"}, 1),
        ("complaint_topics_total", {"topic": "none"}, 1),
        ("complaint_topics_total", {"topic": "price"}, 0),
        ("friction_total", {"category": "customs_regulation"}, 2),  # Comments, not severities.
        ("friction_total", {"category": "hard_sell"}, 0),
        ("questions_total", {}, 5),
        ("questions_answered_total", {}, 1),
        ("questions_open", {}, 2),
        ("question_oldest_age_seconds", {}, 30),  # Up to the watermark, not up to now.
        ("viewer_comments_total", {"viewer": "first"}, 6),
        ("viewer_comments_total", {"viewer": "again"}, 9),
        ("repeat_viewers_total", {}, 1),
        ("window_authors", {"class": "negative", "window": "1m"}, 3),
        ("window_authors", {"class": "all", "window": "3m"}, 8),
        ("purchases_total", {"state": "paid"}, 2),
        ("purchases_total", {"state": "refunded"}, 0),
        ("purchase_amount_minor_total", {"currency": "EUR"}, 5_990),
        ("refund_amount_minor_total", {"currency": "EUR"}, 0),
        ("refund_amount_minor_total", {"currency": "CHF"}, 70),
        ("alert_floor_ratio", {}, 0.15),
    ],
)
def test_every_market_series_of_the_contract_is_there(name, labels, value):
    authors = {"1m": {"all": 5, "negative": 3}, "3m": {"all": 8, "negative": 3}}
    board = Board(
        room(),
        row(
            comments=15,
            sentiment={"negative": 4, "neutral": 8},
            masked={"giveaway": 3},
            signals={"question": 5, "complaint": 2},
            complaint_topics={"customs_tax": 1, "none": 1},
            friction={"customs_regulation": {"count": 2, "severity": 5}},
            first_comments=6,
            repeat_viewers=1,
            questions_answered=1,
            questions_open=2,
            question_oldest_ms=START_MS + 90_000,
            purchases={"paid": 2},
            amount_minor={"EUR": 5_990},
            refund_minor={"CHF": 70},
        ),
        row(start_ms=START_MS + 110_000, authors=authors),
    )
    assert board.value(name, **DE, **labels) == value


def test_every_stream_series_and_those_without_a_stream_are_there():
    board = Board(
        room(too_late=3), row(languages={"de": 4, "und": 1}, market_sources={"declared": 5})
    )
    assert board.value("watermark_timestamp_seconds", stream="s1") == (START_MS + 120_000) / 1000
    assert board.value("stream_start_timestamp_seconds", stream="s1") == START_MS / 1000
    assert board.value("stream_live", stream="s1") == 1
    assert board.value("comment_languages_total", market="DE", language="und") == 1
    assert board.value("market_attributions_total", market_source="declared") == 5
    assert board.value("market_attributions_total", market_source="order") == 0
    assert board.value("too_late_total") == 3
    assert board.value("board_rows_total", outcome="applied") == 1
    assert labels_of(board.scrape(), "build_info", "service") == {"board"}


def test_the_four_v_are_there_where_there_is_evidence_and_absent_where_not():
    trouble = {"commenters": 100, "sentiment": {"neutral": 200}}
    board = Board(room(), row(**trouble, complaint_topics={"customs_tax": 190}), row("FR"))
    assert board.value("four_v_points", **DE, v="value") == 5.0
    shown = {key[1] for key in board.scrape() if key[0] == "resonance_four_v_points"}
    assert {dict(labels)["v"] for labels in shown} == {"variation", "value", "vibration"}
    assert {dict(labels)["market"] for labels in shown} == {"DE"}, "nobody wrote in FR"


def test_the_room_is_no_market_because_a_sum_would_count_twice():
    series = Board(room(comments=5, sentiment={"neutral": 5}), row(comments=5)).scrape()
    assert not any(("market", "*") in key for _, key in series)


def test_a_new_market_shows_a_new_scraper_every_label_at_zero_for_10_s():
    board = Board(room(), row(sentiment={"negative": 4}, amount_minor={"EUR": 9}), seen_at=100.0)
    early = board.scrape(now=109.9)
    counters = {key: value for key, value in early.items() if key[0].endswith("_total")}
    assert {value for key, value in counters.items() if "board" not in key[0]} == {0.0}
    assert labels_of(early, "signals_total", "signal") == set(SIGNALS)
    assert labels_of(early, "complaint_topics_total", "topic") == {*TOPICS, "none"}
    assert labels_of(early, "friction_total", "category") == set(FRICTION_CATEGORIES)
    assert labels_of(early, "purchase_amount_minor_total", "currency") == {"EUR"}
    assert board.value("comments_total", now=110.0, **DE, sentiment="negative") == 4
    assert set(early) == set(board.scrape(now=110.0))


def test_what_was_there_before_the_board_started_is_shown_at_once():
    board = Board(room(), row(sentiment={"negative": 4}), seen_at=-inf)
    assert board.value("comments_total", now=0.0, **DE, sentiment="negative") == 4


def test_a_new_currency_or_language_of_a_known_market_starts_at_zero_too():
    board = Board(room(), row(amount_minor={"EUR": 9}, languages={"de": 2}))
    board.put(row(amount_minor={"EUR": 9, "USD": 5}, languages={"de": 2, "en": 4}), seen_at=500.0)
    amount = {**DE, "currency": "USD"}
    english = {"market": "DE", "language": "en"}
    assert board.value("purchase_amount_minor_total", now=501.0, **amount) == 0
    assert board.value("comment_languages_total", now=501.0, **english) == 0
    assert board.value("purchase_amount_minor_total", now=501.0, **DE, currency="EUR") == 9
    assert board.value("purchase_amount_minor_total", now=510.0, **amount) == 5
    assert board.value("comment_languages_total", now=510.0, **english) == 4


@pytest.mark.parametrize(
    ("silence_ms", "in_1m", "in_3m"), [(0, 5, 8), (59_999, 5, 8), (60_000, 0, 8), (180_000, 0, 0)]
)
def test_authors_leave_the_window_when_the_market_falls_silent(silence_ms, in_1m, in_3m):
    authors = {"1m": {"all": 5}, "3m": {"all": 8}}
    watermark_ms = START_MS + 10_000 + silence_ms
    board = Board(room(watermark_ms=watermark_ms), row(), row(start_ms=START_MS, authors=authors))
    everybody = {**DE, "class": "all"}
    assert board.value("window_authors", **everybody, window="1m") == in_1m
    assert board.value("window_authors", **everybody, window="3m") == in_3m


def test_words_that_no_vocabulary_knows_are_counted_as_other():
    board = Board(
        room(),
        row(
            sentiment={"furious": 2},
            signals={'x"} 1\nevil': 3},
            friction={"smell": {"count": 4, "severity": 4}},
            languages={"<script>": 5, "de": 1},
            amount_minor={"Gulden": 6},
            market_sources={"guess": 7},
        ),
    )
    assert board.value("comments_total", **DE, sentiment="other") == 2
    assert board.value("signals_total", **DE, signal="other") == 3
    assert board.value("friction_total", **DE, category="other") == 4
    assert board.value("comment_languages_total", market="DE", language="other") == 5
    assert board.value("purchase_amount_minor_total", **DE, currency="other") == 6
    assert board.value("market_attributions_total", market_source="other") == 7


def test_twenty_streams_keep_their_names_the_newest_and_the_others_are_summed():
    board = Board()
    for n in range(23):
        name = f"s{n:02}"
        board.put(row("*", stream=name, started_at_ms=n, watermark_ms=n * 1000))
        board.put(row(stream=name, sentiment={"negative": 1}, questions_open=2))
    series = board.scrape()
    names = {f"s{n:02}" for n in range(3, 23)}
    assert labels_of(series, "comments_total", "stream") == {*names, "other"}
    other = {"stream": "other", "market": "DE"}
    assert board.value("comments_total", **other, sentiment="negative") == 3
    assert board.value("questions_open", **other) == 6
    assert board.value("watermark_timestamp_seconds", stream="other") == 0  # Furthest behind.
    assert board.value("label_overflow_total", label="stream") == 3


def test_a_live_stream_keeps_its_name_before_any_ended_one():
    board = Board(row("*", stream="live", started_at_ms=0), row(stream="live"))
    for n in range(1, 22):
        board.put(row("*", stream=f"s{n}", started_at_ms=n, ended=True), row(stream=f"s{n}"))
    assert "live" in labels_of(board.scrape(), "comments_total", "stream")


def test_an_ended_stream_leaves_an_hour_after_its_end_and_the_sums_without_stream_stay():
    board = Board(room(ended=True), row(sentiment={"neutral": 1}, languages={"de": 2}))
    hour_ms = 3_600_000
    assert labels_of(board.scrape(now_ms=NOW_MS + hour_ms), "stream_live", "stream") == {"s1"}
    gone = board.scrape(now_ms=NOW_MS + hour_ms + 1)
    assert labels_of(gone, "comments_total", "stream") == set()
    german = frozenset({"market": "DE", "language": "de"}.items())
    assert gone["resonance_comment_languages_total", german] == 2


def test_sums_without_a_stream_do_not_fall_when_a_stream_is_deleted():
    board = Board(room(too_late=1), row(languages={"de": 2}))
    for market in ("*", "DE"):
        key = key_of(row(market))
        board.state.apply(key, None, 99, seen_at=0.0, written_at_ms=0)
    assert board.value("comment_languages_total", market="DE", language="de") == 2
    assert board.value("too_late_total") == 1


def test_sixty_markets_of_a_stream_have_a_name():
    codes = [f"{a}{b}" for a in "ABC" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"][:62]
    board = Board(room(), *(row(code, purchases={"paid": 1}) for code in codes))
    series = board.scrape()
    assert labels_of(series, "purchases_total", "market") == {*codes[:60], "other"}
    other = {"stream": "s1", "market": "other"}
    assert board.value("purchases_total", **other, state="paid") == 2


def test_fifteen_languages_of_a_market_have_a_name_and_nobody_is_pushed_out_later():
    counts = {
        f"{a}{b}": 50 - n for n, (a, b) in enumerate((x, y) for x in "ab" for y in "abcdefgh")
    }
    board = Board(room(), row(languages=counts))
    names = labels_of(board.scrape(), "comment_languages_total", "language")
    assert names == {*list(counts)[:15], "other"}
    board.put(row(languages={**counts, "zz": 9_000}))
    assert labels_of(board.scrape(), "comment_languages_total", "language") == names


def test_ten_currencies_of_a_market_have_a_name():
    amounts = {f"A{a}{b}": 1 for a in "ABCD" for b in "ABC"}
    series = Board(room(), row(amount_minor=amounts)).scrape()
    assert labels_of(series, "purchase_amount_minor_total", "currency") == {
        *sorted(amounts)[:10],
        "other",
    }


def test_hostile_stream_names_neither_break_the_format_nor_merge_into_other_silently():
    names = ["other", 'a"b\\c\nd', "\u202eevil", "x" * 256, "x" * 255 + "y"]
    board = Board()
    for name in names:
        board.put(row("*", stream=name, ended=True), row(stream=name, purchases={"paid": 1}))
    shown = labels_of(board.scrape(), "purchases_total", "stream")
    assert shown == {"other", 'a"b\\c\N{REPLACEMENT CHARACTER}d', "\ufffdevil", "x" * 128}


def test_orders_outside_of_any_stream_are_counted_but_no_live_stream():
    board = Board(row("*", stream="off_stream:shop"), row(stream="off_stream:shop"))
    assert board.value("stream_live", stream="off_stream:shop") == 0


def test_a_stream_whose_room_is_not_known_yet_is_not_shown():
    assert labels_of(Board(row(comments=3)).scrape(), "comments_total", "stream") == set()


def test_promtool_finds_no_fault_with_the_series(promtool):
    board = Board(room(), row(sentiment={"negative": 1}, languages={"de": 1}))
    scrape = scrape_of(board.state, now=LATER, now_ms=NOW_MS, rows={}, live_clients=0)
    assert promtool(generate_latest(ScrapeCollector(scrape, board.labels))) == ""
