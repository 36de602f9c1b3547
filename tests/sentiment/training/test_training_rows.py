"""What a training run reads: which label means what, and what nobody judged stays unknown."""

from pathlib import Path

import numpy as np
import pytest

from resonance.sentiment.model.heads import FLAG_INDEX, FLAGS, OUTPUTS, SENTIMENT
from resonance.sentiment.training.comments import OWN_FLAG_WEIGHT, labelled, read_comments
from resonance.sentiment.training.mix import (
    FLAG_ROWS_OF_A_SET,
    LESSON_WEIGHT_MAX,
    LESSON_WEIGHT_MIN,
    OWN_COPIES,
    SHOPPING_FLAGS,
    WEAK,
    add_weak_negatives,
    for_flags,
    read_mix,
    weigh_lessons,
)
from resonance.sentiment.training.rows import UNKNOWN, Row, merged, targets
from resonance.sentiment.training.sources import TOPIC_WEIGHT, read_sources
from support.training import write_ours, write_sets


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sets(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ours(tmp_path_factory.mktemp("ours"))


def found(data: Path, text: str, source: str) -> Row:
    rows = read_sources(data / "text" / "train", seed=0)
    return next(row for row in rows if (row.text, row.source) == (text, source))


def row(text: str = "a", source: str = "umsab", **known) -> Row:
    return Row(text=text, language="en", source=source, split=known.pop("split", "train"), **known)


@pytest.mark.parametrize(
    ("text", "source", "flags"),
    [
        ("¿cuánto cuesta?", "xedq", {"question": 1.0}),
        ("滚出去", "cold", {"toxic": 1.0}),
        ("谢谢你", "cold", {"toxic": 0.0}),
        ("watch my channel", "ytspam", {"spam": 1.0}),
        ("nice song", "ytspam", {"spam": 0.0}),
        ("my parcel is lost", "bitext", {"complaint": 1.0, "purchase_intent": 0.0}),
        ("i will take two", "cip", {"purchase_intent": 1.0}),
        ("well done", "goemotions", {"praise": 1.0}),
        ("thank you", "goemotions", {}),
        ("love this colour", "umsab", {}),
    ],
)
def test_a_set_judges_what_it_is_about_and_nothing_else(
    data: Path, text: str, source: str, flags: dict
) -> None:
    assert found(data, text, source).flags == flags


def test_a_topic_set_judges_the_topics_it_knows_by_our_names(data: Path) -> None:
    said = found(data, "dear and late", "mabsa")
    assert {name for name, value in said.flags.items() if value} == {"price", "shipping"}
    assert {"returns", "size_units", "authenticity"} <= said.flags.keys()
    assert "customs_tax" not in said.flags
    assert set(said.flag_weights.values()) == {TOPIC_WEIGHT}


@pytest.mark.parametrize(
    ("text", "source", "label", "has_neutral"),
    [
        ("the colour is red", "umsab", "neutral", True),
        ("hate this colour", "umsab", "negative", True),
        ("最高だね", "xed", "positive", False),
    ],
)
def test_a_set_without_neutral_leaves_neutral_open(
    data: Path, text: str, source: str, label: str, *, has_neutral: bool
) -> None:
    said = found(data, text, source)
    assert (SENTIMENT[said.sentiment], said.has_neutral) == (label, has_neutral)


def test_tasks_that_say_nothing_we_ask_are_passed_over(data: Path) -> None:
    sources = {row.source for row in read_sources(data / "text" / "train", seed=0)}
    assert "clinc" not in sources
    assert {"umsab", "cold", "bitext"} <= sources


def test_what_two_sets_know_of_a_text_becomes_one_row() -> None:
    asked = row(flags={"question": 1.0})
    felt = row(sentiment=2, weight=2.0)
    other = Row(text="a", language="de", source="umsab", split="train")
    [one, two] = merged([asked, felt, other])
    assert (one.flags, one.sentiment, one.weight) == ({"question": 1.0}, 2, 2.0)
    assert two is other


def test_of_two_opinions_on_a_text_the_first_counts() -> None:
    [one] = merged([row(sentiment=2), row(sentiment=0)])
    assert one.sentiment == 2


def test_a_text_that_one_set_holds_out_is_trained_on_by_none() -> None:
    [one] = merged([row(split="train"), row(split="val")])
    assert one.split == "val"


def test_what_nobody_judged_weighs_nothing() -> None:
    labels = targets([row(flags={"spam": 1.0, "toxic": 0.0}, flag_weights={"toxic": 0.1}), row()])
    assert labels.flags.shape == labels.flag_weights.shape == (2, len(FLAGS))
    assert labels.flag_weights[0, FLAG_INDEX["spam"]] == 1.0
    assert labels.flag_weights[0, FLAG_INDEX["toxic"]] == np.float32(0.1)
    assert np.count_nonzero(labels.flag_weights) == 2
    assert labels.flags.sum() == 1.0
    assert labels.sentiment.tolist() == [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ("known", "weak", "open_"),
    [
        ({"source": "umsab"}, {"customs_tax", "order_code"}, {"spam", "toxic", "quality"}),
        ({"source": "umsab", "sentiment": 2}, {"toxic"}, {"praise"}),
        ({"source": "umsab", "sentiment": 0}, {"praise"}, {"toxic"}),
        ({"source": "xed"}, {"spam", "hard_sell"}, {"toxic", "taboo_etiquette", "host_stream"}),
        ({"source": "bitext"}, {"spam", "toxic"}, {"complaint", "price", "shipping"}),
    ],
)
def test_text_where_a_thing_all_but_never_occurs_teaches_a_head_what_it_is_not(
    known: dict, weak: set, open_: set
) -> None:
    said = row(**known)
    add_weak_negatives(said)
    assert weak <= said.flags.keys()
    assert all(said.flags[name] == 0.0 and said.flag_weights[name] == WEAK for name in weak)
    assert open_.isdisjoint(said.flags)


def test_a_weak_negative_never_overrules_a_judge() -> None:
    said = row(source="xed", flags={"spam": 1.0, "price": 1.0})
    add_weak_negatives(said)
    assert (said.flags["spam"], said.flags["price"]) == (1.0, 1.0)
    assert not {"spam", "price"} & said.flag_weights.keys()


def test_every_flag_that_is_taught_is_a_head() -> None:
    assert set(SHOPPING_FLAGS) <= set(FLAGS)
    assert len(set(OUTPUTS)) == len(OUTPUTS)


def test_a_comment_of_ours_judges_every_head_but_severity_without_friction(tmp_path: Path) -> None:
    path = tmp_path / "en.tsv"
    path.write_text(
        "stuck at customs\ten\tUS\tnegative\tcomplaint\tcustoms_tax\tcustoms_regulation:2\n"
        "hello\ten\tUS\tneutral\t-\t-\t-\n",
        "utf-8",
    )
    stuck, hello = (labelled(columns, "authored", "train") for columns in read_comments(path))
    assert {name for name, value in stuck.flags.items() if value} == {
        *("complaint", "customs_tax", "customs_regulation", "severity_2")
    }
    assert stuck.flags.keys() == set(FLAGS)
    assert hello.flags.keys() == set(FLAGS) - {"severity_2", "severity_3"}
    assert not any(hello.flags.values())
    assert set(stuck.flag_weights.values()) == {OWN_FLAG_WEIGHT}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hello\ten\tUS\tneutral\t-\t-", "en.tsv, line 1: 6 columns, not 7"),
        ("hello\ten\tUS\tneutral\tshouting\t-\t-", "'hello' is labelled ['shouting']"),
        ("hello\ten\tUS\tneutral\t-\t-\tprice:1", "'hello' is labelled ['price']"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "en.tsv"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the message is what is checked.
        [labelled(columns, "authored", "train") for columns in read_comments(path)]
    assert said in str(error.value)


def test_the_mix_is_the_same_on_every_run(data: Path, ours: Path) -> None:
    first, second = read_mix(data, ours, seed=3), read_mix(data, ours, seed=3)
    assert first == second
    assert first != read_mix(data, ours, seed=4)


def test_the_mix_holds_open_sets_and_ours_in_every_split(data: Path, ours: Path) -> None:
    rows = read_mix(data, ours, seed=0)
    assert {(r.source, r.split) for r in rows} >= {
        *(("umsab", "train"), ("umsab", "val"), ("mabsa", "val")),
        *(("authored", "train"), ("authored", "val"), ("authored", "test")),
        *(("templates", "train"), ("questions", "train")),
    }
    [known] = [r for r in rows if r.text == "love this colour"]
    assert (SENTIMENT[known.sentiment], known.flags["quality"]) == ("negative", 1.0)


def test_most_questions_of_open_sets_lose_their_mark(data: Path, ours: Path) -> None:
    asked = {
        next(r.text for r in read_mix(data, ours, seed) if r.source == "xedq") for seed in range(8)
    }
    assert asked == {"cuánto cuesta", "¿cuánto cuesta?"}


def test_what_is_held_out_of_ours_stands_as_it_was_written(data: Path, ours: Path) -> None:
    rows = [r for r in read_mix(data, ours, seed=0) if r.source == "authored"]
    lines = (ours / "authored" / "en.tsv").read_text("utf-8").splitlines()
    written = [line.split("\t")[0] for line in lines]
    kept = [r.text for r in rows if r.split != "train"]
    assert len(kept) == len(set(kept)) > 0
    assert set(kept) <= set(written)


def test_the_bag_for_flags_reads_all_of_ours_and_a_share_of_each_open_set() -> None:
    rows = [
        *(row(str(n), "authored", flags={"spam": 0.0}) for n in range(5)),
        *(row(str(n), "questions", flags={"question": 1.0}) for n in range(5)),
        *(row(str(n), "cold", flags={"toxic": 0.0}) for n in range(FLAG_ROWS_OF_A_SET + 9)),
        *(row(str(n), "xed", flags={"spam": 0.0}, flag_weights={"spam": WEAK}) for n in range(7)),
        row("felt", sentiment=1),
    ]
    places = for_flags(rows, seed=1)
    taken = [rows[place].source for place in places]
    assert taken.count("authored") == 5 * OWN_COPIES
    assert taken.count("questions") == 5
    assert taken.count("cold") == FLAG_ROWS_OF_A_SET
    assert taken.count("xed") == 7
    assert "umsab" not in taken
    assert places == for_flags(rows, seed=1)


def labelled_rows(source: str, counts: dict[str, int], split: str = "train") -> list[Row]:
    """Return so many rows that raise one flag each; "-" raises none."""
    return [
        row(
            f"{name} {number}",
            source,
            split=split,
            flags={"praise": float(name == "praise"), "price": float(name == "price")},
            flag_weights={"praise": 3.0, "price": 3.0},
        )
        for name, count in counts.items()
        for number in range(count)
    ]


def test_a_lesson_weighs_as_its_labels_are_frequent_among_what_is_like_viewers() -> None:
    like_viewers = labelled_rows("templates", {"praise": 20, "-": 20})
    lessons = labelled_rows("lessons", {"praise": 10, "-": 20})
    weigh_lessons([*like_viewers, *lessons])
    weights = {name: next(r for r in lessons if r.text == f"{name} 0") for name in ("praise", "-")}
    praise, none = (weights[name].flag_weights["praise"] for name in ("praise", "-"))
    assert praise / none == pytest.approx(2)
    assert np.mean([r.flag_weights["price"] for r in lessons]) == pytest.approx(3)
    assert all(r.flag_weights == {"praise": 3.0, "price": 3.0} for r in like_viewers)


def test_no_set_of_labels_falls_silent_or_shouts_and_what_is_held_out_weighs_nothing() -> None:
    like_viewers = labelled_rows("templates", {"praise": 90, "-": 10})
    held_out = labelled_rows("authored", {"price": 500}, split="test")
    lessons = labelled_rows("lessons", {"praise": 10, "-": 80, "price": 10})
    weigh_lessons([*like_viewers, *held_out, *lessons])
    weights = {r.text.split()[0]: r.flag_weights["praise"] for r in lessons}
    assert weights["-"] == weights["price"]
    assert weights["praise"] / weights["price"] == pytest.approx(
        LESSON_WEIGHT_MAX / LESSON_WEIGHT_MIN
    )


def test_lessons_alone_keep_their_weights() -> None:
    lessons = labelled_rows("lessons", {"praise": 3, "-": 1})
    weigh_lessons(lessons)
    assert {weight for r in lessons for weight in r.flag_weights.values()} == {3.0}
