"""Comments with what was found in them: the matches that count, emoji, laughter, numbers."""

import re
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.columns import Meaning, Places, spread
from resonance.sentiment.comments import (
    EMOJI,
    LETTER_OR_DIGIT,
    LINK_MARK,
    QUESTION_MARK,
    Comments,
)
from resonance.sentiment.finding import Spans
from resonance.sentiment.laughter import is_meant
from resonance.sentiment.matching import CLAUSE_END, JOINED_LETTER
from resonance.sentiment.pack import LANGUAGES, emoji_valences
from resonance.sentiment.sayings import KIND, KIND_NAMES, meaning_at, sayings
from resonance.sentiment.vocabulary import UNDETERMINED

NEGATION_REACH_WORDS: Final = 2  # "not that good" turns, "not now but it is good" does not.
NEGATION_REACH_CHARACTERS: Final = 3  # Where words stand without spaces.
MATCHES_MAX: Final = 200  # More than a thousand characters of sense hold; negation compares pairs.
EMOJI_COUNTED_MAX: Final = 5  # A row of hearts is one opinion, loudly.

# Chat in these languages borrows freely from each other.
_NEIGHBOURS: Final = {"ms": ("id",), "id": ("ms",)}

_URL: Final = re.compile(r"https?://|www\.|\.com\b|t\.me/|wa\.me/")


class Matches(NamedTuple):
    """What packs say in a batch: columns, comment by comment, kind by kind, from left to right."""

    comments: Places
    kinds: Places  # Places in `KIND_NAMES`.
    starts: Places  # Of [start, end) in the comment's matching form.
    ends: Places
    entries: Places  # Places in `sayings()`, which knows label and weight.

    def at(self, which: NDArray[np.bool_] | Places) -> "Matches":
        """Return some of them, by their places or by what is told of each."""
        return Matches(*[column[which] for column in self])


class Valences(NamedTuple):
    """Opinions of a batch: how good or bad they are, and whose."""

    comments: Places
    amounts: NDArray[np.float64]


Said = tuple[int, int, int, int]  # The columns of `Matches` but the first.


class Match(msgspec.Struct, frozen=True, gc=False):
    """What is said at [start, end) of the matching form."""

    start: int
    end: int
    meaning: Meaning


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What the rules look at in one comment."""

    normalised: str
    form: str  # The matching form: words between single spaces.
    said: Sequence[Said]  # Kind by kind.

    def of_kind(self, kind: str) -> list[Match]:
        """Return the matches of one kind, from left to right."""
        asked = KIND[kind]
        return [
            Match(start, end, meaning_at(entry))
            for number, start, end, entry in self.said
            if number == asked
        ]

    def words(self, match: Match) -> str:
        """Return what stands in the text where the match is."""
        return self.form[match.start : match.end].strip()

    def is_negated(self, start: int) -> bool:
        """Tell whether a negator stands shortly before what starts there, in the same clause."""
        return any(self._reaches(negator, start) for negator in self.of_kind("negator"))

    def _reaches(self, negator: Match, start: int) -> bool:
        spaced = self.form[negator.end - 1] == " "
        end = negator.end - 1 if spaced else negator.end  # Words share the space between them.
        between = self.form[end:start].strip()
        if end > start or CLAUSE_END in between:
            return False
        if spaced:
            return len(between.split()) <= NEGATION_REACH_WORDS
        # Chinese asks by a verb on both sides of the negator, as in 有没有 or 会不会.
        if self.form[negator.start - 1] == self.form[end]:
            return False
        return len(between) <= NEGATION_REACH_CHARACTERS


class Readings:
    """A batch of comments whose languages are known, and what the rules look at in them."""

    def __init__(self, comments: Comments, languages: Sequence[str]) -> None:
        self.comments = comments
        self.languages = languages
        # Matches of the packs that speak for the language, the longest of a kind.
        self.matches = _longest(comments.spans, languages)
        self._firsts = np.searchsorted(self.matches.comments, np.arange(len(comments) + 1)).tolist()
        self._made: dict[int, Reading] = {}

    def __len__(self) -> int:
        return len(self.comments)

    def __getitem__(self, place: int) -> Reading:
        """Return what is to be seen of one comment."""
        reading = self._made.get(place)
        if reading is None:
            texts, forms = self.comments.texts, self.comments.forms
            said = self._said[self._firsts[place] : self._firsts[place + 1]]
            reading = self._made[place] = Reading(texts[place], forms[place], said)
        return reading

    @cached_property
    def _said(self) -> list[Said]:
        return list(zip(*[column.tolist() for column in self.matches[1:]], strict=True))

    def of_kind(self, kind: str) -> Matches:
        """Return the matches of one kind."""
        return self.matches.at(self.matches.kinds == KIND[kind])

    def have_kind(self, kind: str) -> NDArray[np.bool_]:
        """Tell of each comment whether there is a match of the kind."""
        have = np.zeros(len(self), np.bool_)
        have[self.matches.comments[self.matches.kinds == KIND[kind]]] = True
        return have

    @cached_property
    def are_negated(self) -> NDArray[np.bool_]:
        """Whether each match of a valence is negated."""
        valences = self.of_kind("valence")
        negated = np.zeros(len(valences.comments), np.bool_)
        for place in np.flatnonzero(self.have_kind("negator")[valences.comments]).tolist():
            reading = self[int(valences.comments[place])]
            negated[place] = reading.is_negated(int(valences.starts[place]))
        return negated

    @cached_property
    def emoji(self) -> Valences:
        """The valences of the emoji, each emoji once in a comment."""
        known = emoji_valences()
        found = []
        for place in np.flatnonzero(self.comments.hold(EMOJI)).tolist():
            valences = [known[c] for c in dict.fromkeys(self.comments.texts[place]) if c in known]
            found += [(place, valence) for valence in valences[:EMOJI_COUNTED_MAX]]
        places, amounts = np.array(found, np.float64).reshape(-1, 2).T
        return Valences(places.astype(np.int64), amounts)

    @cached_property
    def laugh(self) -> NDArray[np.bool_]:
        """Whether each comment laughs."""
        laugh = self.comments.hold_laughter.copy()
        for place in np.flatnonzero(laugh).tolist():
            laugh[place] = is_meant(self.comments.texts[place], self.languages[place])
        return laugh

    @cached_property
    def have_words(self) -> NDArray[np.bool_]:
        """Whether there are letters or digits beside emoji and punctuation."""
        return self.comments.hold(LETTER_OR_DIGIT)

    @cached_property
    def are_names_or_numbers(self) -> NDArray[np.bool_]:
        """Whether each comment is one word that no phrase of any language knows, or numbers alone.

        Such are names, the code words of raffles, votes, and numbers that stand for words ("520").
        """
        forms, texts = self.comments.forms, self.comments.texts
        are_known = np.zeros(len(self), np.bool_)
        are_known[self.comments.spans.forms] = True
        unknown = np.zeros(len(self), np.bool_)
        for place in np.flatnonzero(~are_known).tolist():
            word = forms[place].strip()  # Where words stand without spaces, it may be a sentence.
            is_name = word.isalpha() and not JOINED_LETTER.search(word)
            unknown[place] = is_name or texts[place].replace(" ", "").isdecimal()
        return unknown

    @cached_property
    def have_question_mark(self) -> NDArray[np.bool_]:
        """Whether each comment has a question mark of any script."""
        return self.comments.hold(QUESTION_MARK)

    @cached_property
    def have_url(self) -> NDArray[np.bool_]:
        """Whether each comment has an address of the web in it."""
        have = self.comments.hold(LINK_MARK)
        for place in np.flatnonzero(have).tolist():
            have[place] = _URL.search(self.comments.texts[place]) is not None
        return have


@cache  # Of what the language detectors know: a few dozen.
def _speak_for(language: str) -> NDArray[np.bool_]:
    """Tell of each pack whether it speaks for a language."""
    packs = {language, "en", *_NEIGHBOURS.get(language, ())}
    if language == UNDETERMINED:
        packs = set(LANGUAGES)
    return np.array([pack in packs for pack in LANGUAGES])


def _longest(spans: Spans, languages: Sequence[str]) -> Matches:
    """Return the matches of what is said in each comment's language, without what a longer covers.

    In "not bad" there is no "bad", as far as both are of one kind.
    """
    if not len(languages):
        return Matches(*np.zeros((5, 0), np.int64))
    said = sayings()
    of, entries = spread(said.firsts, spans.spellings)
    known = {language: row for row, language in enumerate(dict.fromkeys(languages))}
    speak = np.stack([_speak_for(language) for language in known])
    tongues = np.array([known[language] for language in languages])
    is_said = speak[tongues[spans.forms[of]], said.languages[entries]]
    of, entries = of[is_said], entries[is_said]
    found = Matches(spans.forms[of], said.kinds[entries], spans.starts[of], spans.ends[of], entries)
    order = np.argsort(found.comments * len(KIND_NAMES) + found.kinds, kind="stable")
    by_kind = found.at(order)
    # What begins earlier, or there and is longer, stands before: of these the furthest reaches
    # as far as all of them.
    width = int(found.ends.max(initial=0)) + 1
    groups = by_kind.comments * len(KIND_NAMES) + by_kind.kinds
    reach = (groups * width + by_kind.ends) * width - by_kind.starts
    is_kept = np.zeros(len(order), np.bool_)
    is_kept[order] = reach == np.maximum.accumulate(reach)
    counts = np.cumsum(is_kept)
    before = np.concatenate([[0], counts])[np.searchsorted(found.comments, found.comments)]
    is_kept &= counts - before <= MATCHES_MAX
    is_kept &= found.kinds != KIND["marker"]  # A marker tells the language, and that is known.
    return by_kind.at(is_kept[order])
