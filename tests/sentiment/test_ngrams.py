"""Hashed features: a text's are its own, whatever stands beside it in the batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.ngrams import features

BUCKETS = 1 << 18
TEXTS = st.lists(st.text(st.characters(categories=None), max_size=30), max_size=8)


def of(text, **options):
    """Return the sets of a lone text's words and n-grams."""
    found = features([text], BUCKETS, **options)
    return set(found.words.tolist()), set(found.grams.tolist())


@given(TEXTS)
def test_a_texts_features_do_not_depend_on_the_batch(texts):
    batch = features(texts, BUCKETS)
    for index, text in enumerate(texts):
        alone = features([text], BUCKETS)
        words = batch.words[slice(*batch.word_offsets[index : index + 2])]
        grams = batch.grams[slice(*batch.gram_offsets[index : index + 2])]
        assert np.array_equal(words, alone.words)
        assert np.array_equal(grams, alone.grams)


@given(TEXTS)
def test_ids_stay_within_their_buckets_and_leave_0_for_padding(texts):
    found = features(texts, 64)
    for ids, offsets in ((found.words, found.word_offsets), (found.grams, found.gram_offsets)):
        assert ids.dtype == np.int32
        assert offsets[0] == 0
        assert offsets[-1] == len(ids)
        assert len(offsets) == len(texts) + 1
        assert not len(ids) or (ids.min() >= 1 and ids.max() < 64)


def test_features_are_the_same_on_every_machine_and_in_every_version():
    """Weights are trained for these ids."""
    found = features(["cod?"], BUCKETS)
    assert found.words.tolist() == [132554, 251001, 228111]
    assert found.grams[:5].tolist() == [50249, 215409, 120825, 19903, 195585]


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\t", "\x00"])
def test_a_text_of_nothing_has_no_features(text):
    assert of(text) == (set(), set())


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("how much?", "how much ?"),
        ("cute❤❤", "cute ❤ ❤"),  # Each emoji is a word.
        ("有没有cod", "有没有 cod"),
        ("สวยมาก!", "สวยมาก !"),
        ("a\nb", "a b"),
    ],
)
def test_words_end_where_the_kind_of_character_changes(text, apart):
    assert of(text) == of(apart)


@pytest.mark.parametrize(("text", "words"), [("พรุ่งนี", 0), ("hellohello", 1), ("最高", 1)])
def test_a_long_run_without_spaces_is_no_word(text, words):
    assert len(features([text], BUCKETS, wbig=False).words) == words


def test_n_grams_have_the_lengths_asked_for():
    # "a", "b"; "ab"; " ab", "ab "; " ab ".
    assert np.diff(features(["ab"], BUCKETS).gram_offsets) == [6]
    assert np.diff(features(["ab"], BUCKETS, nmin=2, nmax=2).gram_offsets) == [1]
    assert np.diff(features(["ab"], BUCKETS, nmin=9, nmax=9).gram_offsets) == [0]


def test_pairs_of_words_are_optional_and_stay_within_a_text():
    assert len(features(["one two", "three"], BUCKETS).words) == 4
    assert len(features(["one two", "three"], BUCKETS, wbig=False).words) == 3


def test_only_the_first_characters_are_read():
    assert of("abcdefgh", maxc=3) == of("abc")
    assert of("x" * 2_000) == of("x" * 400)


@given(st.characters(categories=("P", "S")))
def test_a_symbol_is_a_word_by_itself(character):
    assert of(f"a{character}b") == of(f"a {character} b")


@given(st.characters(categories=("Z", "Cc")))
def test_any_space_or_control_sets_words_apart_as_a_space_does(character):
    assert of(f"a{character}b") == of("a b")


@given(st.characters(categories=("L", "M", "N"), max_codepoint=0x0DFF))
def test_letters_marks_and_digits_go_on_with_a_word(character):
    assert of(f"a{character}b") != of(f"a {character} b")
