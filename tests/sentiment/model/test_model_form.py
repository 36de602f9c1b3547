"""What the model reads of a comment: one way to write names and links, edges marked, traits."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.comments import Comments
from resonance.sentiment.model.form import (
    END,
    FORM_MAX_CODE_POINTS,
    START,
    model_form,
    model_forms,
    read_form,
    with_edges,
)
from resonance.sentiment.model.traits import LANGUAGE_TRAITS, TRAITS, WEIGHT_MAX, traits_of
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.reading import Readings
from resonance.sentiment.text import normalise, without_emotes

HAN_END, THAI_END = "\u3400", "\u0eff"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("@maria.b look", "@user look"),
        ("hi @a @b", "hi @user @user"),
        ("buy at https://a.example/x?y=1 now", "buy at http now"),
        ("www.shop.example 50%", "http 50%"),
        ("call 081234567", "call 00000"),
        ("12345 and 1234", "00000 and 1234"),
        ("cf 12", "cf 12"),
        ("http", "http"),
        ("a@", "a@"),
        ("", ""),
    ],
)
def test_names_links_and_long_numbers_are_written_one_way(text, form):
    assert model_form(text) == form


PIECES = st.sampled_from(["www.", "http://", "https://x.y", "@", "@a.b", "1234", "5", "so", " "])


@given(st.lists((st.lists(PIECES).map("".join) | st.text(max_size=20)).map(normalise), min_size=1))
def test_texts_have_together_the_forms_that_each_has_alone(texts):
    assert model_forms(texts) == [model_form(text) for text in texts]


def test_what_follows_the_first_280_characters_is_not_read():
    assert model_form("ab " * 400) == ("ab " * 400)[:FORM_MAX_CODE_POINTS]
    assert model_form("@somebody " + "x" * 300).startswith("@user x")


@given(st.text(max_size=400))
def test_any_text_has_a_form_of_bounded_length(text):
    form = read_form(text)
    assert len(form) <= FORM_MAX_CODE_POINTS
    assert len(with_edges(form)) <= FORM_MAX_CODE_POINTS + 4


@pytest.mark.parametrize(
    ("form", "edged"),
    [
        ("how much", f"{START} how much {END}"),
        ("how much?!", f"{START} how much {END}?!"),
        ("how much ❤ ", f"{START} how much {END} ❤ "),
        ("いくらですか", f"{START} いくらですか{HAN_END}"),
        ("多少钱?", f"{START} 多少钱{HAN_END}?"),
        ("ราคาเท่าไหร่", f"{START} ราคาเท่าไหร่{THAI_END}"),
        ("얼마예요", f"{START} 얼마예요 {END}"),
        ("❤❤", f"{START}  {END}❤❤"),
        ("", f"{START}  {END}"),
    ],
)
def test_the_end_is_marked_before_closing_emoji_and_points(form, edged):
    assert with_edges(form) == edged


@given(st.text(max_size=60).filter(lambda text: not set(text) & {START, END, HAN_END, THAI_END}))
def test_marking_edges_changes_nothing_else(form):
    edged = with_edges(form)
    rest = edged.removeprefix(f"{START} ")
    for mark in (f" {END}", HAN_END, THAI_END):
        rest = rest.replace(mark, "", 1)
    assert rest == form


def test_the_marks_are_letters_of_no_language():
    assert {unicodedata.category(mark) for mark in (START, END)} == {"Co"}
    assert unicodedata.category(THAI_END) == "Cn"


def found(text, language="en"):
    readings = Readings(Comments.of([without_emotes(normalise(text))]), [language])
    return dict(zip(TRAITS, *traits_of(readings).tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "raised", "silent"),
    [
        ("how much?", {"signal:question", "question_mark"}, {"exclamation", "link"}),
        ("so cute!", {"praised", "exclamation"}, {"blamed", "question_mark"}),
        ("not good", {"praise_negated"}, {"praised"}),
        ("hahaha", {"laughter"}, {"wordless", "digits"}),
        ("😡😡", {"wordless", "emoji_blame"}, {"emoji_praise", "digits"}),
        ("❤️", {"wordless", "emoji_praise"}, {"emoji_blame"}),
        ("https://a.example", {"link"}, {"wordless"}),
        ("cf 12", {"digits", "words"}, {"signal:spam", "long"}),
        ("a b c d e f g h i j k l m n", {"long", "words"}, {"digits"}),
        ("", {"wordless"}, {"words", "long"}),
    ],
)
def test_traits_say_what_the_rules_saw(text, raised, silent):
    values = found(text)
    assert all(values[name] > 0 for name in raised), values
    assert not any(values[name] for name in silent), values


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_trait_names_the_language(language):
    values = found("ok", language)
    assert [name for name in TRAITS[LANGUAGE_TRAITS] if values[name]] == [language]


def test_an_unknown_language_has_no_trait():
    assert not any(found("ok", "und")[name] for name in TRAITS[LANGUAGE_TRAITS])


def test_every_trait_has_a_name_of_its_own():
    assert len(set(TRAITS)) == len(TRAITS)
    assert TRAITS[LANGUAGE_TRAITS] == tuple(LANGUAGES)


@given(st.text(max_size=120), st.sampled_from([*LANGUAGES, "und"]))
def test_traits_are_of_about_unit_size_whatever_the_text(text, language):
    values = np.array(list(found(text, language).values()))
    assert values.shape == (len(TRAITS),)
    assert ((values >= 0) & (values <= WEIGHT_MAX)).all()


def test_more_phrases_make_a_label_no_surer():
    assert max(found("how much " * 100).values()) == WEIGHT_MAX
