"""Find every phrase of every pack in one pass over a text."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Final, TypeVar

import msgspec
from ahocorasick import Automaton

from resonance.sentiment.text import CharacterTable, normalise

CLAUSE_END: Final = ","  # Every mark that ends a clause reads as this one.
TABLE_MAX_ENTRIES: Final = 16_384  # There are five times as many spellings; few are ever typed.
OPEN_END: Final = "*"  # `price*` also finds "prices"; `*가격` also finds it inside a word.

_CLAUSE_MARKS: Final = frozenset('.,;:!?…。、，！？；：।؟،؛|/()[]"“”«»—–~\n')
_APOSTROPHE: Final = re.compile("['’‘`´ʼ]")
# Arabic is typed with and without hamza, final ya and ta marbuta: one spelling for all.
_ARABIC_FOLDS: Final = dict(zip("أإآٱىة", "ااااي" + "ه", strict=True))
# Thai, kana and Han: written without spaces between words.
_JOINED: Final = "\u0e01-\u0e7f\u3041-\u30ff\u3400-\u9fff"
# In "有没有COD" or "3番" a Latin word or a number begins or ends without a space too.
_SCRIPT_SEAM: Final = re.compile(rf"(?<=[a-z0-9])(?=[{_JOINED}])|(?<=[{_JOINED}])(?=[a-z0-9])")
_SEAM: Final = re.compile(rf"[a-z0-9][{_JOINED}]|[{_JOINED}][a-z0-9]")  # Looked for faster.
_REPEATED: Final = re.compile(r"(.)\1+")
_LATIN_MARKS: Final = re.compile("[\u0300-\u036f]+")
_JOINED_LETTER: Final = re.compile(f"[{_JOINED}]")

_START: Final = itemgetter(0)
_END: Final = itemgetter(1)

T = TypeVar("T")


# Thousands of entries live as long as the process, and some matches as long as a text: neither
# can be part of a cycle, and `gc=False` spares the collector to look at them again and again.
class Entry(msgspec.Struct, frozen=True, order=True, gc=False):
    """One row of a pack: what a phrase of a language says."""

    language: str
    kind: str
    label: str
    weight: float
    phrase: str


class Spelling(msgspec.Struct, eq=False, gc=False):
    """One way in which phrases stand in a matching form, and all that packs say of it."""

    text: str
    entries: tuple[Entry, ...]


class Match(msgspec.Struct, frozen=True, gc=False):
    """An entry found at [start, end) of the matching form."""

    start: int
    end: int
    entry: Entry


class SpellingTable(dict[Spelling, T]):
    """Answers by spelling: asks `rule` about each new one, and remembers those that chats use."""

    def __init__(self, rule: Callable[[Spelling], T]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, spelling: Spelling) -> T:
        answer = self._rule(spelling)
        if len(self) < TABLE_MAX_ENTRIES:
            self[spelling] = answer
        return answer


Span = tuple[int, int, Spelling]  # What stands at [start, end) of a matching form.


def _spread(character: str) -> str:
    """Set words apart from marks and emoji; marks that end a clause stay visible."""
    if character in _ARABIC_FOLDS:
        return _ARABIC_FOLDS[character]
    if _APOSTROPHE.match(character):  # One of them counts as a letter to Unicode.
        return " "
    if "\u064b" <= character <= "\u0652":  # Arabic vowel signs, which few people type.
        return ""
    if character in _CLAUSE_MARKS:
        return f" {CLAUSE_END} "
    category = unicodedata.category(character)
    if category in {"Lm", "Lo", "Ll", "Mn", "Mc", "Nd", "Lu", "Lt", "No", "Nl"}:
        return character
    if category == "Sc" or (category.startswith("S") and ord(character) > 0x2000):  # noqa: PLR2004 - below: ASCII, Latin-1
        return f" {character} "
    return " "


_SPREAD: Final = CharacterTable(_spread)


def matching_form(normalised: str) -> str:
    """Return the text as the matcher reads it: words between single spaces, a space at each end."""
    spread = normalised.translate(_SPREAD)
    if not spread.isascii() and _SEAM.search(spread):
        spread = _SCRIPT_SEAM.sub(" ", spread)
    return f" {' '.join(spread.split())} "


def without_accents(text: str) -> str:
    """Return `text` as typed on a keyboard without accents."""
    plain = text.replace("ı", "i").replace("đ", "d").replace("ø", "o").replace("ß", "ss")
    # Only marks over Latin letters: in Thai or Hindi a mark is a vowel.
    bare = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", plain))
    return unicodedata.normalize("NFC", bare)


def spellings(phrase: str) -> set[str]:
    """Return the ways in which a pack's phrase stands in a matching form.

    >>> sorted(spellings("cuánto*"))
    [' cuanto', ' cuánto']
    """
    core = normalise(phrase.strip(OPEN_END))
    opening = "" if phrase.startswith(OPEN_END) or _joins_words(core) else " "
    closing = "" if phrase.endswith(OPEN_END) or _joins_words(core) else " "
    if core.replace(" ", "").isalnum() and core.isascii():  # Plain words, as most phrases are.
        return {f"{opening}{core}{closing}"}
    variants = {core, _APOSTROPHE.sub("", core)}
    if not core.isascii():
        variants |= {
            typed(variant) for variant in variants for typed in (without_accents, _umlauts)
        }
    middles = (matching_form(variant).strip() for variant in variants)
    return {f"{opening}{middle}{closing}" for middle in middles if middle}


def _umlauts(text: str) -> str:
    return text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")


def _joins_words(phrase: str) -> bool:
    """Tell whether the phrase is of a script that writes no spaces between words."""
    return bool(_JOINED_LETTER.search(phrase))


class PhraseFinder:
    """All phrases as one Aho-Corasick automaton: a text is read once, however many they are."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        owners: dict[str, list[Entry]] = {}  # Of each phrase: many are in several packs.
        for entry in entries:
            owners.setdefault(entry.phrase, []).append(entry)
        spoken: dict[str, list[Entry]] = {}
        for phrase, of_phrase in owners.items():
            for spelling in spellings(phrase):
                spoken.setdefault(spelling, []).extend(of_phrase)
        # "feel" is looked for as "fel" too, in texts without their repeated letters; none says it.
        for spelling in [spelling for spelling in spoken if _REPEATED.search(spelling)]:
            spoken.setdefault(_once(spelling)[0], [])
        self._longest = max(map(len, spoken), default=0)
        self._automaton = Automaton()
        for spelling, found in spoken.items():
            said = tuple(found) if len(found) == 1 else tuple(sorted(set(found)))
            self._automaton.add_word(spelling, Spelling(spelling, said))
        self._automaton.make_automaton()

    def find(self, form: str) -> list[Span]:
        """Return every spelling in a matching form, from left to right, the longest first.

        A letter held down ("cutee", "ขายย") still matches: where no phrase goes on with the
        repeated letter, it is passed over. Never a digit: "cf 11" is not "cf 1".
        """
        if not self._longest:
            return []
        spans = [
            (last + 1 - len(spelling.text), last + 1, spelling)
            for last, spelling in self._automaton.iter(form)
            if spelling.entries
        ]
        spans.reverse()  # They come by their ends, of those that end together the longest first.
        starts = self._starts_held_down(form) if _REPEATED.search(form) else ()
        if starts:
            spans += [span for start in starts for span in self._held_down(form, start)]
            spans.sort(key=_END, reverse=True)
        spans.sort(key=_START)  # Sorts are stable.
        return spans

    def _starts_held_down(self, form: str) -> set[int]:
        """Return where a phrase may begin that is there once repeated letters are left out."""
        single, runs = _once(form)
        if not runs:
            return set()
        starts: set[int] = set()
        for last, spelling in self._automaton.iter(single):
            first = last + 1 - len(spelling.text)
            for place, _ in runs:
                if first <= place <= last:
                    begin = first + sum(more for before, more in runs if before < first)
                    starts.update(range(begin, begin + 1 + dict(runs).get(first, 0)))
                    break
        return starts

    def _held_down(self, form: str, start: int) -> Iterator[Span]:
        """Yield the spans from a start that hold a letter too many."""
        automaton = self._automaton
        reach = automaton.longest_prefix(form[start : start + self._longest])
        read, end = form[start : start + reach], start + reach
        while reach and end < len(form) and form[end] == form[end - 1] and form[end].isalpha():
            while end < len(form) and form[end] == form[end - 1]:
                end += 1
                if (spelling := automaton.get(read, None)) and spelling.entries:
                    yield start, end, spelling
            ahead = read + form[end : end + self._longest]
            reach = automaton.longest_prefix(ahead)
            for length in range(len(read) + 1, reach + 1):
                if (spelling := automaton.get(ahead[:length], None)) and spelling.entries:
                    yield start, end + length - len(read), spelling
            end += reach - len(read)
            read = ahead[:reach]


def _once(form: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a form with each repeated letter once.

    Beside it, for each of these letters, where it stands now and how many are left out.
    """
    pieces, runs = [], []
    begin = left_out = 0
    for run in _REPEATED.finditer(form):
        if run[1].isalpha():
            pieces.append(form[begin : run.start() + 1])
            begin = run.end()
            runs.append((run.start() - left_out, begin - run.start() - 1))
            left_out += begin - run.start() - 1
    return "".join([*pieces, form[begin:]]), runs
