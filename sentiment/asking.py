"""Where a comment asks without a question mark: by how it begins or ends, or by a choice."""

import unicodedata
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.matching import CLAUSE_END, word_count
from resonance.sentiment.reading import Reading, Readings
from resonance.sentiment.sayings import KIND, meaning_at

CHOICE_MAX_WORDS: Final = 12  # A longer comment tells what there was to choose from.
ASKS: Final = "asks"  # The label of what asks; "not" is on longer phrases that do not.

_FIRST, _LAST, _BETWEEN = KIND["asks_first"], KIND["asks_last"], KIND["asks_between"]
_ASKING: Final = frozenset({_FIRST, _LAST, _BETWEEN, KIND["filler"]})


def have_questions(readings: Readings) -> NDArray[np.bool_]:
    """Tell of each comment whether there is anything in it that could ask, and where it could."""
    forms = readings.comments.forms
    first, last = readings.of_kind("asks_first"), readings.of_kind("asks_last")
    lengths = np.fromiter(map(len, forms), np.int64, len(forms))
    could = readings.have_kind("asks_between")
    could[first.comments[first.starts <= 1]] = True
    could[last.comments[last.ends >= lengths[last.comments] - 1]] = True
    # Elsewhere only beside what is passed over: greetings, marks, emoji.
    have = readings.have_kind("asks_first") | readings.have_kind("asks_last")
    could |= have & readings.have_kind("filler")
    for place in np.flatnonzero(have & ~could).tolist():
        could[place] = not (forms[place][1].isalnum() and forms[place][-2].isalnum())
    return could


class _Parts(NamedTuple):
    """What could ask in a comment, by the places of its words."""

    openings: dict[int, int]  # Begin -> entry.
    closings: dict[int, tuple[int, int]]  # End -> begin and entry.
    choices: list[tuple[int, int, int]]  # Begin, end, entry.
    fillers: dict[int, int]  # Begin -> end.
    fillers_back: dict[int, int]  # End -> begin.


def asks(reading: Reading) -> bool:
    """Tell whether a comment begins or ends as a question does, greetings and address aside.

    "Where is it" asks and "I know where it is" does not; "it is real, right" asks, too, and so does
    what leaves a choice, as "before or after the cream".
    """
    form, parts = reading.form, _parts(reading)
    begin, opening = _opening(form, parts)
    return opening == ASKS or _closing(form, parts, begin) == ASKS or _offers_a_choice(form, parts)


def _parts(reading: Reading) -> _Parts:
    form, parts = reading.form, _Parts({}, {}, [], {}, {})
    for kind, start, end, entry in reading.said:
        if kind not in _ASKING:
            continue
        # The words of spaced scripts hold a space on either side.
        begin, stop = start + (form[start] == " "), end - (form[end - 1] == " ")
        if kind == _FIRST:
            parts.openings[begin] = entry
        elif kind == _LAST:
            parts.closings[stop] = begin, entry
        elif kind == _BETWEEN:
            parts.choices.append((begin, stop, entry))
        else:
            parts.fillers[begin] = stop
            parts.fillers_back[stop] = begin
    return parts


def _opening(form: str, parts: _Parts) -> tuple[int, str]:
    """Return where the comment begins in earnest, and the label of what stands there."""
    place = 0
    while place < len(form):
        if place in parts.openings:
            return place, meaning_at(parts.openings[place]).label
        if place in parts.fillers:
            place = parts.fillers[place]
        elif _is_aside(form[place]):
            place += 1
        else:
            break
    return place, ""


def _closing(form: str, parts: _Parts, begin: int) -> str:
    """Return the label of what stands at the end; a tag alone, as in "no", asks nothing."""
    place = len(form)
    while place > begin:
        if place in parts.closings:
            start, entry = parts.closings[place]
            return meaning_at(entry).label if start > begin else ""
        if place in parts.fillers_back:
            place = parts.fillers_back[place]
        elif _is_aside(form[place - 1]):
            place -= 1
        else:
            break
    return ""


def _offers_a_choice(form: str, parts: _Parts) -> bool:
    """Tell whether a short comment leaves the choice between two things, as in "M or L"."""
    if word_count(form) > CHOICE_MAX_WORDS:
        return False
    for begin, end, entry in parts.choices:
        before = form[:begin].rpartition(CLAUSE_END)[2].split()
        after = form[end:].partition(CLAUSE_END)[0].split()
        if meaning_at(entry).label == ASKS and before and after:
            return True
    return False


def _is_aside(character: str) -> bool:
    """Tell spaces, clause marks, emoji and currency signs from letters and digits."""
    return character in {" ", CLAUSE_END} or unicodedata.category(character).startswith("S")
