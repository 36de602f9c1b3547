"""What the language detector learns from: words out of n-gram counts, chat in Latin letters."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.training.language_romanised import romanised_arabic, romanised_hindi
from resonance.sentiment.training.language_words import NAMES, draw_words, short_words

WORDS = st.lists(st.text("abc", min_size=1, max_size=7), min_size=1, max_size=40)


def shares_of(words):
    """Return the shares that lingua would publish for a corpus of these words."""
    letters = sum(map(len, words))
    return [
        {
            gram: count / letters
            for gram, count in Counter(
                word[start : start + size]
                for word in words
                for start in range(len(word) - size + 1)
            ).items()
        }
        for size in range(1, len(NAMES) + 1)
    ]


@given(WORDS)
def test_short_words_come_back_with_their_exact_frequency(words):
    found = short_words(shares_of(words))
    counts = Counter(word for word in words if len(word) <= 3)
    assert found == pytest.approx({w: n / sum(map(len, words)) for w, n in counts.items()})


def test_drawn_words_begin_and_end_as_words_do():
    shares = shares_of(["ongkir", "ongkir", "kak", "berapa"])
    drawn = Counter(draw_words(shares, 400, np.random.default_rng(1)))
    assert set(drawn) == {"ongkir", "kak", "berapa"}
    assert drawn["ongkir"] > drawn["kak"]


def test_the_same_dice_draw_the_same_words():
    shares = shares_of(["abcabcab", "cabab", "abab", "bca", "bcabcabca"])
    drawn = [draw_words(shares, 50, np.random.default_rng(7)) for _ in range(2)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("script", "latin"),
    [
        ("कितने", "kitne"),
        ("है", "hai"),
        ("मत", "mat"),
        ("नमस्ते", "namaste"),
        ("करके", "karke"),
        ("पसंद", "pasand"),
    ],
)
def test_hindi_is_romanised_without_the_vowels_nobody_speaks(script, latin):
    assert romanised_hindi(script, np.random.default_rng(1)) == latin


def test_hindi_is_spelled_as_viewers_do_in_more_than_one_way():
    random = np.random.default_rng(1)
    assert {romanised_hindi("नाम", random) for _ in range(20)} == {"nam", "naam"}


def test_arabic_is_romanised_with_digits_for_the_letters_that_latin_lacks():
    random = np.random.default_rng(1)
    spellings = {romanised_arabic("عايز", random) for _ in range(40)}
    assert "3ayz" in spellings
    assert all(spelling.isascii() for spelling in spellings)
