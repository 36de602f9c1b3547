"""What known words say for languages, and the words that are asked about."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.language.evidence import Evidence, sums_of_votes
from resonance.sentiment.language.letters import letters
from resonance.sentiment.language.own import OwnDetector
from resonance.sentiment.matching import matching_form
from resonance.sentiment.pack import LANGUAGES, phrases
from resonance.sentiment.text import normalise

DETECTOR: Detector = OwnDetector()
PIECES = st.sampled_from(
    [
        *("how much", "berapa", "quanto", "ção", "ñandú", "ığş", "nggak", "không", "多少钱"),
        *("@ana", "@@", "!@ana", "...www.x.y", "https://x.y", "3ayez", "b07", "a_b", "1,5", "’s"),
        *("?!", "x!9", "_", "♥@a", "5", "http"),
    ]
)  # fmt: skip
TEXTS = (st.lists(PIECES, max_size=8).map(" ".join) | st.text(max_size=40)).map(normalise)


def evidence(text):
    form = matching_form(text)
    return Evidence(text, form, phrases().find(form), (), (), DETECTOR)


def votes(text):
    """Return what the votes add up to, language by language."""
    [sums] = sums_of_votes([evidence(text)])
    return {name: total for name, total in zip(LANGUAGES, sums.tolist(), strict=True) if total}


@given(st.lists(TEXTS, max_size=6))
def test_votes_add_up_as_if_they_were_counted_one_by_one(texts):
    evidences = [evidence(text) for text in texts]
    expected = []
    for each in evidences:
        row = [0.0] * len(LANGUAGES)
        for column, amount in zip(*each.votes(), strict=True):
            row[column] += amount
        expected.append(row)
    assert sums_of_votes(evidences).tolist() == expected


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("ığş", {"tr": 3.0}),
        ("ñ ñ", {"es": 1.0}),
        ("qwrtz", {}),
        ("", {}),
        ("12 ❤", {}),
    ],
)
def test_a_letter_of_one_language_speaks_for_it_once(text, languages):
    assert votes(text) == languages


def test_a_phrase_that_several_languages_have_is_shared_among_them():
    for spelling in (" live ", " nggak "):
        entries = [
            e for _, _, s in phrases().find(spelling) if s.text == spelling for e in s.entries
        ]
        assert set(votes(spelling.strip())) == {entry.language for entry in entries}


# As `letters` is defined: all that is of no language in one expression, wherever it stands.
_CODES = r"(?<!\w)(?:\d+(?:[.,]\d+)*|\w*\d\d\w*|[a-z]\d)(?!\w)"
_OF_NO_LANGUAGE = re.compile(rf"https?\S*|www\.\S+|@\S+|{_CODES}|[^\w\s'’]|_")


@given(TEXTS)
@example("!@ana says")
@example("♥www.x.y z")
@example("a,1 b")
def test_links_names_codes_and_marks_are_of_no_language(text):
    assert letters(text) == " ".join(_OF_NO_LANGUAGE.sub(" ", text).split())
