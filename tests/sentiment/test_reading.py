"""What a batch of comments is read as: by arrays what a plain walk finds, comment by comment."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resonance.sentiment.characters import CODE_POINTS, SCRIPTS_END
from resonance.sentiment.columns import Meaning
from resonance.sentiment.comments import (
    DECIMAL,
    DIGIT,
    EMOJI,
    EXCLAMATION_MARK,
    LETTER,
    LETTER_OR_DIGIT,
    LINK_MARK,
    QUESTION_MARK,
    Comments,
)
from resonance.sentiment.pack import LANGUAGES, emoji_valences, phrases
from resonance.sentiment.reading import MATCHES_MAX, Readings
from resonance.sentiment.rules import RulesScores
from resonance.sentiment.sayings import KIND_NAMES
from resonance.sentiment.text import normalise

PIECES = st.sampled_from(
    [
        *("how much", "not bad", "not", "no", "fake", "is it real", "refund", "so cuteee", "cf 12"),
        *("多少钱", "不是假货", "有没有", "いくら", "얼마예요", "ราคา", "بكم", "berapa", "customs"),
        *("😂", "😡", "❤", "?", "!", ",", "https://x.y", "555", "hahaha", "right", "love it"),
        *("price " * 80, "not good " * 120),
    ]
)  # fmt: skip
TEXTS = (st.lists(PIECES, max_size=8).map(" ".join) | st.text(max_size=40)).map(normalise)
TONGUES = st.sampled_from([*LANGUAGES, "und", "nl"])
COMMENTS = st.lists(st.tuples(TEXTS, TONGUES), max_size=6)
BORROWS = {"ms": "id", "id": "ms"}


def longest(form, language):
    """Walk over the spans of a form, and keep what no longer one of its kind covers."""
    packs = set(LANGUAGES) if language == "und" else {language, "en", BORROWS.get(language)}
    kept = {}
    left = MATCHES_MAX
    for start, end, spelling in phrases().find(form):
        for entry in spelling.entries:
            of_kind = kept.setdefault(entry.kind, [])
            covered = of_kind and (end, -start) < (of_kind[-1][1], -of_kind[-1][0])
            if entry.language in packs and not covered and left:
                meaning = Meaning(entry.language, entry.kind, entry.label, entry.weight)
                of_kind.append((start, end, meaning))
                left -= 1
    return {kind: found for kind, found in kept.items() if found and kind != "marker"}


def read(comments):
    texts, languages = zip(*comments, strict=True) if comments else ((), ())
    return Readings(Comments.of(texts), languages)


@given(COMMENTS)
@example([("price " * 300, "en"), ("not good", "und")])
def test_of_each_kind_the_longest_matches_are_kept_as_a_plain_walk_keeps_them(comments):
    readings = read(comments)
    for place, (_, language) in enumerate(comments):
        reading = readings[place]
        found = {
            kind: [(match.start, match.end, match.meaning) for match in matches]
            for kind in KIND_NAMES
            if (matches := reading.of_kind(kind))
        }
        assert found == longest(reading.form, language)


@given(COMMENTS)
def test_rules_find_in_a_batch_what_they_find_in_each_comment_alone(comments):
    together = RulesScores.of(read(comments))
    for place, comment in enumerate(comments):
        alone = RulesScores.of(read([comment]))
        assert together.raised[place].tolist() == alone.raised[0].tolist()
        assert together.sentiment[place].tolist() == alone.sentiment[0].tolist()
        assert together.felt[place] == alone.felt[0]
        assert together.friction.get(place) == alone.friction.get(0)


@pytest.mark.parametrize(
    ("what", "is_one"),
    [
        (LETTER, str.isalpha),
        (LETTER_OR_DIGIT, str.isalnum),
        (DIGIT, str.isdigit),
        (DECIMAL, str.isdecimal),
        (QUESTION_MARK, "?？؟¿".__contains__),
        (EXCLAMATION_MARK, "!".__contains__),
        (LINK_MARK, ".:".__contains__),
        (EMOJI, lambda character: character in emoji_valences()),
    ],
)
@given(texts=st.lists(st.text(max_size=5) | st.text("a1²٣?!.:❤ ", max_size=5), max_size=5))
def test_a_look_at_all_characters_tells_what_a_look_at_each_tells(what, is_one, texts):
    held = Comments(texts, texts, phrases().find_all([])).hold(what)
    assert held.tolist() == [any(map(is_one, text)) for text in texts]


def test_behind_the_scripts_no_character_is_a_letter_a_digit_or_a_space():
    behind = "".join(map(chr, range(SCRIPTS_END, CODE_POINTS)))
    assert not any(map(str.isalnum, behind))
    assert len(behind.split()) == 1
