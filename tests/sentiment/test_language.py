"""The language of a comment: what decides it, and when nothing does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resonance.sentiment.comments import Comments
from resonance.sentiment.language.chain import CHAIN, Evidence, Stream, detect_all
from resonance.sentiment.language.markets import MARKET_LANGUAGES, languages_of
from resonance.sentiment.language.own import OwnDetector
from resonance.sentiment.language.scripts import (
    language_by_script,
    main_script,
    main_scripts,
    script_of,
    scripts,
)
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.score import Scorer
from resonance.sentiment.text import normalise

SCORER = Scorer()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("いくらですか", "ja"),
        ("送料無料ですか", "ja"),  # More Han than kana.
        ("Mサイズ", "ja"),
        ("BGM好き", "ja"),
        ("発売", "ja"),  # No kana, but characters that Chinese does not write.
        ("多少钱", "zh"),
        ("多少錢", "zh"),
        ("有没有COD", "zh"),
        ("新作上架 new arrival", "zh"),
        ("优の良品旗舰店", "zh"),  # One kana as decoration.
        ("얼마예요", "ko"),
        ("ㅋㅋㅋ", "ko"),
        ("ราคาเท่าไหร่คะ", "th"),
        ("สวย so cute", "th"),
        ("بكم هذا", "ar"),
        ("چند برای پوست", "fa"),
        ("یہ کتنے کا ہے", "ur"),
        ("сколько стоит", "ru"),
        ("скільки коштує їжа", "uk"),
        ("कितने का है", "hi"),
        ("πόσο κάνει", "el"),
        ("כמה זה עולה", "he"),
        ("কত দাম", "bn"),
        ("எவ்வளவு", "ta"),
        ("how much", None),
        ("brand name long enough 好", None),  # One Han among many Latin letters decides nothing.
        ("12345 !!!", None),
        ("", None),
    ],
)
def test_a_script_of_one_language_decides(text, language):
    assert language_by_script(text, *main_scripts([text])) == language


@pytest.mark.parametrize(
    ("character", "script"),
    [("a", "latin"), ("ñ", "latin"), ("ệ", "latin"), ("7", None), ("❤", None), ("한", "hangul")],
)
def test_letters_have_a_script_and_the_rest_has_none(character, script):
    assert script_of(character) == script


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how much is the pink one", "en"),
        ("do you ship to canada", "en"),
        ("cuánto cuesta el rojo", "es"),
        ("q precio tiene amiga", "es"),
        ("quanto custa o vermelho", "pt"),
        ("vc tem no tamanho 42", "pt"),
        ("c'est combien le rouge svp", "fr"),
        ("was kostet das kleid bitte", "de"),
        ("quanto costa quello rosso", "it"),
        ("berapa harganya kak, ready ga", "id"),
        ("brapa ongkir ke bandung min", "id"),
        ("berapa harga sis, nak satu", "ms"),
        ("ada saiz L tak", "ms"),
        ("cái này giá bao nhiêu vậy shop", "vi"),
        ("ship ve ha noi bao nhieu tien", "vi"),
        ("magkano po ito", "tl"),
        ("meron pa po ba nito sa size m", "tl"),
        ("kaç para bu kargo dahil mi", "tr"),
        ("bedeni kaç abla", "tr"),
        ("kitne ka hai bhai", "hi"),  # Hindi in Latin letters.
        ("yeh wala dikhao na", "hi"),
        ("price kya hai", "hi"),
        ("shukriya bhai", "hi"),
        ("3ayez da bkam", "ar"),  # Arabic in Latin letters: 3 is ع.
        ("bkam el gazma di", "ar"),
        ("ang ganda naman ng dress na yan", "tl"),
        ("how much po yung red", "tl"),  # English words, Tagalog grammar.
        ("wat kost deze jurk", "nl"),  # A language without a pack is told all the same.
    ],
)
def test_latin_chat_is_told_by_its_words(text, language):
    assert SCORER.score(text).language == language


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "❤❤❤", "😂😂", "1", "111", "+1", "555", "12 500", "?", "...", "🇺🇸"),
        *("hahaha", "hahahahahaha", "jajajaja", "wkwkwkwk", "kkkkk", "XD", "LMAO 😂"),
        *("\x00", "\ud800", "ok", "x"),
    ],
)
def test_what_is_of_no_language_is_not_guessed(text):
    assert SCORER.score(text).language == "und"


def test_the_streams_languages_restrict_latin_chat_and_scripts_overrule_them():
    assert SCORER.score("no", ("es",)).language == "es"
    assert SCORER.score("no", ("it", "pt")).language in {"it", "pt", "und"}
    assert SCORER.score("how much is the pink one", ("de", "fr")).language != "en"
    assert SCORER.score("いくらですか", ("en", "de")).language == "ja"


def test_a_short_word_of_han_is_japanese_where_the_stream_is_for_japan_alone():
    assert SCORER.score("最高").language == "zh"
    assert SCORER.score("最高", ("ja",)).language == "ja"
    assert SCORER.score("最高", (), ("JP", "US")).language == "ja"
    assert SCORER.score("最高", (), ("JP", "TW")).language == "zh"
    assert SCORER.score("这个多少钱一件", (), ("JP",)).language == "zh"


def test_the_market_tips_what_is_weak_and_not_what_is_sure():
    assert SCORER.score("no").language == "und"
    assert SCORER.score("no", (), ("MX",)).language == "es"
    assert SCORER.score("how much is the pink one", (), ("MX",)).language == "en"


def test_every_language_with_a_pack_is_written_in_some_market():
    spoken = {language for languages in MARKET_LANGUAGES.values() for language in languages}
    assert spoken >= set(LANGUAGES)
    assert languages_of(("US", "MX", "XX")) == {"en", "es"}
    assert languages_of(()) == frozenset()


def test_each_step_of_the_chain_says_why_it_stands_there():
    assert all(step.__doc__ for step in CHAIN)


class Told:
    """A detector that says what it was told to, and counts the texts it was asked about."""

    languages = ("it", "es", "en")

    def __init__(self, *probabilities):
        self.row = np.log(np.array(probabilities, np.float32))
        self.asked = 0

    def log_likelihoods(self, texts):
        self.asked += len(texts)
        return np.tile(self.row, (len(texts), 1))


def test_statistics_are_asked_last_and_believed_above_a_floor_only():
    sure, unsure = Told(0.9, 0.1, 1e-9), Told(0.4, 0.35, 0.25)
    text = "lorem ipsum dolor"
    assert Scorer(detector=sure).score(text).language == "it"
    assert Scorer(detector=unsure).score(text).language == "und"
    for early in ("いくらですか", "hahahaha", "❤", "mine 5", "ok"):
        Scorer(detector=sure).score(early)
    assert sure.asked == 1


CLEAR = "how much is shipping to germany please"
MIXED_WITH_ENGLISH = "i'm so excited salman bhai"


def test_where_the_words_of_one_language_are_clear_no_statistics_are_asked():
    told = Told(0.9, 0.1, 1e-9)
    assert Scorer(detector=told).score(CLEAR).language == "en"
    assert told.asked == 0


@pytest.mark.parametrize(
    ("text", "stream"),
    [
        (MIXED_WITH_ENGLISH, ((), ())),
        ("berapa harga ongkirnya ya kak", ((), ())),  # Indonesian, and nearly all of it Malay.
        ("سعر الشحن كم", ((), ())),  # Persian and Urdu have the letters, and no pack.
        (CLEAR, (("fr", "it"), ())),
        (CLEAR, ((), ("IT",))),
    ],
)
def test_what_is_not_clear_is_weighed(text, stream):
    told = Told(0.9, 0.1, 1e-9)
    Scorer(detector=told).score(text, *stream)
    assert told.asked == 1


def test_a_stream_whose_language_is_clear_is_taken_at_its_word():
    for stream in ((("en", "fr"), ()), ((), ("US",))):
        told = Told(0.9, 0.1, 1e-9)
        assert Scorer(detector=told).score(CLEAR, *stream).language == "en"
        assert told.asked == 0


def test_less_is_enough_when_the_streams_languages_are_known():
    assert Scorer(detector=Told(0.4, 0.35, 0.25)).score("lorem", ("it", "es")).language == "it"
    assert Scorer(detector=Told(0.4, 0.35, 0.25)).score("lorem", ("es", "en")).language == "es"


def test_a_detector_that_cannot_tell_leaves_it_undetermined():
    assert Scorer(detector=Told(0.3, 0.3, 0.3)).score("qqqq").language == "und"
    assert Scorer(detector=Told(0.3, 0.3, 0.3)).score("qqqq", ("de",)).language == "und"


TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(["ok", "cuánto cuesta", "kitne ka hai", "ยาว", "سلام", "mine 5", "jajaja"]),
    ),
    max_size=6,
)
STREAMS = st.sampled_from([((), ()), (("es", "en"), ()), ((), ("IN",)), (("ja",), ("JP", "US"))])


MIXED = st.text(st.sampled_from("abcいろ漢字ไทย한ж ,7"), max_size=8)


@given(st.lists(MIXED | st.text(max_size=20), max_size=6))
def test_the_scripts_of_a_batch_are_those_of_each_text(texts):
    assert main_scripts(texts) == [main_script(scripts(text)) for text in texts]


@given(TEXTS, STREAMS)
def test_a_batch_is_answered_as_each_comment_alone(texts, stream):
    alone = [language for text in texts for language in detect_all(evidence([text], stream))]
    assert detect_all(evidence(texts, stream)) == alone


def evidence(texts, stream):
    comments = Comments.of([normalise(text) for text in texts])
    return Evidence(comments, [Stream(*stream)] * len(texts), OwnDetector())


DRAWN = ".--.  .--.    ._'   |/   :.-,   |  `'.-;-.;`  .'   _:._/. BOOM!! /  '-._.;`'-'-';---'  /|"


@pytest.mark.parametrize("drawing", [DRAWN, DRAWN.replace("BOOM", "轰"), "╭━┓┈╭━━╮" * 9 + " WIN"])
def test_a_drawing_of_signs_is_of_no_language(drawing):
    assert SCORER.score(drawing).language == "und"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("i love this colour so much " + "😍" * 60, "en"),
        ("wann kommt die neue farbe wieder rein" + "!" * 90, "de"),
        ("https://example.com/a/b/c/d?e=f&g=h#i-j.k_l where can i order this one", "en"),
    ],
)
def test_many_emoji_marks_or_a_link_make_no_drawing(text, language):
    assert SCORER.score(text).language == language
