"""Figures are those of the textbook, and sets are asked what they ask."""

import pytest

from resonance.sentiment.evaluation.authored import (
    judge_authored,
    judge_language,
    parse_authored,
)
from resonance.sentiment.evaluation.judging import LabelledSet, judge, parse_labelled, sample
from resonance.sentiment.evaluation.metrics import (
    Confusion,
    LabelTally,
    calibration_error,
    macro_f1,
)
from resonance.sentiment.evaluation.tasks import topics_of, without_question_marks
from resonance.sentiment.scores import Friction, Score, Sentiment


def said(sentiment="neutral", *, sure=0.8, signals=(), topics=(), friction=(), language="en"):
    """Return a score that says so."""
    rest = round((1 - sure) / 2, 4)
    shares = dict.fromkeys(("negative", "neutral", "positive"), rest) | {sentiment: sure}
    return Score(
        text_key=0,
        language=language,
        sentiment=Sentiment(**shares),
        signals=signals,
        topics=topics,
        friction=friction,
        scorer="model",
    )


def judged(task, rows, scores):
    figures, mistakes = judge(LabelledSet("set", task, "en", tuple(rows)), scores)
    return figures, mistakes


def test_macro_f1_is_the_mean_of_the_classes_f1():
    confusion = Confusion()
    for truth, predicted in [("a", "a"), ("a", "b"), ("b", "b"), ("c", "b")]:
        confusion.add(truth, predicted)
    classes = confusion.classes()
    assert classes["a"].precision == 1.0
    assert classes["a"].recall == 0.5
    assert classes["a"].f1 == pytest.approx(2 / 3, abs=1e-4)
    assert classes["b"].f1 == 0.5
    assert classes["c"].f1 == 0.0
    assert macro_f1(classes) == pytest.approx((2 / 3 + 0.5 + 0) / 3, abs=1e-4)
    assert confusion.accuracy == 0.5
    assert confusion.table()["a"] == {"a": 1, "b": 1, "c": 0}


def test_labels_are_counted_each_and_exact_texts_apart():
    tally = LabelTally()
    tally.add({"price", "size"}, {"price"})
    tally.add({"price"}, {"price", "stock"})
    tally.add((), ())
    classes = tally.classes()
    assert classes["price"].f1 == 1.0
    assert classes["size"].recall == 0.0
    assert "stock" not in classes  # No text has it: there is no recall to judge.
    assert tally.accuracy == pytest.approx(1 / 3, abs=1e-4)


@pytest.mark.parametrize(
    ("confidences", "right", "bins", "error"),
    [
        # Two at 0.95, one right: off by 0.45. Two at 0.55, both right: off by 0.45 too.
        ([0.95, 0.95, 0.55, 0.55], [True, False, True, True], 10, 0.45),
        ([1.0, 1.0], [True, True], 15, 0.0),
        ([0.8, 0.6], [True, False], 1, 0.2),
        ([0.8, 0.6], [True, False], 15, 0.4),
        ([0.0], [False], 15, 0.0),
        ([], [], 15, 0.0),
    ],
)
def test_calibration_error_is_the_distance_of_confidence_from_accuracy(
    confidences, right, bins, error
):
    assert calibration_error(confidences, right, bins) == pytest.approx(error, abs=1e-4)


def test_of_nothing_every_figure_is_nought():
    assert macro_f1({}) == Confusion().accuracy == LabelTally().accuracy == 0.0


def test_a_set_without_neutral_texts_is_judged_on_two_classes():
    rows = [("a", "positive"), ("b", "negative")]
    scores = [said("neutral", sure=0.6), said("negative")]
    figures, _ = judged("sentiment", rows, scores)
    assert set(figures.classes) == {"negative", "positive"}
    with_neutral, _ = judged("sentiment", [*rows, ("c", "neutral")], [*scores, said()])
    assert with_neutral.confusion["positive"]["neutral"] == 1


def test_the_surest_mistakes_carry_how_sure_they_were():
    figures, mistakes = judged(
        "sentiment",
        [("a", "positive"), ("b", "neutral"), ("c", "negative")],
        [said("negative", sure=0.9), said(), said("negative")],
    )
    assert figures.accuracy == pytest.approx(2 / 3, abs=1e-4)
    assert [(m.truth, m.predicted, m.confidence) for m in mistakes] == [
        ("positive", "negative", pytest.approx(0.9))
    ]


@pytest.mark.parametrize(
    ("task", "label", "score", "right"),
    [
        ("question", "question", said(signals=("question",)), True),
        ("question", "not_question", said(signals=("question",)), False),
        ("toxicity", "toxic", said(signals=("toxic",)), True),
        ("offensive", "not_offensive", said(), True),
        ("spam", "ham", said(signals=("spam",)), False),
        ("praise", "gratitude", said(signals=("praise",)), True),
        ("purchase", "none", said(signals=("praise",)), True),
        ("complaint", "complaint", said(), False),
        ("signal", "complaint", said(signals=("complaint", "purchase_intent")), True),
        ("signal", "purchase_intent", said(signals=("purchase_intent",)), True),
    ],
)
def test_each_task_is_answered_by_its_signal(task, label, score, right):
    figures, _ = judged(task, [("text", label)], [score])
    assert figures.accuracy == right


def test_a_label_that_the_task_does_not_know_is_left_out_and_counted():
    figures, _ = judged("spam", [("a", "spam"), ("b", "eggs")], [said(signals=("spam",))] * 2)
    assert (figures.n, figures.unusable, figures.accuracy) == (1, 1, 1.0)


def test_of_topics_those_count_that_are_mentioned_and_that_both_know():
    assert topics_of("price,size|quality") == {"price", "size_units"}
    assert topics_of("none|none") == topics_of("service") == set()
    figures, _ = judged(
        "topic",
        [("a", "price|none"), ("b", "none|none")],
        [said(topics=("price", "host_stream")), said(topics=("size_units",))],
    )
    assert figures.classes["price"].f1 == 1.0
    assert figures.accuracy == 0.5


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("how much?", "how much"),
        ("¿cuánto?", "cuánto"),
        ("多少？ ", "多少"),
        ("متى؟", "متى"),
        ("no", "no"),
    ],
)
def test_questions_are_asked_without_their_marks(text, bare):
    assert without_question_marks(text) == bare
    assert LabelledSet("s", "question", "en", ((text, "question"),)).texts == [bare]
    assert LabelledSet("s", "spam", "en", ((text, "ham"),)).texts == [text]


def test_lines_that_are_no_rows_are_left_out():
    assert parse_labelled("a\tspam\ttrain\n\nb\n c \tham") == (("a", "spam"), (" c ", "ham"))


def test_a_sample_is_the_same_every_time_and_keeps_the_order():
    rows = [(f"text {i}", "spam") for i in range(100)]
    some = sample(rows, 10)
    assert some == sample(list(rows), 10)
    assert len(some) == 10
    assert list(some) == sorted(some, key=rows.index)
    assert set(some) <= set(sample(rows, 20))
    assert sample(rows, None) == tuple(rows)


def test_authored_comments_are_judged_on_all_they_say_by_language_and_together():
    rows = parse_authored(
        "too dear\ten\tUS\tnegative\tcomplaint\tprice\thard_sell:2\n"
        "多少\tzh\tCN\tneutral\tquestion\tprice\t-\n"
        "a line of another shape\ten\n"
    )
    scores = [
        said(
            "negative",
            signals=("complaint",),
            topics=("price",),
            friction=(Friction("hard_sell", 2, "dear"),),
        ),
        said(language="zh"),
    ]
    figures = {(f.task, f.language): f for f in judge_authored(rows, scores)}
    assert len(rows) == 2
    assert figures["sentiment", "all"].accuracy == 1.0
    assert figures["signals", "en"].macro_f1 == 1.0
    assert figures["signals", "zh"].macro_f1 == 0.0
    assert figures["topics", "all"].classes["price"].recall == 0.5
    assert figures["friction", "en"].classes["hard_sell"].n == 1


def test_language_is_judged_by_kind_and_ours_together():
    rows = [("en", "word"), ("zh", "word"), ("uk", "word"), ("en", "sentence")]
    scores = [said(language=language) for language in ("en", "ja", "ru", "en")]
    figures = {(f.kind, f.language): f for f in judge_language("short", rows, scores)}
    assert figures["word", "all"].accuracy == 0.5  # Ukrainian is none of our languages.
    assert figures["word", "uk"].accuracy == 0.0
    assert figures["sentence", "all"].n == 1
