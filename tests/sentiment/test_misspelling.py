"""Mistyped words: what one slip makes of a known word is read as that word, all else stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.finding import FORM_END
from resonance.sentiment.matching import matching_form
from resonance.sentiment.misspelling import is_slip, mended, vocabulary
from resonance.sentiment.pack import phrases
from resonance.sentiment.score import Scorer
from resonance.sentiment.text import normalise


def mend(text):
    [form] = mended([matching_form(normalise(text))])
    return form.strip()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("shiping", "shipping"),
        ("recieved", "received"),
        ("pacakge", "package"),
        ("delivrey", "delivery"),
        ("refudn", "refund"),
        ("packsge", "package"),
        ("comandé", "commandé"),
        ("bestelung", "bestellung"),
        ("достаака", "доставка"),
        ("пжалуйста", "пожалуйста"),
        ("is the shiping free, shiping shiping", "is the shipping free , shipping shipping"),
    ],
)
def test_a_word_one_slip_away_is_read_as_it_was_meant(typed, meant):
    assert mend(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "prce",  # Too short: one slip in it is too often another word.
        "wshipping",  # Another beginning.
        "packaged",  # Another ending is another form of the word.
        "shpipng",  # Two slips.
        "packqge2",
        "quantto",  # A letter held down, which phrases are found in as it stands.
        "xqzvkw",
        "shiping" * 100,
        "x" * 61,
        "送料無料ですか",
        "배송비얼마예요",
    ],
)
def test_all_else_stands_as_it_was_typed(text):
    form = matching_form(normalise(text))
    assert mended([form]) == [form]


def test_a_word_between_two_others_stands():
    words = [word for word in vocabulary().meant if len(word) == 5]
    typed, both = next(
        (typed, both)
        for word in words
        for typed in [word[:2] + word[3:]]
        if len(both := [meant for meant in words if is_slip(typed, meant)]) > 1
        and f" {typed} " not in {spelling.text for spelling in phrases().spellings}
    )
    assert len(both) > 1
    assert mended([f" {typed} "]) == [f" {typed} "]


def test_no_word_that_a_phrase_holds_is_ever_changed():
    forms = [f" {spelling.text.strip()} " for spelling in phrases().spellings]
    assert mended(forms) == forms


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("abdce", "abcde"),
        ("abced", "abcde"),
        ("abde", "abcde"),
        ("abccde", "abcde"),
        ("abxcde", "abcde"),
        ("abfde", "abcde"),
        ("достпвка", "доставка"),
    ],
)
def test_a_slip_swaps_loses_or_adds_a_letter_or_takes_the_key_beside(typed, meant):
    assert is_slip(typed, meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("abcde", "abcde"),
        ("bacde", "abcde"),
        ("bcde", "abcde"),
        ("abcd", "abcde"),
        ("abcdef", "abcde"),
        ("abcdr", "abcde"),
        ("abpde", "abcde"),
        ("abedc", "abcde"),
        ("", "a"),
    ],
)
def test_a_slip_changes_neither_the_first_letter_nor_the_ending_nor_to_a_distant_key(typed, meant):
    assert not is_slip(typed, meant)


WORDS = st.sampled_from(
    ["shiping", "shipping", "free", "recieved", "my", "pacakge", "❤", ",", "送料", "xqzvkw", "m"]
)
FORMS = st.lists(WORDS, max_size=6).map(lambda words: f" {' '.join(words)} ")


@given(st.lists(FORMS, max_size=5))
def test_a_comment_is_mended_alike_alone_and_among_others_and_only_once(forms):
    found = mended(forms)
    assert found == [mended([form])[0] for form in forms]
    assert mended(found) == found


@given(st.lists(st.text().map(normalise).map(matching_form), max_size=5))
def test_any_texts_come_back_one_for_one_with_as_many_words(forms):
    found = mended(forms)
    assert [len(form.split(" ")) for form in found] == [len(form.split(" ")) for form in forms]
    assert not any(FORM_END in form for form in found)


def test_a_mistyped_comment_raises_what_the_comment_raises():
    scorer = Scorer(tier="rules")
    typed, meant = scorer.score("my pacakge never arived"), scorer.score("my package never arrived")
    assert "complaint" in typed.signals
    assert (typed.signals, typed.topics) == (meant.signals, meant.topics)
