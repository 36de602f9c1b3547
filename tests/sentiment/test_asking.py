"""Questions without a question mark: told by how a comment begins or ends."""

import re

import pytest

from resonance.sentiment.asking import asks
from resonance.sentiment.comments import Comments
from resonance.sentiment.pack import PackError, parse_asking
from resonance.sentiment.reading import Readings
from resonance.sentiment.text import normalise


def read(language, text):
    return Readings(Comments.of([normalise(text)]), [language])[0]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "where is it from"),
        ("en", "hi sis, is the blue one real"),
        ("en", "😍😍 does it stretch"),
        ("en", "it is real leather, right"),
        ("en", "WHEREEE do you live"),
        ("es", "oye, dónde vives"),
        ("es", "donde vives"),
        ("pt", "você gosta de café"),
        ("fr", "bonjour, vous livrez en suisse"),
        ("de", "wie alt bist du"),
        ("it", "chi è quel ragazzo"),
        ("ru", "а где вы живёте"),
        ("ja", "これは何ですか"),
        ("ko", "같이 갈까요"),
        ("zh", "你喜欢这个吗"),
        ("th", "อร่อยไหมคะ"),
        ("vi", "shop ơi có ship không ạ"),
        ("id", "ini asli atau bukan kak"),
        ("ms", "betul ke kak"),
        ("tl", "totoo ba po"),
        ("ar", "هل تحب القهوة"),
        ("tr", "bu gerçek mi abla"),
        ("hi", "आप कहाँ हैं"),
    ],
)
def test_a_comment_asks_by_its_first_or_its_last_words(language, text):
    assert asks(read(language, text))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "i know where it is from"),
        ("en", "what a deal"),
        ("en", "that's right"),
        ("en", "right"),
        ("en", ""),
        ("en", "?!"),
        ("es", "que rico huele"),
        ("es", "no sé dónde vives"),
        ("es", "es verdad"),
        ("fr", "quelle chance"),
        ("de", "ich weiß nicht, wie alt er ist"),
        ("de", "wie schön"),
        ("it", "che bello"),
        ("ru", "как красиво"),
        ("ja", "何でも好きです"),
        ("zh", "谁都喜欢"),
        ("th", "ไม่เป็นไรค่ะ"),
        ("id", "tidak apa-apa"),
        ("tr", "ne güzel"),
    ],
)
def test_what_looks_like_a_question_elsewhere_asks_nothing(language, text):
    assert not asks(read(language, text))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "before or after the cream"),
        ("en", "does not matter, M or L"),
        ("es", "esa tela es fina o gruesa"),
        ("pt", "apanha água ou é impermeável"),
        ("fr", "coton ou polyester"),
        ("de", "leder oder kunstleder"),
        ("it", "prima la crema o prima il siero"),
        ("ru", "кабель в футах или метрах"),
        ("id", "kulit sapi apa kulit babi"),
        ("vi", "xanh hay là đen shop"),
        ("zh", "美金还是人民币"),
        ("ko", "면 아니면 폴리"),
        ("hi", "49 dollar ya 49 rupaye"),
        ("tr", "bez yoksa deri"),
    ],
)
def test_a_comment_asks_by_the_choice_it_leaves(language, text):
    assert asks(read(language, text))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "or"),
        ("en", "or the blue one"),
        ("en", "we are nearly there, or"),
        ("en", "it fits more or less"),
        ("en", "ten pieces or so"),
        ("en", "they said it is either the red one with the strap or the plain one"),
        ("es", "más o menos bien"),
        ("fr", "un collier en or à moi"),
        ("de", "früher oder später kommt es"),
        ("id", "ini apa adanya kak"),
        ("zh", "我还是算了吧"),
    ],
)
def test_what_joins_two_words_without_a_choice_asks_nothing(language, text):
    assert not asks(read(language, text))


def test_places_become_entries_of_their_kind():
    entries = parse_asking("# English\n\nen\tfirst\twhat | who\nen\tfirst_not\twhat a\n")
    assert [(entry.kind, entry.label, entry.phrase) for entry in entries] == [
        ("asks_first", "asks", "what"),
        ("asks_first", "asks", "who"),
        ("asks_first", "not", "what a"),
    ]


@pytest.mark.parametrize("row", ["en\tfirst", "xx\tfirst\twhat", "en\tmiddle\twhat", "en"])
def test_a_bad_row_of_places_is_refused_naming_its_line(row):
    with pytest.raises(PackError, match=re.escape("packs/asking.tsv, line 1: write language")):
        parse_asking(row)


def test_a_bad_row_of_variants_is_refused_naming_its_file():
    with pytest.raises(PackError, match=re.escape("packs/variants.tsv, line 1: write language")):
        parse_asking("en\tcolor\tred", "variants")
