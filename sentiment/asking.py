"""Where a comment asks without a question mark: by how it begins or ends, or by a choice."""

import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.matching import CLAUSE_END, Match
from resonance.sentiment.reading import Reading, Readings

CHOICE_MAX_WORDS: Final = 12  # A longer comment tells what there was to choose from.
ASKS: Final = "asks"  # The label of what asks; "not" is on longer phrases that do not.


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


def asks(reading: Reading) -> bool:
    """Tell whether a comment begins or ends as a question does, greetings and address aside.

    "Where is it" asks and "I know where it is" does not; "it is real, right" asks, too, and so does
    what leaves a choice, as "before or after the cream".
    """
    begin, opening = _opening(reading)
    return opening == ASKS or _closing(reading, begin) == ASKS or _offers_a_choice(reading)


def _opening(reading: Reading) -> tuple[int, str]:
    """Return where the comment begins in earnest, and the label of what stands there."""
    form = reading.form
    openings = {_begin(form, match): match for match in reading.of_kind("asks_first")}
    fillers = {_begin(form, match): match for match in reading.of_kind("filler")}
    place = 0
    while place < len(form):
        if place in openings:
            return place, openings[place].entry.label
        if place in fillers:
            place = _end(form, fillers[place])
        elif _is_aside(form[place]):
            place += 1
        else:
            break
    return place, ""


def _closing(reading: Reading, begin: int) -> str:
    """Return the label of what stands at the end; a tag alone, as in "no", asks nothing."""
    form = reading.form
    closings = {_end(form, match): match for match in reading.of_kind("asks_last")}
    fillers = {_end(form, match): match for match in reading.of_kind("filler")}
    place = len(form)
    while place > begin:
        if place in closings:
            return closings[place].entry.label if _begin(form, closings[place]) > begin else ""
        if place in fillers:
            place = _begin(form, fillers[place])
        elif _is_aside(form[place - 1]):
            place -= 1
        else:
            break
    return ""


def _offers_a_choice(reading: Reading) -> bool:
    """Tell whether a short comment leaves the choice between two things, as in "M or L"."""
    form = reading.form
    if form.count(" ") - 1 > CHOICE_MAX_WORDS:
        return False
    for match in reading.of_kind("asks_between"):
        before = form[: _begin(form, match)].rpartition(CLAUSE_END)[2].split()
        after = form[_end(form, match) :].partition(CLAUSE_END)[0].split()
        if match.entry.label == ASKS and before and after:
            return True
    return False


def _begin(form: str, match: Match) -> int:
    """Return where the words of a match begin: those of spaced scripts hold a space before them."""
    return match.start + (form[match.start] == " ")


def _end(form: str, match: Match) -> int:
    return match.end - (form[match.end - 1] == " ")


def _is_aside(character: str) -> bool:
    """Tell spaces, clause marks, emoji and currency signs from letters and digits."""
    return character in {" ", CLAUSE_END} or unicodedata.category(character).startswith("S")
