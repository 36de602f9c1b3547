"""A trie finds every text where it stands, from all characters at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.characters import code_points
from resonance.sentiment.trie import Trie

# Few characters, so that texts overlap and are each other's beginnings; one beyond all planes.
CHARACTERS = st.text(st.sampled_from("abกé \U0010ffff\ud800"), max_size=8)
TEXTS = st.lists(CHARACTERS.filter(bool), max_size=20, unique=True)


def walked(texts, text, may_pass=()):
    passing = np.isin(np.arange(len(text)), list(may_pass))
    return list(
        zip(*map(np.ndarray.tolist, Trie(texts).walk(code_points(text), passing)), strict=True)
    )


@given(TEXTS, CHARACTERS.flatmap(lambda text: st.just(text * 3) | st.just(text)))
def test_every_text_is_found_where_it_stands_and_nowhere_else(texts, text):
    standing = [
        (start, start + len(wanted), place)
        for place, wanted in enumerate(texts)
        for start in range(len(text))
        if text.startswith(wanted, start)
    ]
    assert sorted(walked(texts, text)) == sorted(standing)


@given(TEXTS, CHARACTERS, st.sets(st.integers(0, 7)))
def test_what_may_be_passed_over_is_where_no_text_goes_on_with_it(texts, text, may_pass):
    begun = {wanted[:length] for wanted in texts for length in range(1, len(wanted) + 1)}
    standing = []
    for start in range(len(text)):
        read = ""
        for place in range(start, len(text)):
            if read + text[place] in begun:
                read += text[place]
            elif not read or place not in may_pass:
                break
            if read in texts:
                standing.append((start, place + 1, texts.index(read)))
    assert sorted(walked(texts, text, may_pass)) == sorted(standing)


def test_a_family_of_thousands_stands_beside_chains_of_single_children():
    texts = [chr(0x4E00 + place) for place in range(3_000)] + ["一" * length for length in (9, 60)]
    assert walked(texts, "一" * 9 + "丁") == [
        *((place, place + 1, 0) for place in range(9)),
        (9, 10, 1),
        (0, 9, 3_000),
    ]


def test_families_too_large_to_stand_between_each_other_have_places_made_for_them():
    random = np.random.default_rng(0)
    characters = [chr(0x4E00 + place) for place in range(2_000)]
    texts = [
        first + second
        for first in characters[:120]
        for second in random.choice(characters, 200, replace=False)
    ]
    text = "".join(random.choice(texts, 500))
    assert {place for _, _, place in walked(texts, text)} >= {
        texts.index(text[start : start + 2]) for start in range(0, len(text), 2)
    }


def test_of_no_texts_none_is_found():
    assert walked([], "any text") == []
    assert walked(["any"], "") == []
