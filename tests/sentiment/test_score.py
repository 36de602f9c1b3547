"""The scorer as a whole: total, deterministic, bounded; and what adds up to a sentiment."""

import re
import subprocess
import sys
from decimal import Decimal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resonance.sentiment.pack import packs_version
from resonance.sentiment.score import CODE_VERSION, Request, Scorer
from resonance.sentiment.scores import Sentiment
from resonance.sentiment.sentiment_model import Probabilities
from resonance.sentiment.text import normalise, text_keys
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

SCORER = Scorer()
RULES = Scorer(tier="rules")

# Chat is made of such pieces; random characters alone would hardly meet a rule.
PIECES = st.sampled_from(
    [
        *("how much", "not bad", "so cute", "fake", "多少钱", "いくら", "얼마예요", "ราคา", "بكم"),
        *("cf", "12", "555", "?", "!", ",", "😂", "😡", "❤️", "no", "never arrived", "hahaha"),
        *("@x", "\x00", "\ud800"),
        *("\u0301" * 50, "https://x.y", " ", "5" * 300, "not " * 80),
    ]
)  # fmt: skip
COMMENTS = st.text(max_size=300) | st.lists(PIECES, max_size=30).map(" ".join)


@given(COMMENTS, st.lists(st.text(max_size=5), max_size=3).map(tuple))
@example("Z" + "\u0300" * 120_000, ())
@example("\ud800\udfff", ("en",))
@example("\ufdfa" * 1_000, ())
@example("\u202e\u2066" * 500, ())
def test_any_text_has_a_score_within_bounds(text, markets):
    score = SCORER.score(text, markets, markets)
    parts = score.sentiment.negative, score.sentiment.neutral, score.sentiment.positive
    assert sum(Decimal(str(part)) for part in parts) == 1
    assert all(0 <= part <= 1 and round(part, 4) == part for part in parts)
    assert set(score.signals) <= set(SIGNALS)
    assert set(score.topics) <= set(TOPICS)
    categories = [friction.category for friction in score.friction]
    assert len(set(categories)) == len(categories)
    assert set(categories) <= set(FRICTION_CATEGORIES)
    assert all(friction.severity in {1, 2, 3} for friction in score.friction)
    assert [score.text_key] == text_keys([normalise(text)])
    msgspec.json.encode(score)


@given(st.lists(COMMENTS, max_size=8))
def test_a_score_depends_on_no_other_comment(texts):
    forwards = [Scorer(0).score(text) for text in texts]
    scorer = Scorer(4)
    backwards = [scorer.score(text) for text in reversed(texts)]
    assert forwards == backwards[::-1]


def test_a_score_is_the_same_in_another_process():
    texts = ["how much", "not bad 😂", "lorem ipsum dolor sit", "关税多少", "wkwkwk mahal"]
    program = (
        "import sys, msgspec; from resonance.sentiment.score import Scorer; "
        "print(msgspec.json.encode([Scorer().score(t) for t in sys.argv[1:]]).decode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, *texts],
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {msgspec.json.encode([SCORER.score(t) for t in texts]).decode() + "\n"}


def test_the_scorer_remembers_what_chat_repeats_and_forgets_the_rest():
    scorer = Scorer(cache_entries=2)
    for text in ("so cute", "SO  CUTE", "soooo cute", "sooo cute", "price?", "price?"):
        scorer.score(text)
    assert (scorer.hits, scorer.misses) == (3, 3)
    for number in range(10):
        scorer.score(f"mine {number}")
    scorer.score("price?")
    assert scorer.misses == 14


def test_languages_and_markets_are_part_of_what_is_remembered():
    scorer = Scorer()
    assert scorer.score("no").language == "und"
    assert scorer.score("no", ("es",)).language == "es"
    assert scorer.score("no", (), ("MX",)).language == "es"
    assert scorer.score("no").language == "und"


class Sure:
    """A model of sentiment that is sure of everything."""

    version = "sure:1"

    def probabilities(self, texts):
        return [Probabilities(0.0, 0.0, 1.0)] * len(texts)


def test_the_versions_say_by_what_a_score_was_made():
    assert RULES.versions == (CODE_VERSION, "rules", packs_version())
    weights = SCORER.versions[1]
    assert re.fullmatch(r"resonance-[a-z0-9.-]+-[0-9a-f]{12}", weights)
    assert Scorer(tier="fast").versions[1] == weights
    assert Scorer(sentiment_model=Sure()).versions[1] == f"{weights}+sure:1"


@pytest.mark.parametrize("tier", ["model", "fast"])
@pytest.mark.parametrize("text", ["", "2", "F", "so cute", "🦔"])
def test_a_score_says_which_tier_made_it(tier, text):
    assert Scorer(tier=tier).score(text).scorer == tier


def test_a_lower_tier_for_one_call_is_not_remembered_and_what_is_remembered_is_better():
    scorer = Scorer()
    requests = [Request("so cute"), Request("how much")]
    assert [score.scorer for score in scorer.score_all(requests, "fast")] == ["fast", "fast"]
    assert scorer.score("so cute").scorer == "model"
    assert [score.scorer for score in scorer.score_all(requests, "rules")] == ["model", "rules"]


def test_a_model_of_sentiment_speaks_for_sentiment_alone_and_not_in_a_lower_tier():
    ours, theirs = Scorer(tier="rules"), Scorer(tier="rules", sentiment_model=Sure())
    text = "this is fake"
    assert theirs.score(text).sentiment == Sentiment(0.0, 0.0, 1.0)
    assert theirs.score(text).signals == ours.score(text).signals == ("complaint",)
    other = "this is so fake"
    assert theirs.score_all([Request(other)], "rules") == [ours.score(other)]


@pytest.mark.parametrize("text", ["", " ", "2", "F", "qwrtz", "el", "🦔"])
def test_where_no_rule_speaks_the_comment_is_unscored_and_neutral(text):
    score = RULES.score(text)
    assert score.scorer == "unscored"
    assert score.sentiment == Sentiment(0.0, 1.0, 0.0)
    assert (score.signals, score.topics, score.friction) == ((), (), ())


@pytest.mark.parametrize(
    "text", ["so cute", "hahaha", "555", "❤", "how much", "CF12", "CF 12", "ㅋㅋㅋ", "草", "price"]
)
def test_where_a_rule_speaks_the_comment_is_scored_by_rules(text):
    assert RULES.score(text).scorer == "rules"


POSITIVE = [
    *("so cute", "love it ❤", "not bad at all", "thanks, arrived fast", "❤️❤️❤️", "👍", "🔥🔥"),
    *("no customs problem, thanks", "me encanta", "eu amei", "j'adore", "super schön"),
    *(
        "かわいい",
        "文句なし",
        "예뻐요",
        "나쁘지 않아요",
        "好漂亮",
        "一點都不廉價 很有質感",
        "สวยมาก",
    ),
]
NEGATIVE = [
    *(
        "this is fake",
        "too expensive",
        "never arrived",
        "not good",
        "😡😡",
        "💩",
        "worst seller ever",
    ),
    *("届かない", "最悪", "高すぎ", "별로예요", "짝퉁", "太贵了", "骗子", "muy caro", "zu teuer"),
]
NEITHER = [
    *("how much is it", "CF12", "555", "hahaha", "1", "111", "vote A", "F", "rip", "A", "B"),
    *("いくらですか", "얼마예요", "多少钱", "mine 7", "555 baht", "hello from texas"),
]
MOODS = [(POSITIVE, "positive"), (NEGATIVE, "negative"), (NEITHER, "neutral")]


def mood(text, scorer=RULES):
    parts = msgspec.structs.asdict(scorer.score(text).sentiment)
    return max(parts, key=lambda name: (parts[name], name == "neutral"))


@pytest.mark.parametrize("text", POSITIVE)
def test_praise_is_positive_by_rules(text):
    assert mood(text) == "positive"


@pytest.mark.parametrize("text", NEGATIVE)
def test_a_complaint_is_negative_by_rules(text):
    assert mood(text) == "negative"


@pytest.mark.parametrize("text", NEITHER)
def test_questions_orders_votes_and_laughter_are_neither_by_rules(text):
    assert mood(text) == "neutral"


@pytest.mark.parametrize("tier", ["model", "fast"])
def test_a_model_agrees_with_the_rules_on_nearly_all_moods(tier):
    moods = [(text, said) for texts, said in MOODS for text in texts]
    scorer = Scorer(tier=tier)
    wrong = [(text, said) for text, said in moods if mood(text, scorer) != said]
    assert len(wrong) <= 0.15 * len(moods), wrong


@pytest.mark.parametrize(
    ("milder", "stronger"),
    [
        ("good", "good, love it"),
        ("❤", "❤🔥"),
        ("cheap", "cheap and cute"),
        ("bad", "bad, so bad, fake"),
    ],
)
def test_more_words_of_one_mood_are_stronger(milder, stronger):
    assert abs(RULES.score(milder).sentiment.valence) <= abs(
        RULES.score(stronger).sentiment.valence
    )


@pytest.mark.parametrize(
    ("one", "many"), [("❤", "❤" * 50), ("so cute", "so cuteeeeee"), ("LOVE", "love")]
)
def test_loudness_is_no_opinion(one, many):
    assert RULES.score(one).sentiment == RULES.score(many).sentiment


@pytest.mark.parametrize("tier", ["model", "fast", "rules"])
@pytest.mark.parametrize("text", ["?", "??", "？？", "!?", "؟"])
def test_a_question_mark_alone_asks_nothing_in_any_tier(tier, text):
    assert "question" not in Scorer(tier=tier).score(text).signals


@pytest.mark.parametrize("tier", ["model", "fast", "rules"])
def test_a_word_that_no_phrase_knows_says_nothing_by_itself(tier):
    scorer = Scorer(0, tier=tier)
    for word in ("Zorvex", "TECHNOOOOO", "qwrtzp", "lumi"):  # Names, code words of raffles.
        score = scorer.score(word)
        assert (score.signals, score.topics, score.friction) == ((), (), ())
    assert "complaint" in scorer.score("scam").signals
    assert "complaint" in scorer.score("zorvex is a scam").signals
