"""The phrase packs: every one is read and checked; a bad row says file, line and remedy."""

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.finding import PhraseFinder
from resonance.sentiment.matching import (
    MANY_TEXTS,
    Entry,
    matching_form,
    matching_forms,
    without_accents,
)
from resonance.sentiment.pack import (
    COMMON_MIN,
    KINDS,
    LANGUAGES,
    PackError,
    common_words,
    emoji_valences,
    packs_version,
    parse,
    parse_emoji,
    phrases,
)
from resonance.sentiment.spelling import spellings
from resonance.sentiment.text import normalise


def found(phrase, text):
    finder = PhraseFinder([Entry("en", "signal", "praise", 1.0, phrase)])
    return bool(list(finder.find(matching_form(normalise(text)))))


def test_every_pack_is_read():
    assert phrases()
    assert len(LANGUAGES) == 18
    assert re.fullmatch(r"[0-9a-f]{12}", packs_version())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_a_pack_finds_itself(language):
    text = files("resonance.sentiment.packs").joinpath(f"{language}.tsv").read_text("utf-8")
    entries = parse(language, text)
    assert len(entries) > 500
    finder = PhraseFinder(entries)
    for entry in entries:
        form = matching_form(normalise(entry.phrase.strip("*")))
        found = {said for _, _, spelling in finder.find(form) for said in spelling.entries}
        assert entry in found, entry


def test_every_emoji_has_one_valence_and_is_as_normalised_text_has_it():
    valences = emoji_valences()
    assert len(valences) > 150
    assert all(-3 <= valence <= 3 for valence in valences.values())
    assert all(normalise(emoji) == emoji for emoji in valences)
    assert valences["❤"] > 1
    assert valences["😡"] < -1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("signal\tpraise\t1", "line 2: 3 columns; write kind, label, weight, phrase"),
        ("signal\tpraise\t1\tcute\t", "line 2: 5 columns"),
        ("mood\t-\t1\tcute", "line 2: kind 'mood' is none of signal, topic,"),
        ("signal\tprais\t1\tcute", "line 2: label 'prais' is none of "),
        ("valence\tpraise\t1\tcute", "line 2: label 'praise' is none of -"),
        ("signal\tpraise\tmuch\tcute", "line 2: weight 'much' is no number; write it as in 0.6"),
        ("signal\tpraise\tnan\tcute", "line 2: weight nan is not within 0.1 and 1.0"),
        ("friction\thard_sell\t4\tlast one", "line 2: weight 4 is not within 1.0 and 3.0"),
        ("signal\tpraise\t1\t", "line 2: the phrase has 0 characters; 1 to 60"),
        ("signal\tpraise\t1\t" + "x" * 61, "line 2: the phrase has 61 characters"),
    ],
)
def test_a_bad_row_is_refused_naming_file_line_and_remedy(row, words):
    with pytest.raises(PackError, match=re.escape(f"packs/en.tsv, {words}")):
        parse("en", f"# English\n{row}\n")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["", "1\tso cute"], "line 4: the phrase has 0 characters"),
        (["1\tso cute", "2\tlovely", "\t"], "line 5: weight 2 is not within 0.1 and 1.0"),
        (["x\tlovely", "x\tlovely"], "line 4: weight 'x' is no number"),
    ],
)
def test_of_many_rows_that_say_the_same_the_first_bad_one_is_named(rows, words):
    good = "# English\nsignal\tpraise\t1\tcute\n\n"
    bad = "\n".join(f"signal\tpraise\t{row}" if row else "signal\tpraise\t1\t" for row in rows)
    with pytest.raises(PackError, match=re.escape(f"packs/en.tsv, {words}")):
        parse("en", good + bad)


def test_a_pack_may_be_empty():
    assert not list(parse("en", "# English\n\n"))


def test_a_pack_may_not_grow_without_bound():
    with pytest.raises(PackError, match="at most 10000"):
        parse("en", "signal\tpraise\t1\tcute\n" * 10_001)


@pytest.mark.parametrize("row", ["2\t😀 😀", "2\t😀 👩‍👧", "good\t😀"])
def test_a_bad_row_of_emoji_is_refused(row):
    with pytest.raises(PackError, match=re.escape("packs/emoji.tsv, line 1: ")):
        parse_emoji(row)


def test_a_good_row_has_a_kind_a_label_a_weight_and_a_phrase():
    text = "# English\n\nsignal\tpraise\t0.5\tso cute\nmarker\t-\t2\tthe\n"
    assert list(parse("en", text)) == [
        Entry("en", "signal", "praise", 0.5, "so cute"),
        Entry("en", "marker", "-", 2.0, "the"),
    ]
    assert "signal" in KINDS


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cute", "so CUTE!!"),
        ("cute", "cuteeeee"),
        ("cute", "cute,cheap"),
        ("so cute", "so   cute"),
        ("price*", "prices?"),
        ("cuánto", "cuanto"),
        ("cuánto", "cuánto"),
        ("don't", "don’t"),
        ("don't", "dont"),
        ("größe", "groesse"),
        ("ส่งฟรี", "แม่ค้าส่งฟรีไหมคะ"),
        ("ขาย", "ขายยยย"),
        ("cod", "有没有COD"),
        ("多少", "這個多少錢"),
        ("*가격*", "도매가격이"),
        ("ㅠㅠ", "예뻐요 ㅠㅠㅠ"),
        ("أحمر", "احمر"),
        ("ه", "ه"),
    ],
)
def test_a_phrase_is_found_as_people_type_it(phrase, text):
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cute", "acute"),
        ("cute", "cutelery"),
        ("so cute", "so, cute"),
        ("price*", "enterprise"),
        ("fit", "profit"),
        ("cod", "code"),
        ("가격", "도매가격이"),
        ("ใกล้", "ไกล"),
    ],
)
def test_a_phrase_is_not_found_inside_another_word(phrase, text):
    assert not found(phrase, text)


def test_the_matching_form_sets_words_and_emoji_apart_and_shows_clauses():
    assert matching_form("so cute❤, but...late") == " so cute ❤ , but , , , late "
    assert matching_form("") == "  "


# Of each kind: spaces, marks, symbols, letters left out or folded, scripts with and without spaces.
@given(
    st.lists(st.text("  \n,.'-😂€ab1أ\u064bกขの中e\u0301\ud800\U0010ffff") | st.text(), max_size=5)
)
def test_the_matching_forms_of_a_batch_are_those_of_each_text(texts):
    for batch in (texts, texts * MANY_TEXTS):
        assert matching_forms(batch) == [matching_form(text) for text in batch]


def test_accents_of_latin_letters_can_be_left_out_and_vowels_of_thai_cannot():
    assert without_accents("não é đẹp") == "nao e dep"
    assert without_accents("ใกล้") == "ใกล้"
    assert spellings("é") == {" é ", " e "}


def test_common_words_are_those_that_several_phrases_hold():
    words = common_words()
    assert {"shipping", "precio", "сколько"} <= set(words)
    assert len(words) == len(set(words))
    said = " ".join(phrases().spellings.texts).split()
    assert all(said.count(word) >= COMMON_MIN for word in words[:: len(words) // 50])
