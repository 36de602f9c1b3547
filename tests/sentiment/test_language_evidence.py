"""What known words say for languages, and the words that are asked about."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resonance.sentiment.comments import Comments
from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.language.evidence import (
    LETTER_WEIGHT,
    LETTERS,
    PHRASE_WEIGHT,
    Evidence,
    Stream,
)
from resonance.sentiment.language.letters import all_words, letters
from resonance.sentiment.language.own import OwnDetector
from resonance.sentiment.language.shared import all_telling
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


def evidence(*texts):
    return Evidence(Comments.of(texts), [Stream()] * len(texts), DETECTOR)


def votes(text):
    """Return what the votes add up to, language by language."""
    [sums] = evidence(text).sums_of_votes
    return {name: total for name, total in zip(LANGUAGES, sums.tolist(), strict=True) if total}


def counted(text):
    """Count the votes of a text one by one."""
    row = [0.0] * len(LANGUAGES)
    for _, _, spelling in phrases().find(matching_form(text)):
        if spelling.text[0] == spelling.text[-1] == " ":
            weights = {}
            for entry in spelling.entries:
                weight = entry.weight if entry.kind == "marker" else PHRASE_WEIGHT
                weights[entry.language] = max(weight, weights.get(entry.language, 0.0))
            for language, weight in weights.items():
                words = spelling.text.count(" ", 1)
                row[LANGUAGES.index(language)] += weight * words / len(weights)
    for letter in set(text) & LETTERS.keys():
        row[LETTERS[letter]] += LETTER_WEIGHT
    return row


@given(st.lists(TEXTS, max_size=6))
def test_votes_add_up_as_if_they_were_counted_one_by_one(texts):
    batch = evidence(*texts)
    expected = [counted(text) for text in texts]
    assert batch.sums_of_votes.tolist() == expected
    assert batch.have_votes == [any(row) for row in expected]


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


@given(st.lists(TEXTS, max_size=5))
@example(["!@ana says", "♥www.x.y z", "a,1 b"])
def test_the_words_of_a_batch_are_those_of_each_text_alone(texts):
    assert [" ".join(words) for words in all_words(texts)] == [letters(text) for text in texts]
    assert all_telling(texts) == [all_telling([text])[0] for text in texts]
