"""The texts of our own: what a template becomes, what is held out, and that no line is amiss."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.model.form import read_form
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.training.comments import NONE, VAL_SHARE, read_comments, split_of
from resonance.sentiment.training.mix import AUTHORED_HELD_OUT_SHARE, own_rows
from resonance.sentiment.training.templates import (
    HELD_OUT_SHARE,
    expand,
    fill,
    mistyped,
    read_slots,
    roughen,
    without_marks,
    without_question_marks,
)
from resonance.sentiment.training.workshop import OURS
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS
from support.training import write_ours

SLOT = re.compile(r"\{(\w*)\}")
MOODS = {"negative", "neutral", "positive"}
FILES = sorted(OURS.glob("*/*.tsv"))
COMMENTS = [path for path in FILES if path.parent.name in ("authored", "templates")]


def dice(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@given(st.text(max_size=60), st.floats(0, 0.4))
def test_where_a_text_falls_is_its_own_affair(text, share):
    assert split_of(text, share) == split_of(text, share)
    if split_of(text, share) != "train":
        assert split_of(text, share + 0.1) != "train"


@pytest.mark.parametrize("share", [AUTHORED_HELD_OUT_SHARE, HELD_OUT_SHARE])
def test_as_many_texts_are_held_out_as_is_said(share):
    found = Counter(split_of(f"text {n}", share) for n in range(20_000))
    held_out = found["test"] + found["val"]
    assert held_out / 20_000 == pytest.approx(share, abs=0.01)
    assert found["val"] / held_out == pytest.approx(VAL_SHARE, abs=0.03)


def test_all_that_is_held_out_lies_in_the_half_no_pack_was_written_from():
    from hashlib import sha256  # noqa: PLC0415

    texts = [f"text {n}" for n in range(2_000)]
    even = [text for text in texts if sha256(text.encode()).digest()[0] % 2 == 0]
    assert {split_of(text, HELD_OUT_SHARE) for text in even} == {"train"}


@given(st.integers(0, 2**32))
def test_what_a_template_becomes_stays_in_its_split(seed):
    """The number in each template tells where it came from, however rough it became."""
    rows = list(expand(WORLD, seed))
    homes = {}
    for columns in read_comments(WORLD / "templates" / "en.tsv"):
        number = columns[0].rsplit(" ", 1)[1]
        homes.setdefault(number, set()).add(split_of(columns[0], HELD_OUT_SHARE))
    for row in rows:
        number = row.text.rstrip("aeiouy?").rsplit(" ", 1)[-1]
        if number in homes:
            assert row.split in homes[number]
    held_out = [row for row in rows if row.split != "train"]
    assert len({row.text for row in held_out}) == len(held_out)


@pytest.fixture(scope="module", autouse=True)
def _world(tmp_path_factory: pytest.TempPathFactory) -> None:
    global WORLD  # noqa: PLW0603 - hypothesis and fixtures of a function do not mix.
    WORLD = write_ours(tmp_path_factory.mktemp("ours"), copies=30)


def test_a_slot_is_filled_with_one_of_its_values():
    slots = {"item": ["bag", "ring"], "price": ["$5"]}
    seen = {fill("{item} for {price}", slots, dice(n)) for n in range(20)}
    assert seen == {"bag for $5", "ring for $5"}
    assert fill("no slot {}", slots, dice()) == "no slot {}"


@pytest.mark.parametrize("slots", [{}, {"item": []}])
def test_a_slot_without_values_is_named(slots):
    with pytest.raises(ValueError, match=r"'the \{item\}' names the slot 'item', which its"):
        fill("the {item}", slots, dice())


def test_a_languages_slots_are_read_from_lines(tmp_path):
    path = tmp_path / "en.tsv"
    path.write_text("item\tbag|air fryer\nprice\t$5\n", "utf-8")
    assert read_slots(path) == {"item": ["bag", "air fryer"], "price": ["$5"]}


@given(st.text(max_size=80), st.integers(0, 2**32))
def test_any_text_can_be_typed_in_a_hurry(text, seed):
    rough = roughen(text, dice(seed))
    assert rough == roughen(text, dice(seed))
    assert len(rough) <= 2 * len(text) + 2


def test_a_hurried_viewer_leaves_marks_out_and_mistypes_now_and_then():
    seen = {roughen("café para mamá, cuánto?", dice(n)) for n in range(200)}
    assert "café para mamá, cuánto" in seen
    assert "cafe para mama, cuanto?" in seen
    assert "café para mamá, cuánto?" in seen
    assert len(seen) > 20


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("¿cuánto cuesta?", "cuánto cuesta"),
        ("多少钱？？", "多少钱"),
        ("بكم؟", "بكم"),
        ("ok!", "ok!"),
        ("?", ""),
    ],
)
def test_question_marks_of_every_script_can_be_left_out(text, typed):
    assert without_question_marks(text) == typed


@pytest.mark.parametrize(
    ("text", "typed"),
    [("más", "mas"), ("đẹp", "đep"), ("สวย", "สวย"), ("ガ", "ガ"), ("Ünlü", "Unlu"), ("й", "й")],
)
def test_accents_are_left_out_of_latin_letters_alone(text, typed):
    assert without_marks(text) == typed


@given(st.text("abcdefg ", min_size=6, max_size=30), st.integers(0, 2**32))
def test_a_slip_swaps_two_neighbours_or_loses_one(text, seed):
    slipped = mistyped(text, dice(seed))
    assert (slipped[0], slipped[-1]) == (text[0], text[-1]) or len(slipped) < len(text)
    if len(slipped) == len(text):
        assert Counter(slipped) == Counter(text)
    else:
        assert len(slipped) == len(text) - 1


@pytest.mark.parametrize("text", ["cf 12", "", "hi @maria_b"])
def test_codes_and_names_are_not_mistyped(text):
    assert {mistyped(text, dice(n)) for n in range(20)} == {text}


def test_every_language_has_texts_of_every_kind():
    for kind in ("authored", "templates", "slots", "questions"):
        found = {path.stem for path in (OURS / kind).glob("*.tsv")}
        assert found == set(LANGUAGES), kind


@pytest.mark.parametrize("path", COMMENTS, ids=named)
def test_every_comment_has_labels_that_we_know(path):
    for text, language, market, mood, signals, topics, friction in read_comments(path):
        where = f"{named(path)}: {text!r}"
        assert text == text.strip() != "", where
        assert language == path.stem, where
        assert re.fullmatch(r"[A-Z]{2}|-", market), where
        assert mood in MOODS, where
        assert known(signals, SIGNALS), where
        assert known(topics, TOPICS), where
        assert known(friction, [f"{name}:{n}" for name in FRICTION_CATEGORIES for n in (1, 2, 3)])


def known(cell: str, vocabulary) -> bool:
    names = [] if cell == NONE else cell.split(",")
    return set(names) <= set(vocabulary) and len(set(names)) == len(names)


@pytest.mark.parametrize("path", COMMENTS, ids=named)
def test_no_comment_stands_twice(path):
    texts = Counter(columns[0] for columns in read_comments(path))
    assert not [text for text, count in texts.items() if count > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_that_a_template_names_has_values(language):
    slots = read_slots(OURS / "slots" / f"{language}.tsv")
    assert all(value == value.strip() != "" for values in slots.values() for value in values)
    assert all(len(set(values)) == len(values) for values in slots.values())
    for columns in read_comments(OURS / "templates" / f"{language}.tsv"):
        assert set(SLOT.findall(columns[0])) <= slots.keys(), columns[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_are_told_from_statements_in_about_equal_shares(language):
    path = OURS / "questions" / f"{language}.tsv"
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    assert all(len(row) == 2 and row[0].strip() for row in rows)
    labels = Counter(label for _, label in rows)
    assert labels.keys() == {"question", "statement"}
    assert min(labels.values()) > 0.3 * len(rows)
    assert len({text for text, _ in rows}) == len(rows)


@pytest.fixture(scope="module")
def own():
    return list(own_rows(OURS, seed=0))


def test_all_but_none_of_what_is_held_out_is_a_text_that_was_learned(own):
    """Emoji alone aside: there are not many ways to write three hearts."""
    learned = {(row.language, bare(row.text)) for row in own if row.split == "train"}
    held_out = [row for row in own if row.split == "test" and bare(row.text)]
    leaked = [row.text for row in held_out if (row.language, bare(row.text)) in learned]
    assert len(held_out) > 2_000
    assert len(leaked) < 0.015 * len(held_out), leaked


def bare(text: str) -> str:
    return "".join(filter(str.isalnum, read_form(text)))


def test_every_label_can_be_judged_in_every_split(own):
    for split in ("train", "val", "test"):
        found = Counter(
            name for row in own if row.split == split for name, value in row.flags.items() if value
        )
        missing = {*SIGNALS, *TOPICS, *FRICTION_CATEGORIES} - found.keys()
        assert not missing, (split, missing)
