"""Where a comment claims an item of the show: "17", "mine 7", "A12 black L"."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.comments import DECIMAL
from resonance.sentiment.matching import CLAUSE_END, word_count
from resonance.sentiment.reading import Reading, Readings
from resonance.sentiment.sayings import KIND, sayings

CLAIM_MAX_WORDS: Final = 8  # A longer sentence with a number in it is talk, not an order.

# A code alone: "17", "b22", "jn-204", "12 xl", "24x2". Not a poll's "1", nor a price.
_BARE_CODE: Final = re.compile(
    r"^(?:#|no\.? ?|n°|№)?(?:[a-z]{1,3}[- ]?)?\d{1,3}"
    r"(?:[ -]?(?:xs|s|m|l|xl|xxl|[2-5]xl))?(?: ?[x×*] ?\d{1,2})?$"
)
_POLL_OR_LUCK: Final = re.compile(r"^(?:[0-5]|1+|5{3,}|6{3,}|8{3,}|520|886|233+)$")
_PLUS_ONE: Final = re.compile(r"^\+ ?\d{1,2}$")
_DIGIT: Final = re.compile(r"\d")

# Words of a claim. Before a number a currency or a system of sizes makes no code.
_LETTERED_CODE: Final = re.compile(
    r"(?!(?:rm|rp|rs|tl|us|uk|eu|hk|nt|sg|kr|jp|cn)\d)[a-zа-я]{1,3}\d{1,4}"
)
_LONG_NUMBER: Final = re.compile(r"\d{2,4}")  # Of one digit alone, colours keep a score.
_SIZE: Final = re.compile(r"[2-5]?x{0,3}[sl]|m")
_COUNT: Final = re.compile(r"[x×]\d{1,2}|\d{1,2}x|\d{1,2}pcs?")

# What a phrase can be in a claim, a bit each.
_VARIANT: Final = 1  # Which one of the item: its colour, its size.
_CLAIM: Final = 2  # That it is claimed, or how many of it.
_ASIDE: Final = 4  # Greetings, address, courtesy.


def are_claims(readings: Readings) -> NDArray[np.bool_]:
    """Tell of each comment whether it claims an item.

    By a code alone, by a claim word beside a number, or by a code beside nothing but its variant.
    """
    are = np.zeros(len(readings), np.bool_)
    texts, forms = readings.comments.texts, readings.comments.forms
    spans = readings.comments.spans
    have_number = readings.comments.hold(DECIMAL)
    have_claim = readings.have_kind("claim").tolist()
    have_question_mark = readings.have_question_mark.tolist()
    roles = _roles()[spans.spellings]
    which = np.flatnonzero((roles > 0) & have_number[spans.forms])
    firsts = np.searchsorted(spans.forms[which], np.arange(len(readings) + 1)).tolist()
    columns = (spans.starts[which], spans.ends[which], roles[which])
    said = list(zip(*[column.tolist() for column in columns], strict=True))
    for place in np.flatnonzero(have_number).tolist():
        are[place] = (
            _is_code(texts[place])
            or (have_claim[place] and _is_claim(readings[place]))
            or (
                not have_question_mark[place]
                and word_count(forms[place]) <= CLAIM_MAX_WORDS
                and _names_a_variant(forms[place], said[firsts[place] : firsts[place + 1]])
            )
        )
    return are


def _is_code(normalised: str) -> bool:
    """Tell whether the comment is the code of an item and nothing else."""
    text = normalised.strip(" .!,~")
    if _PLUS_ONE.match(text):
        return True
    return bool(_BARE_CODE.match(text)) and not _POLL_OR_LUCK.match(text)


def _is_claim(reading: Reading) -> bool:
    """Tell whether a claim word stands beside a number."""
    if word_count(reading.form) > CLAIM_MAX_WORDS or "?" in reading.normalised:
        return False
    for match in reading.of_kind("claim"):
        before = reading.form[: match.start].rstrip().rpartition(" ")[2]
        # A word of a script without spaces ends at its last letter, others at the space after it.
        end = match.end - (reading.form[match.end - 1] == " ")
        after = reading.form[end:].lstrip().partition(" ")[0]
        if _DIGIT.search(before + after):
            return True
    return False


def _names_a_variant(form: str, said: Sequence[tuple[int, int, int]]) -> bool:
    """Tell whether nothing is said but a code and which of the item, or how many.

    `said` are starts, ends and roles of phrases: of all languages, as so short a comment does not
    give its own away.
    """
    is_said = bytearray(len(form))
    roles = 0
    for start, end, role in said:
        is_said[start:end] = b"\x01" * (end - start)
        roles |= role
    is_lettered = is_numbered = False
    end = 0
    for word in form.split():
        start = form.index(word, end)
        end = start + len(word)
        if _LETTERED_CODE.fullmatch(word):
            is_lettered = True
        elif _LONG_NUMBER.fullmatch(word):
            is_numbered = True
        elif _SIZE.fullmatch(word):
            roles |= _VARIANT
        elif _COUNT.fullmatch(word):
            roles |= _CLAIM
        elif not (_DIGIT.fullmatch(word) or word == CLAUSE_END or all(is_said[start:end])):
            return False
    return bool((is_lettered and roles & (_VARIANT | _CLAIM)) or (is_numbered and roles & _VARIANT))


@cache
def _roles() -> NDArray[np.uint8]:
    """Return what each spelling can be in a claim, in any language."""
    said = sayings()
    roles = np.zeros(len(said.entries), np.uint8)
    roles[said.kinds == KIND["claim"]] = _CLAIM
    roles[said.kinds == KIND["filler"]] = _ASIDE
    for place in np.flatnonzero(said.kinds == KIND["variant"]).tolist():
        roles[place] = _CLAIM if said.entries[place].label == "unit" else _VARIANT
    return np.bitwise_or.reduceat(roles, said.firsts[:-1])
