"""Laughter as every language types it, and what only looks like it; alone and in a batch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.laughter import hold_laughter, holds_laughter, is_meant, only_laughs
from resonance.sentiment.text import normalise

LAUGHS = [
    *("lol", "LOOOL", "lmao", "haha", "hehehe", "jajaja", "kkkkk", "rsrs", "mdr", "ptdr", "xD"),
    *(
        "wkwk",
        "wkwkwkwk",
        "ㅋㅋ",
        "ㅎㅎㅎ",
        "هههه",
        "哈哈哈",
        "2333",
        "草",
        "可愛いwww",
        "(笑)",
        "ахахах",
    ),
    *("хаха", "555", "สวย 5555", "=))", ":)))", "so funny lol"),
]
NO_LAUGHS = [
    *("hall", "lolita", "has", "ja", "he", "CF555", "555 บาท", "฿555", "www.shop.com", "k", "5"),
    *("草莓", "rs 500", "ok:", "kekkai", "haul", "mandarin", "15553"),
]


def laughs(form, language):
    return holds_laughter(form) and is_meant(form, language)


@pytest.mark.parametrize("text", LAUGHS)
def test_laughter_is_heard_in_every_language(text):
    assert laughs(normalise(text), "und")


@pytest.mark.parametrize("text", NO_LAUGHS)
def test_what_only_looks_like_laughter_is_none(text):
    assert not laughs(normalise(text), "und")


@pytest.mark.parametrize(
    "text", [*LAUGHS, "lul", "rofl", "kekw", "xptdr", "ahahah", "aha", "jejej", "jsjs", "huahua"]
)
def test_laughter_stands_in_a_text_of_whatever_language(text):
    assert hold_laughter([normalise(text)]).tolist() == [True]


@given(st.lists(st.lists(st.sampled_from([*LAUGHS, *NO_LAUGHS]), max_size=3).map(" ".join)))
def test_laughter_is_heard_in_a_batch_as_in_each_text_alone(texts):
    forms = [normalise(text) for text in texts]
    alone = [hold_laughter([form]).item() for form in forms]
    assert hold_laughter(forms).tolist() == alone
    assert not any(
        laughs(form, "th") and not holds for form, holds in zip(forms, alone, strict=True)
    )


def test_fives_are_a_laugh_in_thai_and_a_number_elsewhere():
    assert laughs("555", "th")
    assert not laughs("555", "en")


@pytest.mark.parametrize(
    ("text", "nothing_else"),
    [
        ("hahaha 😂!!", True),
        ("lol lol", True),
        ("hahaha so cute", False),
        ("", True),
        ("555", True),
    ],
)
def test_a_comment_may_be_laughter_and_nothing_else(text, nothing_else):
    assert only_laughs(normalise(text)) is nothing_else
