"""Tokens word by word: those of the whole text, whatever was read and kept before."""

from importlib.resources import files

from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from resonance.sentiment.model import tokens
from resonance.sentiment.model.form import read_form
from resonance.sentiment.model.tokens import TOKENS_MAX, WordTokens

TOKENIZER = Tokenizer.from_str(
    (files("resonance.sentiment.model") / "weights/transformer/tokenizer.json").read_text("utf-8")
)
PIECES = st.sampled_from(
    [
        *(
            "how much",
            "so cute ❤️❤️",
            "不便宜，质感很好",
            "いくらですか？",
            "ราคาเท่าไหร่คะ",
            "بكم هذا؟",
        ),
        *(
            "कितने का है",
            "ñandú",
            "@ana",
            "https://x.y",
            "size M/L",
            "$5.99",
            "👩‍👩‍👧‍👦🇹🇭",
            "x" * 300,
        ),
        *(
            "<s>",
            "<unk> </s>",
            "▁",
            "_",
            "\u0301",
            "ﷺ",
            "ǰ",
            "İ",
            "Ꭰ",
            "\ud800",
            "\u3000",
            "a " * 80,
        ),
    ]
)
FORMS = st.lists(st.lists(PIECES | st.text(max_size=8)).map(" ".join).map(read_form), max_size=5)
KEEPING = WordTokens(TOKENIZER)


def of_whole_texts(forms):
    return [encoding.ids[:TOKENS_MAX] for encoding in TOKENIZER.encode_batch(forms)]


@given(FORMS)
@example([""])
def test_the_tokens_of_a_text_are_those_of_its_words(forms):
    assert WordTokens(TOKENIZER).of(forms) == of_whole_texts(forms)
    assert KEEPING.of(forms) == of_whole_texts(forms)


def test_no_more_words_are_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(tokens, "WORDS_KEPT", 3)
    crowded = WordTokens(TOKENIZER)
    for forms in (["a b", "c a"], ["d", "a c"], ["e f g h e"], ["a"]):
        assert crowded.of(forms) == of_whole_texts(forms)
    assert crowded.words_kept == 1
