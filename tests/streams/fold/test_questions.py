"""Questions: one cluster however often asked, open until answered, never answered by silence."""

import pytest

from resonance.streams.fold.questions import Cluster, Questions, SavedQuestions
from support.log_events import START_MS, file_rows

PRICE = {"signals": ("question",), "topics": ("price",)}
SIZE = {"signals": ("question",), "topics": ("size_units",)}


def test_the_same_question_in_another_wording_or_language_is_one_cluster(build):
    total = file_rows(
        build,
        [
            build.comment("a", 1, **PRICE, text_key=1),
            build.comment("b", 2, **PRICE, text_key=2, language="es"),
            build.comment("c", 3, **SIZE),
            build.comment("d", 4),
        ],
    )["live|US|total"]

    assert (total.questions_opened, total.questions_open) == (2, 2)
    assert total.question_oldest_ms == START_MS + 1_000


def test_without_a_topic_only_the_same_wording_is_one_cluster(build):
    total = file_rows(
        build,
        [
            build.comment("a", 1, signals=("question",), text_key=1),
            build.comment("b", 2, signals=("question",), text_key=1),
            build.comment("c", 3, signals=("question",), text_key=2),
        ],
    )["live|US|total"]

    assert total.questions_opened == 2


def test_a_question_asked_again_after_five_minutes_is_a_new_one(build):
    total = file_rows(
        build,
        [
            build.comment("a", 0, **PRICE),
            build.comment("b", 300, **PRICE),
            build.comment("c", 600.001, **PRICE),
        ],
    )["live|US|total"]

    assert total.questions_opened == 2


@pytest.mark.parametrize(("closed", "opened", "asks"), [("a", 2, [2]), ("b", 3, [1, 1])])
def test_of_a_question_asked_anew_the_newest_goes_on_whichever_is_answered(
    build, closed, opened, asks
):
    total = file_rows(
        build,
        [
            build.comment("a", 0, **PRICE),
            build.comment("b", 301, **PRICE),
            build.comment("mod", 302, role="moderator", reply_to=closed),
            build.comment("c", 303, **PRICE),
        ],
    )["live|US|total"]

    assert total.questions_opened == opened
    assert [question.asks for question in total.open_questions] == asks


def test_who_asks_again_is_one_asker_though_an_earlier_version_saved_them_in_no_order(build):
    saved = Cluster("US", "price", "", 1, START_MS, START_MS, ("a",), [3, 1, 2])
    questions = Questions()
    questions.load(SavedQuestions([saved], [0], 1))

    questions.ask("US", build.comment("b", 1, **PRICE), "", 1)
    questions.ask("US", build.comment("c", 2, **PRICE), "", 4)

    [cluster] = questions.clusters
    assert (cluster.asks, cluster.askers) == (3, [1, 2, 3, 4])


def test_the_host_answers_every_market_that_asked_about_this_topic_and_product(build):
    rows = file_rows(
        build,
        [
            build.stage("product_shown", 0, product="serum"),
            build.comment("a", 1, **PRICE),
            build.comment("b", 2, **PRICE, market="DE"),
            build.comment("c", 3, **SIZE),
            build.comment("d", 4, **PRICE, product="lamp"),
            build.comment("host", 12, role="host", topics=("price",)),
        ],
    )

    assert rows["live|US|total"].questions_answered == 1
    assert rows["live|DE|total"].questions_answered == 1
    assert rows["live|*|total"].questions_open == 2
    assert rows[f"live|DE|{START_MS + 10_000}"].questions_answered == 1


def test_a_reply_to_one_of_its_comments_closes_a_cluster_whatever_it_says(build):
    total = file_rows(
        build,
        [
            build.comment("a", 1, **PRICE),
            build.comment("b", 2, **PRICE),
            build.comment("mod", 3, role="moderator", reply_to="b"),
        ],
    )["live|US|total"]

    assert (total.questions_answered, total.questions_open) == (1, 0)


def test_a_viewer_or_a_comment_on_another_topic_answers_nothing(build):
    total = file_rows(
        build,
        [
            build.comment("a", 1, **PRICE),
            build.comment("viewer", 2, topics=("price",)),
            build.comment("host", 3, role="host", topics=("shipping",)),
            build.comment("chatty", 4, role="host"),
        ],
    )["live|US|total"]

    assert (total.questions_answered, total.questions_open) == (0, 1)


def test_a_question_goes_stale_ten_minutes_after_its_product_left_and_not_before(build):
    def rows(until_s: float):
        return file_rows(
            build,
            [
                build.stage("product_shown", 0, product="serum"),
                build.comment("a", 1, **PRICE),
                build.stage("product_shown", 100, product="lamp"),
                build.comment("last", until_s),
            ],
            last_s=until_s,
        )["live|US|total"]

    assert (rows(699).questions_stale, rows(699).questions_open) == (0, 1)
    assert (rows(701).questions_stale, rows(701).questions_open) == (1, 0)
    assert rows(701).questions_answered == 0


def test_a_product_that_comes_back_keeps_its_questions_open(build):
    total = file_rows(
        build,
        [
            build.stage("product_shown", 0, product="serum"),
            build.comment("a", 1, **PRICE),
            build.stage("product_removed", 100),
            build.stage("product_shown", 200, product="serum"),
            build.comment("last", 1_000),
        ],
    )["live|US|total"]

    assert total.questions_open == 1


def test_masked_questions_open_nothing(build):
    total = file_rows(build, [build.stage("giveaway_started", 0), build.comment("a", 1, **PRICE)])[
        "live|US|total"
    ]

    assert total.questions_opened == 0


@pytest.mark.parametrize(
    ("action", "topics", "answered"),
    [("caption", ("price",), 1), ("caption", ("shipping",), 0), ("price", ("price",), 0)],
)
def test_the_host_answers_by_speaking_too_and_only_on_the_topic(build, action, topics, answered):
    total = file_rows(
        build, [build.comment("a", 1, **PRICE), build.stage(action, 20, topics=topics)]
    )["live|US|total"]

    assert total.questions_answered == answered


def test_the_time_to_answer_counts_from_the_first_ask(build):
    rows = file_rows(
        build,
        [
            build.comment("a", 1, **PRICE),
            build.comment("b", 60, **PRICE),
            build.comment("c", 61, **SIZE),
            build.comment("host", 62, role="host", topics=("price", "size_units")),
        ],
    )

    assert rows["live|US|total"].answer_seconds == {"15": 1, "120": 1}
    assert rows[f"live|*|{START_MS + 60_000}"].answer_seconds == {"15": 1, "120": 1}


def test_open_questions_are_listed_by_askers_and_wish_to_buy_and_leave_when_answered(build):
    buying = {"signals": ("question", "purchase_intent"), "topics": ("size_units",)}
    asked = [
        build.comment("a", 1, **PRICE, viewer="01"),
        build.comment("b", 2, **PRICE, viewer="01"),
        build.comment("c", 3, **buying, viewer="02", language="es"),
        build.comment("d", 4, **buying, viewer="03"),
    ]
    rows = file_rows(build, asked)
    first, second = rows["live|US|total"].open_questions

    assert (first.topic, first.asks, first.askers, first.intents) == ("size_units", 2, 2, 2)
    assert (first.languages, first.asked_by) == (("es", "en"), ("d", "c"))
    assert (second.topic, second.asks, second.askers, second.intents) == ("price", 2, 1, 0)
    assert second.first_asked_ms == START_MS + 1_000
    assert rows["live|*|total"].open_questions == ()

    answer = build.comment("host", 5, role="host", topics=("size_units",))
    [left] = file_rows(build, [*asked, answer])["live|US|total"].open_questions
    assert left.topic == "price"


def test_askers_who_buy_are_counted_once_where_they_asked_and_after_an_answer_apart(build):
    def asks(name: str, at_s: float):
        return build.comment(f"{name}-{at_s}", at_s, **PRICE, viewer=name)

    rows = file_rows(
        build,
        [
            build.purchase("early", 0.5, viewer="a1", market="DE"),  # Before any question.
            asks("a1", 1),
            asks("a2", 2),
            asks("a3", 3),
            build.purchase("unhelped", 4, viewer="a3", market="DE"),
            build.comment("host", 5, role="host", topics=("price",)),
            build.purchase("helped", 6, viewer="a2"),
            build.purchase("again", 7, viewer="a2"),
            asks("a4", 8),
            build.purchase("silent", 9, viewer="a5"),
        ],
    )

    counts = {"asked": 3, "answered": 1, "bought": 2, "answered_bought": 1}
    assert rows["live|US|total"].askers == counts
    assert rows["live|DE|total"].askers == {"asked": 1, "answered": 1}
    assert rows["live|*|total"].askers == {
        "asked": 4,
        "answered": 2,
        "bought": 2,
        "answered_bought": 1,
    }
