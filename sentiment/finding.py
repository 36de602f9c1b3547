"""Find every phrase of every pack in one pass over a batch of texts."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from ahocorasick import STORE_INTS, Automaton
from numpy.typing import NDArray

from resonance.sentiment.characters import are_letters, begins_of, code_points, place_at
from resonance.sentiment.columns import Entries, Places, Spellings
from resonance.sentiment.matching import Entry, Spelling

Span = tuple[int, int, Spelling]  # What stands at [start, end) of a matching form.

# No phrase holds it: where forms are read as one, none is found from one into the next.
FORM_END: Final = "\n"
FIRST_BYTE_MIN: Final = -64  # As signed bytes: what lies below goes on with a character.


class Spans(NamedTuple):
    """What stands in a batch of forms: form by form, from left to right, the longest first."""

    forms: Places  # The form of each span, by its place in the batch.
    starts: Places  # Of [start, end) in that form.
    ends: Places
    spellings: Places  # By their places in `PhraseFinder.spellings`.


class PhraseFinder:
    """All phrases as one Aho-Corasick automaton: texts are read once, however many they are."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        columns = entries if isinstance(entries, Entries) else Entries.of(entries)
        self.spellings: Final = Spellings.of(columns)
        looked_for = [*self.spellings.texts, *_fewer_letters(self.spellings.texts)]
        bytewise = _bytewise(FORM_END.join(looked_for)).split(FORM_END) if looked_for else []
        self._automaton = Automaton(STORE_INTS)
        # In order, so that what is read one after the other lies side by side.
        for place in sorted(range(len(looked_for)), key=bytewise.__getitem__):
            self._automaton.add_word(bytewise[place], place)
        self._automaton.make_automaton()
        self._lengths = np.array([len(text) for text in looked_for], np.int64)
        self._longest = int(self._lengths.max(initial=0))

    def find(self, form: str) -> list[Span]:
        """Return every spelling in a matching form, from left to right, the longest first."""
        _, starts, ends, places = map(np.ndarray.tolist, self.find_all([form]))
        found = [self.spellings[place] for place in places]
        return list(zip(starts, ends, found, strict=True))

    def find_all(self, forms: Sequence[str]) -> Spans:
        """Return every spelling in each matching form.

        A letter held down ("cutee", "ขายย") still matches: where no phrase goes on with the
        repeated letter, it is passed over. Never a digit: "cf 11" is not "cf 1".
        """
        text, begins = FORM_END.join(forms), begins_of(forms)
        starts, ends, places = self._spans(text)
        is_said = places < len(self.spellings)
        plain = _by_form(begins, starts[is_said], ends[is_said], places[is_said])
        repeats = np.flatnonzero(_are_again(code_points(text)))
        repeating = _each_once(place_at(begins, repeats))
        held = self._held_down([forms[form] for form in repeating.tolist()])
        held = held._replace(forms=repeating[held.forms])
        spans = Spans(*map(np.concatenate, zip(plain, held, strict=True)))
        width = int(spans.ends.max(initial=0)) + 1
        order = np.argsort((spans.forms * width + spans.starts) * width - spans.ends, kind="stable")
        return Spans(*[column[order] for column in spans])

    def _spans(self, text: str) -> tuple[Places, Places, Places]:
        """Return starts, ends and spellings of what the automaton finds, by their ends."""
        bytewise = _bytewise(text)
        found = self._automaton.iter(bytewise) if self._longest else ()
        numbers = np.fromiter(chain.from_iterable(found), np.int64)
        lasts, places = numbers[0::2], numbers[1::2]
        is_first = np.frombuffer(bytewise.encode("latin-1"), np.int8) >= FIRST_BYTE_MIN
        ends = np.cumsum(is_first, dtype=np.int64)[lasts]
        return ends - self._lengths[places], ends, places

    def _held_down(self, forms: Sequence[str]) -> Spans:
        """Return the spans that hold a letter too many."""
        text = FORM_END.join(forms)
        found = [span for start in self._starts_held_down(text) for span in self._from(text, start)]
        return _by_form(begins_of(forms), *np.array(found, np.int64).reshape(-1, 3).T)

    def _starts_held_down(self, text: str) -> list[int]:
        """Return where a phrase may begin that is there once repeated letters are left out."""
        single, stood = _once(text)
        left_out = np.diff(stood, append=len(text)) - 1  # Behind each letter that is kept.
        runs = np.concatenate([[0], np.cumsum(left_out > 0)])
        starts, ends, _ = self._spans(single)
        starts = _each_once(starts[runs[ends] > runs[starts]])
        # A phrase may begin at each letter of a run.
        runs_from = zip(stood[starts].tolist(), left_out[starts].tolist(), strict=True)
        return [start + more for start, most in runs_from for more in range(most + 1)]

    def _from(self, text: str, start: int) -> Iterator[tuple[int, int, int]]:
        """Yield the spans from a start that hold a letter too many."""
        reach = self._longest_prefix(text[start : start + self._longest])
        read, end = text[start : start + reach], start + reach
        while reach and end < len(text) and text[end] == text[end - 1] and text[end].isalpha():
            while end < len(text) and text[end] == text[end - 1]:
                end += 1
                yield from self._said(read, start, end)
            ahead = read + text[end : end + self._longest]
            reach = self._longest_prefix(ahead)
            for length in range(len(read) + 1, reach + 1):
                yield from self._said(ahead[:length], start, end + length - len(read))
            end += reach - len(read)
            read = ahead[:reach]

    def _said(self, spelling: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the span if the packs have the spelling."""
        place = self._automaton.get(_bytewise(spelling), None)
        if place is not None and place < len(self.spellings):
            yield start, end, place

    def _longest_prefix(self, text: str) -> int:
        """Return how many characters of the text some phrase begins with."""
        bytewise = _bytewise(text)
        read = bytewise[: self._automaton.longest_prefix(bytewise)]
        return len(read.encode("latin-1").decode("utf-8", "ignore"))  # Without half a character.


def _bytewise(text: str) -> str:
    """Return the bytes of UTF-8 as characters.

    So a place in the automaton has a few dozen ways on to be looked through, not thousands.
    """
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _by_form(begins: Places, starts: Places, ends: Places, spellings: Places) -> Spans:
    """Return spans of forms that were read as one as spans of each."""
    forms = place_at(begins, starts)
    return Spans(forms, starts - begins[forms], ends - begins[forms], spellings)


def _each_once(places: Places) -> Places:
    """Return the places in order, each once; `np.unique` is slower, and loads all of `numpy.ma`."""
    return np.flatnonzero(np.bincount(places))


def _are_again(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell of each character whether it is a letter that stands just before, too."""
    are_again = np.zeros(len(codes), np.bool_)
    are_again[1:] = (codes[1:] == codes[:-1]) & are_letters().take(codes[1:])
    return are_again


def _fewer_letters(spellings: Sequence[str]) -> list[str]:
    """Return what is to be looked for in texts without their repeated letters, and no phrase says.

    "feel" is looked for as "fel", too.
    """
    repeats = np.flatnonzero(_are_again(code_points(FORM_END.join(spellings))))
    repeating = _each_once(place_at(begins_of(spellings), repeats)).tolist()
    once = _once(FORM_END.join([spellings[place] for place in repeating]))[0].split(FORM_END)
    known = {"", *spellings}
    return [text for text in dict.fromkeys(once) if text not in known]


def _once(text: str) -> tuple[str, Places]:
    """Return a text with each repeated letter once, and where its characters stood."""
    codes = code_points(text)
    stood = np.flatnonzero(~_are_again(codes))
    return codes[stood].tobytes().decode("utf-32-le", "surrogatepass"), stood
