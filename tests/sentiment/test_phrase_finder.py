"""The finder finds what a plain walk from every character finds, and nothing else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.finding import PhraseFinder
from resonance.sentiment.matching import Entry, matching_form
from resonance.sentiment.pack import phrases
from resonance.sentiment.spelling import spellings
from resonance.sentiment.text import normalise

# Few letters, so that phrases overlap; of scripts with and without spaces, a digit, a mark.
LETTERS = "abأกข中1,"
FORMS = st.text(st.sampled_from([*LETTERS, *"aab  "]), max_size=40).map(matching_form)
PHRASES = st.lists(
    st.text(st.sampled_from([*LETTERS, *"aab "]), min_size=1, max_size=7), min_size=1, max_size=12
)


def plain_walk(entries, form):
    """Spell each phrase from each character, passing over letters that no phrase goes on with."""
    spoken = {}
    for entry in entries:
        for spelling in spellings(entry.phrase):
            spoken.setdefault(spelling, set()).add(entry)
    begun = {spelling[:length] for spelling in spoken for length in range(len(spelling) + 1)}
    for start in range(len(form)):
        read = ""
        for place in range(start, len(form)):
            held_down = place > start and form[place] == form[place - 1] and form[place].isalpha()
            if read + form[place] in begun:
                read += form[place]
            elif not held_down:
                break
            for entry in spoken.get(read, ()):
                yield start, place + 1, entry


def entries_of(phrase_list):
    return [Entry("en", "signal", "praise", 1.0, phrase) for phrase in phrase_list]


@given(PHRASES, FORMS)
def test_the_finder_finds_what_a_plain_walk_finds(phrase_list, form):
    entries = entries_of(phrase_list)
    found = [
        (start, end, entry)
        for start, end, spelling in PhraseFinder(entries).find(form)
        for entry in spelling.entries
    ]
    assert sorted(found) == sorted(set(plain_walk(entries, form)))


@given(st.text(st.characters() | st.characters(categories=("Cs", "Cf", "Lm", "Mn"))))
def test_any_text_can_be_looked_through(text):
    form = matching_form(normalise(text))
    for start, end, spelling in phrases().find(form):
        assert 0 <= start < end <= len(form)
        assert spelling.entries


def test_matches_come_from_left_to_right_the_longest_first():
    found = PhraseFinder(entries_of(["so cute", "cute", "so*"])).find(" so cutee ")
    assert [(start, end) for start, end, _ in found] == [(0, 10), (0, 3), (3, 10)]


def test_of_no_phrases_none_is_found():
    assert PhraseFinder([]).find(" so cute ") == []


def test_a_repeated_letter_of_the_phrase_itself_is_asked_for():
    finder = PhraseFinder(entries_of(["feel"]))
    assert finder.find(" feel ")
    assert not finder.find(" fel ")


def test_digits_and_marks_are_never_passed_over():
    finder = PhraseFinder(entries_of(["cf 1"]))
    assert finder.find(matching_form("cf 1"))
    assert not finder.find(matching_form("cf 11"))


def test_a_flood_of_one_letter_holds_few_matches():
    # The vowel signs are left out of the form only after letters held down were cut to two.
    flood = matching_form(normalise("\u0627\u064b" * 500))
    assert re.fullmatch(" \u0627{500} ", flood)
    assert not PhraseFinder(entries_of(["\u0627\u0627\u0628"])).find(flood)


@given(PHRASES, st.lists(FORMS, max_size=5))
def test_a_batch_of_forms_is_looked_through_as_each_alone(phrase_list, forms):
    finder = PhraseFinder(entries_of(phrase_list))
    together = [tuple(map(int, span)) for span in zip(*finder.find_all(forms), strict=True)]
    alone = [
        (place, start, end, finder.spellings.texts.index(spelling.text))
        for place, form in enumerate(forms)
        for start, end, spelling in finder.find(form)
    ]
    assert together == alone
