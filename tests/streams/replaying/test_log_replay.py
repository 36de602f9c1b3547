"""A log folded again gives the rows of the hop, and what became of everything in it."""

from resonance.streams.fold.settings import FoldSettings
from resonance.streams.replaying.log import LogRecord, replay_log
from resonance.streams.replaying.moments import worst
from support.log_events import MOODS, Build, run_fold, whole_file


def replayed(events, **settings):
    records = (LogRecord(offset, event) for offset, event in enumerate(events))
    return replay_log(records, FoldSettings(**settings))


def test_the_rows_are_those_of_the_fold_and_every_record_is_accounted_for():
    build = Build()
    events = whole_file(build, [build.comment(f"c{n}", 10 + n) for n in range(50)])
    again = replayed([*events, events[3]])

    rows = {k: v for k, v in run_fold([*events, events[3]]).take_changed() if v is not None}
    assert again.rows == rows
    accounts = again.accounts
    assert (accounts.read, accounts.counted, accounts.duplicates) == (53, 52, 1)


def test_questions_tell_how_they_ended_by_whom_and_what_was_asked():
    build = Build()
    ask = {"signals": ("question",), "topics": ("shipping",)}
    events = whole_file(
        build,
        [
            build.comment("q1", 10, text="when does it ship?", **ask),
            build.comment("q2", 11, text="shipping to DE?", **ask),
            build.comment("h", 20, role="host", topics=("shipping",)),
            build.stage("product_shown", 30, product="serum"),
            build.comment("q3", 31, text="what size?", signals=("question",), topics=("quality",)),
            build.stage("product_removed", 40),
            build.comment("c", 700),
            build.comment("q4", 701, text="price?", signals=("question",), topics=("price",)),
        ],
    )

    answered, stale, still_open = replayed(events).streams["live"].questions
    assert (answered.outcome, answered.text, answered.asks) == ("answered", "when does it ship?", 2)
    assert (answered.answered_by, answered.asked_by) == ("h", ("q1", "q2"))
    assert (stale.outcome, stale.text, stale.product) == ("stale", "what size?", "serum")
    assert stale.answered_by is None
    assert (still_open.outcome, still_open.text, still_open.closed_at_ms) == (
        "open",
        "price?",
        None,
    )


def test_the_worst_minute_comes_first_with_its_worst_comments_and_calm_ones_are_none():
    build = Build()
    bad = {"sentiment": MOODS["negative"], "signals": ("complaint",)}
    events = [build.comment(f"calm{n}", n) for n in range(30)]
    events += [build.comment(f"bad{n}", 120 + n, text=f"broken {n}", **bad) for n in range(9)]
    events += [build.comment(f"mixed{n}", 180 + n, **(bad if n % 2 else {})) for n in range(20)]
    moments = replayed(whole_file(build, events)).streams["live"].moments

    assert [moment.bad for moment in moments] == [9, 10]
    assert moments[0].low > moments[1].low
    assert [comment.text for comment in moments[0].evidence] == [f"broken {n}" for n in range(5)]
    assert worst(moments, 5) == moments[:1], "side by side they are one to a reader"


def test_a_stream_that_was_forgotten_two_days_after_its_end_keeps_its_past():
    build = Build()
    bad = {"sentiment": MOODS["negative"], "signals": ("complaint",)}
    ask = {"signals": ("question",), "topics": ("shipping",)}
    log = [
        build.stage("started", 0),
        build.comment("q", 10, **ask),
        build.comment("h", 20, role="host", topics=("shipping",)),
        *(build.comment(f"bad{n}", 120 + n, **bad) for n in range(9)),
        build.stage("ended", 200),
    ]
    settled, after = build.ticks(1_500), build.ticks(5 * 86_400)
    once = replayed([*log, *settled]).streams["live"]
    again = replayed([*log, *settled, *after]).streams["live"]
    assert not run_fold([*log, *settled, *after]).state.streams, "else it was not forgotten"
    assert [question.outcome for question in once.questions] == ["answered"]
    assert (len(once.moments), len(once.activity)) == (1, 2)
    assert again == once


def test_masked_comments_are_no_evidence():
    build = Build()
    bad = {"sentiment": MOODS["negative"], "text_key": 7}
    copies = [build.comment(f"bad{n}", 120 + n, **bad) for n in range(20)]

    moments = replayed(whole_file(build, copies), burst_size=4).streams["live"].moments
    assert [moment.comments for moment in moments] == [4]


def test_markers_stand_in_event_order_and_purchases_are_none():
    build = Build()
    events = whole_file(
        build, [build.stage("price", 5, product="serum"), build.purchase("p", 6, market="US")]
    )
    actions = [marker.action for marker in replayed(events).streams["live"].markers]
    assert actions == ["started", "price", "ended"]


def test_rows_of_a_stream_come_in_time_order_and_totals_last():
    build = Build()
    events = [build.comment("a", 25), build.comment("b", 5, market="DE")]
    rows = replayed(whole_file(build, events)).rows_of("live")
    # Of buckets one each of US and DE, and three of the room: the end has one, too.
    assert [row.start_ms is None for row in rows] == [False] * 5 + [True] * 3
    starts = [row.start_ms for row in rows if row.start_ms is not None]
    assert starts == sorted(starts)
