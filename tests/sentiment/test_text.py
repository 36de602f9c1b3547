"""Text as it is stored and as it is compared: total, bounded, and without tricks."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resonance.sentiment.characters import MANY_TEXTS
from resonance.sentiment.normalising import normalise_all
from resonance.sentiment.text import (
    MARKS_MAX,
    TEXT_MAX_CODE_POINTS,
    CharacterTable,
    clean,
    normalise,
    text_keys,
    without_emotes,
)

# Hypothesis draws no lone surrogates on its own; a JSON escape can carry one.
ANY_TEXT = st.text(st.characters() | st.characters(categories=("Cs", "Cc", "Cf", "Mn")))


def key_of(normalised):
    [key] = text_keys([normalised])
    return key


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("  so cute  ", "so cute"),
        ("a\tb\r\nc\u2028d", "a b  c d"),
        ("pay\u202e now", "pay now"),
        ("\u2066left\u2069 \u200fright", "left right"),
        ("nul\x00l", "null"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("soft\u00adhyphen", "softhyphen"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("e\u0301", "é"),
        ("السعر كم؟", "السعر كم؟"),
        ("👩\u200d👧 ❤\ufe0f", "👩\u200d👧 ❤\ufe0f"),
        ("<script>", "<script>"),
        ("", ""),
    ],
)
def test_stored_text_keeps_what_was_said_and_drops_what_hides(text, stored):
    assert clean(text) == stored


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SO CUTE", "so cute"),
        ("soooooo cuteeee!!!!!!", "soo cutee!!"),
        ("ｃｕｔｅ", "cute"),
        ("STRASSE", "straße"),
        ("cute   \n now", "cute now"),
        ("❤️", "❤"),
        ("👍🏿", "👍"),
        ("ﾜﾛﾀ", "ワロタ"),
        ("جميـــل", "جميل"),
        ("é", "e\u0301"),
        ("İstanbul", "i\u0307stanbul"),
    ],
)
def test_two_spellings_of_one_comment_are_equal(one, other):
    assert normalise(one) == normalise(other)
    assert key_of(normalise(one)) == key_of(normalise(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1000000", "100"),  # A price is no elongation.
        ("5555", "555"),
        ("resume", "résumé"),
        ("not bad", "bad"),
        ("ใกล้", "ไกล"),
    ],
)
def test_two_comments_that_differ_stay_two(one, other):
    assert normalise(one) != normalise(other)
    assert key_of(normalise(one)) != key_of(normalise(other))


def test_a_flood_is_cut_before_anything_looks_at_it():
    zalgo = "Z" + "\u0300\u0301\u0302" * 40_000
    assert len(clean(zalgo)) <= MARKS_MAX + 1
    assert len(clean("x" * 120_000)) == TEXT_MAX_CODE_POINTS
    assert normalise("\ufdfa" * 120_000)  # One character that NFKC makes eighteen of.
    assert len(normalise("\ufdfa" * 120_000)) <= TEXT_MAX_CODE_POINTS


def test_stacked_marks_are_broken_and_ordinary_ones_stay():
    assert clean("x" + "\u0301" * 100 + "y").count("\u0301") <= MARKS_MAX
    assert clean("กิ๊ฟ นี่ ว้าว") == "กิ๊ฟ นี่ ว้าว"


@pytest.mark.parametrize("marks", [MARKS_MAX - 1, MARKS_MAX, MARKS_MAX + 1, 3 * MARKS_MAX])
@pytest.mark.parametrize("before", range(0, 70, 3))
def test_marks_are_counted_wherever_they_stand(before, marks):
    mark = "\u0489"  # Composes with no letter.
    kept = min(marks, MARKS_MAX)
    assert clean("x" * before + "б" + mark * marks + "x") == "x" * before + "б" + mark * kept + "x"


def test_a_table_of_characters_does_not_grow_without_bound():
    table = CharacterTable(lambda character: character)
    everything = "".join(map(chr, range(0x20, 0x10000)))
    assert everything.translate(table) == everything
    assert len(table) <= 20_000


@given(ANY_TEXT)
def test_any_text_can_be_stored(text):
    stored = clean(text)
    stored.encode()  # No lone surrogate is left.
    assert clean(stored) == stored
    assert len(stored) <= TEXT_MAX_CODE_POINTS
    assert not {unicodedata.category(character) for character in stored} & {"Cc", "Cs"}


@given(st.lists(ANY_TEXT | st.text("aA\u0130\ufe71\u0640❤\ufe0f \n5"), min_size=1))
@example(["\u2026" * TEXT_MAX_CODE_POINTS, "\ufdfa" * TEXT_MAX_CODE_POINTS, "x" * 2_000])
@example(["x" + "\u0489" * 3 * MARKS_MAX, "AaaA", "", "", "", "5555", "жжж❤\ufe0f❤\ufe0f❤\ufe0f"])
@example(["\ufe71\ufe77", " \u0301x\u3000", "❤\ufe0f"])
def test_the_forms_of_a_batch_are_those_of_each_text(texts):
    for batch in (texts, texts * MANY_TEXTS):
        assert normalise_all(batch) == [normalise(text) for text in batch]


@given(ANY_TEXT)
def test_any_text_has_one_key_that_a_json_reader_can_hold(text):
    key = key_of(normalise(text))
    assert key == key_of(normalise(text))
    assert 0 <= key < 2**63


def test_each_text_of_a_batch_has_its_own_key():
    texts = ["how much", "", "多少钱", "\ud800", "how much"]
    assert text_keys(texts) == [key_of(text) for text in texts]
    assert len(set(text_keys(texts))) == 4


def test_keys_are_the_same_on_every_machine_and_in_every_release():
    assert key_of(normalise("How MUCH??")) == key_of("how much??") == 3638108902243161465


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (":_humu::_humu: ok", "ok"),
        ("nice :thanks_a_lot:", "nice"),
        ("at 12:30:45", "at 12:30:45"),
        ("price: 5 or 6: which?", "price: 5 or 6: which?"),
        (":)", ":)"),
    ],
)
def test_emotes_written_as_names_are_no_words_and_times_stay(text, left):
    assert without_emotes(text) == left
