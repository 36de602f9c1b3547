"""Texts made to hurt: the work on them ends with the first 1 000 code points, whatever follows.

Time is not measured: what is shown is that nothing past the cut is looked at, that what comes out
is bounded, and that the costly part, normalising, is handed no long run of marks.
"""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resonance.sentiment.privacy import mask_personal_data
from resonance.sentiment.score import Request, Scorer
from resonance.sentiment.text import MARKS_MAX, TEXT_MAX_CODE_POINTS, clean, normalise
from resonance.streams.codec import Rejection, decode_log, decode_raw, encode_log, encode_raw
from resonance.streams.events import Comment, Place, Versions
from resonance.streams.scoring import ScoringHop, Unscorable
from support.format_samples import ENVELOPE

LONG = 60_000  # Code points: 120 KB of two bytes each took NFKC 3.2 s.
BOMBS = {
    "zalgo": "a" + "\u0300\u0301\u0489" * LONG,
    "alternating combining classes": "a" + "\u0300\u0327" * LONG,
    "a ligature of eighteen letters": "\ufdfa" * LONG,
    "right to left overrides": "\u202e\u2066pay now\u2069" * (LONG // 8),
    "lone surrogates": "\ud800\udfff" * LONG,
    "NUL": "\x00" * LONG,
    "joined emoji": "\U0001f469\u200d" * LONG,
    "invisible tags": "\U000e0041" * LONG,
    "digits of other scripts": "\u0966\u09e6\u0e50" * LONG,
    "Hangul jamo": "\u1100\u1161\u11a8" * LONG,
    "one letter": "A" * LONG,
    "dotted capital I": "\u0130" * LONG,
    "at signs": "a@" * LONG,
    "digits and dots": "1." * LONG,
}
SCORER = Scorer(tier="rules")
HOP = ScoringHop(SCORER, bytes(32), Versions(*SCORER.versions))
LETTERS = st.sampled_from([bomb[1:4] for bomb in BOMBS.values()] + ["a", " ", "0812345678", "@x"])


@pytest.mark.parametrize("name", BOMBS)
def test_nothing_past_the_thousandth_code_point_is_looked_at(name: str) -> None:
    bomb = BOMBS[name]
    cut = bomb[:TEXT_MAX_CODE_POINTS]
    assert clean(bomb) == clean(cut)
    assert normalise(bomb) == normalise(cut)
    whole, short = SCORER.score_all([Request(bomb, (), ()), Request(cut, (), ())])
    assert whole == short


@pytest.mark.parametrize("name", BOMBS)
def test_what_comes_out_is_bounded_and_can_be_written(name: str) -> None:
    kept = clean(BOMBS[name])
    assert len(kept) <= TEXT_MAX_CODE_POINTS
    assert len(normalise(BOMBS[name])) <= TEXT_MAX_CODE_POINTS
    assert len(mask_personal_data(kept)) <= TEXT_MAX_CODE_POINTS * len("<address>")
    assert kept.encode().decode() == kept
    assert not any(unicodedata.category(one) in {"Cc", "Cs"} for one in kept)


@settings(max_examples=200)
@given(st.lists(LETTERS, max_size=400))
def test_any_mixture_is_bounded_too_and_cleaning_it_twice_is_cleaning_it_once(
    parts: list[str],
) -> None:
    text = "".join(parts)
    kept = clean(text)
    assert len(kept) <= TEXT_MAX_CODE_POINTS
    assert clean(kept) == kept
    assert longest_run_of_marks(kept) <= MARKS_MAX


def longest_run_of_marks(text: str) -> int:
    bases = [-1, *(at for at, c in enumerate(text) if unicodedata.category(c)[0] != "M")]
    return max((after - before - 1 for before, after in pairwise([*bases, len(text)])), default=0)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_within_the_limit_of_an_event_is_scored_and_a_longer_one_set_aside(
    name: str,
) -> None:
    def decoded(text: str) -> object:
        comment = Comment(id="c", stream="s", viewer_id="v", text=text, **ENVELOPE)
        return decode_raw(encode_raw(comment))

    text = BOMBS[name].encode("utf-8", "replace").decode()  # JSON cannot hold half a character.
    assert isinstance(decoded(text * 3), Rejection)
    event = decoded(text[:10_000])
    assert isinstance(event, Comment)
    (logged,) = HOP.score_all([(event, Place("comments", 0, 0))])
    assert not isinstance(logged, Unscorable)
    assert decode_log(encode_log(logged)) == logged


def test_half_a_character_escaped_in_json_is_no_text() -> None:
    comment = encode_raw(Comment(id="c", stream="s", viewer_id="v", text="TEXT", **ENVELOPE))
    rejection = decode_raw(comment.replace(b"TEXT", rb"\ud800"))
    assert isinstance(rejection, Rejection)
