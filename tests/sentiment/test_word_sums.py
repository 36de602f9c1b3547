"""Sums word by word: those of the text's words and n-grams, kept or new."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.ngrams import features
from resonance.sentiment.word_sums import WordSums

BUCKETS, COLUMNS = 512, 3
# Of long words, sums of these do not fit in 16 bits.
TABLE = np.random.default_rng(0).integers(-431, 432, (BUCKETS, COLUMNS)).astype(np.int16)
TEXTS = st.lists(
    st.text(max_size=30)
    | st.sampled_from(["how much", "so cute ❤❤", "多少钱啊这个真的很好", "x" * 40, "x" * 90]),
    min_size=1,
    max_size=8,
)
KEEPING = {pairs: WordSums(TABLE, pairs=pairs) for pairs in (True, False)}


def defined(ids, offsets):
    return [TABLE[ids[a:b]].sum(0).tolist() for a, b in itertools.pairwise(offsets)]


@pytest.mark.parametrize("pairs", [True, False])
@given(texts=TEXTS)
def test_a_texts_sums_are_those_of_its_features(pairs, texts):
    found = features(texts, BUCKETS, wbig=pairs)
    for sums in (WordSums(TABLE, pairs=pairs).of(texts), KEEPING[pairs].of(texts)):
        assert sums.words.tolist() == defined(found.words, found.word_offsets)
        assert sums.grams.tolist() == defined(found.grams, found.gram_offsets)
        assert sums.word_counts.tolist() == np.diff(found.word_offsets).tolist()
        assert sums.gram_counts.tolist() == np.diff(found.gram_offsets).tolist()


def test_words_that_take_the_same_place_are_told_apart(monkeypatch):
    monkeypatch.setattr("resonance.sentiment.word_sums.WORDS_KEPT", 1)
    crowded, texts = WordSums(TABLE), ["how much is it", "is it much", "how"]
    for _ in range(2):
        sums = crowded.of(texts)
        found = features(texts, BUCKETS)
        assert sums.grams.tolist() == defined(found.grams, found.gram_offsets)


def test_there_is_room_for_any_number_of_words_that_are_not_kept(monkeypatch):
    monkeypatch.setattr("resonance.sentiment.word_sums.WORDS_PASSING", 1)
    roomy = WordSums(TABLE)
    for count in (1, 2, 9, 3):
        texts = ["how much", *("x" * length for length in range(20, 20 + count)), "how cute"]
        sums, found = roomy.of(texts), features(texts, BUCKETS)
        assert sums.grams.tolist() == defined(found.grams, found.gram_offsets)
