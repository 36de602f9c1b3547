"""What the fold counts, one promise at a time. A file is folded whole, rows are looked at."""

from resonance.sentiment.scores import Friction
from resonance.streams.events import OrderLine
from support.log_events import MOODS, START_MS, file_rows, rows_of, run_fold, whole_file


def test_a_comment_is_counted_in_its_bucket_its_total_and_the_room(build):
    rows = file_rows(build, [build.comment("a", 12)])

    for key in (f"live|US|{START_MS + 10_000}", "live|US|total", "live|*|total"):
        assert rows[key].comments == 1, key
        assert rows[key].commenters == 1, key


def test_shares_leave_out_staff_and_unscored_comments_apart(build):
    rows = file_rows(
        build,
        [
            build.comment("a", 1, sentiment=MOODS["negative"], signals=("complaint",)),
            build.comment("b", 2, sentiment=MOODS["positive"]),
            build.comment("c", 3, scorer="unscored"),
            build.comment("d", 4, role="host", sentiment=MOODS["positive"]),
        ],
    )

    assert rows["live|US|total"].sentiment == {"negative": 1, "positive": 1, "unscored": 1}
    assert rows["live|US|total"].comments == 3
    assert rows["live|*|total"].comments == 4
    assert rows["live|*|total"].staff_comments == 1
    assert rows["live|*|total"].commenters == 3


def test_a_complaint_without_a_topic_is_counted_under_none(build):
    rows = file_rows(
        build,
        [
            build.comment("a", 1, signals=("complaint",), topics=("shipping", "customs_tax")),
            build.comment("b", 2, signals=("complaint",)),
            build.comment("c", 3, signals=("question",), topics=("price",)),
        ],
    )

    expected = {"shipping": 1, "customs_tax": 1, "none": 1}
    assert rows["live|US|total"].complaint_topics == expected


def test_a_giveaway_masks_from_its_start_to_its_end_and_no_further(build):
    rows = file_rows(
        build,
        [
            build.comment("before", 1),
            build.stage("giveaway_started", 2),
            build.comment("within", 3),
            build.stage("giveaway_ended", 4),
            build.comment("after", 5),
        ],
    )

    total = rows["live|US|total"]
    assert total.masked == {"giveaway": 1}
    assert total.comments == 3
    assert sum(total.sentiment.values()) == 2


def test_the_first_copies_of_a_burst_stay_counted_and_later_ones_are_masked(build):
    copies = [build.comment(f"c{i}", i / 10, text_key=5) for i in range(10)]
    later = build.comment("later", 120, text_key=5)

    total = file_rows(build, [*copies, later], burst_size=4)["live|US|total"]

    assert total.masked == {"duplicate": 6}
    assert sum(total.sentiment.values()) == 5


def test_a_deleted_comment_is_counted_apart_and_the_totals_stand(build):
    rows = file_rows(
        build, [build.comment("a", 1), build.stage("comment_deleted", 2, target_id="a")]
    )

    assert rows["live|*|total"].deleted_comments == 1
    assert rows["live|*|total"].comments == 1


def test_a_viewer_who_comes_back_after_ten_minutes_is_a_repeat_viewer_once(build):
    viewer = f"{7:016x}"
    times_s = (0, 599, 1_199, 1_800, 3_000)  # Gaps: 599 s, 600 s (back), 601 s, 1 200 s.
    comments = [build.comment(f"c{i}", at, viewer=viewer) for i, at in enumerate(times_s)]

    total = file_rows(build, comments)["live|US|total"]

    assert total.repeat_viewers == 1
    assert total.first_comments == 1
    assert total.commenters == 1


def test_an_order_tells_a_viewers_market_from_then_on_and_never_backwards(build):
    viewer = f"{7:016x}"
    unknown = {"viewer": viewer, "market": "unknown", "market_source": "unknown"}
    rows = file_rows(
        build,
        [
            build.comment("before", 1, **unknown),
            build.purchase("p", 2, viewer=viewer, market="DE", currency="EUR"),
            build.comment("after", 3, **unknown),
            build.comment("declared", 4, viewer=viewer, market="FR", market_source="declared"),
        ],
    )

    assert rows["live|unknown|total"].comments == 1
    assert rows["live|DE|total"].market_sources == {"order": 1}
    assert rows["live|FR|total"].market_sources == {"declared": 1}


def test_refunds_subtract_at_their_own_time_and_currencies_are_never_added(build):
    rows = file_rows(
        build,
        [
            build.purchase("a", 1, market="US", lines=(OrderLine("p1", 2, 1_000),)),
            build.purchase("b", 2, market="US", currency="JPY", amount_minor=300),
            build.purchase("c", 61, market="US", state="refunded", amount_minor=400),
        ],
    )

    total = rows["live|US|total"]
    assert total.purchases == {"paid": 2, "refunded": 1}
    assert total.amount_minor == {"JPY": 300, "USD": 1_000}
    assert total.refund_minor == {"USD": 400}
    assert (total.units, total.buyers) == (2, 2)
    assert rows[f"live|US|{START_MS}"].refund_minor == {}
    assert rows[f"live|US|{START_MS + 60_000}"].refund_minor == {"USD": 400}


def test_a_late_event_corrects_sums_but_no_ordered_measure(build):
    viewer = f"{7:016x}"
    rows = file_rows(
        build,
        [
            build.stage("giveaway_started", 1),
            build.comment("late", 2, late_s=30, viewer=viewer),
            build.comment("in-time", 3, viewer=viewer),
        ],
    )

    total = rows["live|US|total"]
    assert (total.comments, total.late_comments, total.first_comments) == (2, 1, 1)
    assert total.masked == {"giveaway": 1}
    assert total.commenters == 1


def test_beyond_ten_minutes_an_event_is_too_late_and_set_aside(build):
    events = [
        build.comment("edge", 1, late_s=600),
        build.comment("beyond", 2, late_s=600.001),
    ]
    fold = run_fold(whole_file(build, events))

    [(dead, reason)] = fold.take_dead()
    assert (dead.id, reason) == ("beyond", "too_late")
    assert fold.state.too_late == 1
    assert fold.state.counted == 3


def test_negative_authors_are_counted_once_in_each_trailing_window(build):
    negative = {"sentiment": MOODS["negative"], "viewer": f"{7:016x}"}
    rows = file_rows(
        build,
        [
            build.comment("a", 1, **negative),
            build.comment("b", 65, **negative),
            build.comment("c", 66),
            build.comment("d", 241),
        ],
    )

    at = {s: rows[f"live|US|{START_MS + s * 1000}"].authors for s in (0, 60, 240)}
    nobody = {"complaint": 0, "friction": 0}
    first = {"all": 1, "negative": 1, **nobody}
    again = {"all": 2, "negative": 1, **nobody}
    later = {"all": 1, "negative": 0, **nobody}
    assert at[0] == {"1m": first, "3m": first}
    assert at[60] == {"1m": again, "3m": again}
    assert at[240] == {"1m": later, "3m": later}


def test_who_complains_and_who_collides_is_counted_apart_and_once(build):
    hard_sell = (Friction("hard_sell", 2, "buy now"), Friction("hard_sell", 1, "last one"))
    rows = file_rows(
        build,
        [
            build.comment("a", 1, viewer=f"{7:016x}", signals=("complaint",)),
            build.comment("b", 2, viewer=f"{7:016x}", signals=("complaint",), friction=hard_sell),
            build.comment("c", 3, viewer=f"{8:016x}", signals=("question",), friction=hard_sell),
            build.comment("d", 4, viewer=f"{9:016x}"),
        ],
    )

    people = {"all": 3, "negative": 0, "complaint": 1, "friction": 2}
    assert rows[f"live|US|{START_MS}"].authors == {"1m": people, "3m": people}
    assert rows[f"live|*|{START_MS}"].authors == {"1m": people, "3m": people}


def test_past_the_limit_of_markets_the_rest_is_other(build):
    comments = [
        build.comment(f"c{i}", i, market=m) for i, m in enumerate(("US", "DE", "FR", "ID", "DE"))
    ]

    rows = file_rows(build, comments, market_limit=2)

    by_market = {key.split("|")[1]: r.comments for key, r in rows.items() if key.endswith("total")}
    assert by_market == {"US": 1, "DE": 2, "other": 2, "*": 5}


def test_the_room_adds_up_to_its_markets(build):
    comments = [
        build.comment(f"c{i}", i * 3, market=("US", "DE", "unknown")[i % 3], signals=("praise",))
        for i in range(60)
    ]

    rows = file_rows(build, comments)

    totals = [r for k, r in rows.items() if k.endswith("|total") and r.market != "*"]
    assert sum(r.signals["praise"] for r in totals) == rows["live|*|total"].signals["praise"] == 60
    buckets = [r for k, r in rows.items() if "|*|" in k and r.start_ms is not None]
    assert sum(r.comments for r in buckets) == 60


def test_the_markets_that_a_stream_targets_have_rows_of_zeros_from_its_start(build):
    started = build.stage("started", 0, stream_markets=("US", "DE"))

    rows = rows_of([started])

    assert {key for key, row in rows.items() if row.comments == 0} == {
        "live|US|total",
        "live|DE|total",
        "live|*|total",
    }
