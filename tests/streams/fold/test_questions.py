"""Questions: one cluster however often asked, open until answered, never answered by silence."""

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
