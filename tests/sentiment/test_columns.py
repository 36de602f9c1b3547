"""What packs say as columns: the same entries, made where they are asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.columns import Entries, Spellings, once, spread
from resonance.sentiment.matching import Entry
from resonance.sentiment.spelling import spellings

ENTRIES = st.lists(
    st.builds(
        Entry,
        st.sampled_from(["en", "es"]),
        st.sampled_from(["signal", "valence"]),
        st.sampled_from(["praise", "-"]),
        st.sampled_from([-1.0, 0.5, 1.0]),
        st.sampled_from(["cuánto", "cuanto", "cuanto*", "no", "nó", "不", "!", "*"]),
    ),
    max_size=12,
)


@given(ENTRIES, ENTRIES)
def test_entries_are_given_back_in_their_order(some, others):
    columns = Entries.joined([Entries.of(some), Entries.of(others)])
    assert list(columns) == [*some, *others]
    assert len(columns) == len(some) + len(others)
    assert all(columns[place] == entry for place, entry in enumerate([*some, *others]))


@given(ENTRIES)
def test_a_spelling_has_the_entries_of_all_its_phrases_in_order_and_each_once(entries):
    said = {}
    for entry in entries:
        for text in spellings(entry.phrase):
            said.setdefault(text, set()).add(entry)
    found = list(Spellings.of(Entries.of(entries)))
    assert len(found) == len(said)
    assert {spelling.text: spelling.entries for spelling in found} == {
        text: tuple(sorted(its)) for text, its in said.items()
    }


@given(ENTRIES)
def test_the_columns_of_spellings_tell_what_the_spellings_do(entries):
    spelt = Spellings.of(Entries.of(entries))
    assert len(spelt) == len(spelt.texts) == len(spelt.firsts) - 1
    assert list(spelt.entries) == [entry for spelling in spelt for entry in spelling.entries]
    assert [spelling.text for spelling in spelt] == list(spelt.texts)


def test_there_is_no_entry_and_no_spelling_beyond_the_last():
    entries = Entries.of([Entry("en", "signal", "praise", 1.0, "cute")])
    spelt = Spellings.of(entries)
    assert spelt[0].entries == (entries[0],)
    for columns in (entries, spelt):
        with pytest.raises(IndexError):
            columns[1]


def test_of_equal_items_the_first_one_stands_for_all():
    items, places = once(["b", "a", "b", "c", "a"])
    assert items == ["b", "a", "c"]
    assert places.tolist() == [0, 1, 0, 2, 1]


def test_items_are_spread_over_their_places_one_after_the_other():
    of, places = spread(np.array([0, 2, 2, 5]), np.array([2, 0, 1, 2]))
    assert of.tolist() == [0, 0, 0, 1, 1, 3, 3, 3]
    assert places.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
