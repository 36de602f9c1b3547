"""Claims of an item of the show: by a code and nothing beside it but which one is meant."""

import pytest

from resonance.sentiment.claims import are_claims
from resonance.sentiment.comments import Comments
from resonance.sentiment.reading import Readings
from resonance.sentiment.text import normalise


def claims(text, language="und"):
    return bool(are_claims(Readings(Comments.of([normalise(text)]), [language]))[0])


@pytest.mark.parametrize(
    "text",
    [
        "A12 black L",
        "32 blk M",
        "b7 m",
        "27 hijau 29 biru tq",
        "33 hồng",
        "CF16 สีมิ้นท์",
        "٢١ ابيض",
        "12 lacivert M",
        "B7 1 unit",
        "21番黒2枚",
        "Б12 Б14 по одной",
        "C2 liya",
    ],
)
def test_a_code_and_its_variant_claim_an_item(text):
    assert claims(text)


@pytest.mark.parametrize("language", ["und", "en", "th", "fr"])
def test_a_variant_is_known_whatever_language_the_comment_was_taken_for(language):
    assert claims("24 rojo M", language)


@pytest.mark.parametrize(
    "text",
    [
        "black L",
        "2 red",
        "red 2 blue 1",
        "2 tane siyah",
        "24 black hoodies in one box",
        "A12 black L?",
        "the A12 in black looks so good on you",
        "rm25 black",
        "us7 white",
        "gold 4",
        "10 out of 10",
        "hi 12 hello",
        "1,000",
    ],
)
def test_a_number_among_other_words_claims_nothing(text):
    assert not claims(text)


def test_a_comment_is_judged_alike_alone_and_among_others():
    texts = ["so cute", "A12 black L", "", "2 red", "mine 7", "B7 m"]
    forms = [normalise(text) for text in texts]
    readings = Readings(Comments.of(forms), ["en"] * len(texts))
    assert are_claims(readings).tolist() == [False, True, False, False, True, True]
    assert [claims(text, "en") for text in texts] == are_claims(readings).tolist()
