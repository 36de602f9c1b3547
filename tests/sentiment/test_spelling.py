"""How phrases are spelt: all of them at once as each by itself."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resonance.sentiment.pack import phrases
from resonance.sentiment.spelling import BETWEEN, all_spellings, spellings

# What looks beyond its own character, or changes when it is typed, cut, folded or set apart.
PIECES = st.sampled_from(
    [
        *("a", "b", "o", "1", " ", "  ", "\n", "\t", "*", "'", "’", ",", ".", "!", "-", "$", "€"),
        *("é", "ö", "ß", "ı", "İ", "đ", "ø", "ạ", "й", "ñ", "Å", "ﬁ", "①", "ﷺ", "ǰ", "A", "ｶﾞ"),
        *("ก", "ำ", "ุ", "่", "中", "が", "か", "가", "ᄀ", "ᅡ", "ᆨ", "أ", "ة", "ـ", "ً", "क", "़"),
        *("\u0300", "\u0323", "\u0338", "\u3099", "\u200d", "\ufe0f", "\u00ad", "\ud800", "\ue000"),
        *("❤", "😂", "🏽", "aaa", "ooo", "!!!", "111", BETWEEN, "\u0300" * 31, "x" * 999),
    ]
)  # fmt: skip
PHRASES = st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=12)


def each_alone(all_phrases):
    return [spellings(phrase) for phrase in all_phrases]


def all_at_once(all_phrases):
    found = [set() for _ in all_phrases]
    for spelling, place in zip(*all_spellings(all_phrases), strict=True):
        found[place].add(spelling)
    return found


def test_all_shipped_phrases_are_spelt_at_once_as_each_alone():
    shipped = phrases().spellings.entries.phrases
    assert len(shipped) > 90_000
    assert all_at_once(shipped) == each_alone(shipped)


@given(st.lists(PHRASES, max_size=30))
@example([])
@example(["", "", "", "cute", "***"])  # What is read as one holds a letter of no word three times.
@example(["cute", "ﷺ" * 60, "ﷺ" * 60, "so cute"])  # It grows beyond what is read of a text.
@example(["x" * 1_001, "cute"])
@example(["ᄀ", "ᅡ", "가"])  # Letters that join a letter before them.
@example(["a中", "中a", "中 a", "a", "中"])
@example(["it's", "its", "l ' a", "'"])
@example([BETWEEN, f"so{BETWEEN}cute", "cute"])
def test_any_phrases_are_spelt_at_once_as_each_alone(some_phrases):
    assert all_at_once(some_phrases) == each_alone(some_phrases)


@pytest.mark.parametrize(
    ("phrase", "spelt"),
    [
        ("cute", {" cute "}),
        ("price*", {" price"}),
        ("*가격*", {"가격"}),
        ("*가격", {"가격 "}),
        ("多少", {"多少"}),
        ("é", {" é ", " e "}),
        ("größe", {" grösse ", " grosse ", " groesse "}),
        ("don't", {" don t ", " dont "}),
        ("needddd", {" needd "}),
        ("cod中", {"cod 中"}),
        ("*", set()),
        ("^", set()),
    ],
)
def test_a_phrase_is_spelt_as_people_type_it(phrase, spelt):
    assert spellings(phrase) == spelt
    assert all_at_once([phrase]) == [spelt]


def test_what_stands_between_phrases_is_read_as_itself_and_alone():
    assert unicodedata.category(BETWEEN) == "So"
    assert spellings(BETWEEN) == {f" {BETWEEN} "}
    assert spellings(f"a{BETWEEN}b") == {f" a {BETWEEN} b "}
