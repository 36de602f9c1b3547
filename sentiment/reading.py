"""A comment with what was found in it: the matches that count, emoji, laughter, numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec

from resonance.sentiment.laughter import laughs
from resonance.sentiment.matching import CLAUSE_END, Entry, Match, Span, Spelling, SpellingTable
from resonance.sentiment.pack import LANGUAGES, emoji_valences
from resonance.sentiment.vocabulary import UNDETERMINED

NEGATION_REACH_WORDS: Final = 2  # "not that good" turns, "not now but it is good" does not.
NEGATION_REACH_CHARACTERS: Final = 3  # Where words stand without spaces.
MATCHES_MAX: Final = 200  # More than a thousand characters of sense hold; negation compares pairs.
EMOJI_COUNTED_MAX: Final = 5  # A row of hearts is one opinion, loudly.

# Chat in these languages borrows freely from each other.
_NEIGHBOURS: Final = {"ms": ("id",), "id": ("ms",)}

_QUESTION_MARK: Final = re.compile("[?？؟¿]")
_URL: Final = re.compile(r"https?://|www\.|\.com\b|t\.me/|wa\.me/")


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What the rules look at."""

    normalised: str
    form: str  # The matching form: words between single spaces.
    language: str
    # Matches of the packs that speak for the language, the longest of a kind; only kinds with any.
    by_kind: Mapping[str, Sequence[Match]]
    emoji: tuple[float, ...]  # The valences of the emoji, each emoji once.
    laughs: bool
    has_words: bool  # Letters or digits beside emoji and punctuation.
    has_question_mark: bool
    has_url: bool

    @classmethod
    def of(cls, normalised: str, form: str, spans: Sequence[Span], language: str) -> "Reading":
        """Return what was found, for a language that is already known.

        `spans` are all that stand in the form, in the order of `PhraseFinder.find`.
        """
        return cls(
            normalised=normalised,
            form=form,
            language=language,
            by_kind=_longest(spans, _said_in(language)),
            emoji=_emoji(normalised),
            laughs=laughs(normalised, language),
            has_words=any(map(str.isalnum, normalised)),
            has_question_mark=bool(_QUESTION_MARK.search(normalised)),
            has_url=bool(_URL.search(normalised)),
        )

    def of_kind(self, kind: str) -> Sequence[Match]:
        """Return the matches of one kind, from left to right."""
        return self.by_kind.get(kind, ())

    def words(self, match: Match) -> str:
        """Return what stands in the text where the match is."""
        return self.form[match.start : match.end].strip()

    def is_negated(self, match: Match) -> bool:
        """Tell whether a negator stands shortly before the match, in the same clause."""
        negators = self.by_kind.get("negator")
        if not negators:
            return False
        return any(self._reaches(negator, match) for negator in negators)

    def _reaches(self, negator: Match, match: Match) -> bool:
        spaced = self.form[negator.end - 1] == " "
        end = negator.end - 1 if spaced else negator.end  # Words share the space between them.
        between = self.form[end : match.start].strip()
        if end > match.start or CLAUSE_END in between:
            return False
        if spaced:
            return len(between.split()) <= NEGATION_REACH_WORDS
        # Chinese asks by a verb on both sides of the negator, as in 有没有 or 会不会.
        if self.form[negator.start - 1] == self.form[end]:
            return False
        return len(between) <= NEGATION_REACH_CHARACTERS


@cache  # Of what the language detectors know: a few dozen.
def _said_in(language: str) -> SpellingTable[tuple[Entry, ...]]:
    """Return what spellings say in a language: the entries of the packs that speak for it."""
    packs = {language, "en", *_NEIGHBOURS.get(language, ())}
    if language == UNDETERMINED:
        packs = set(LANGUAGES)
    return SpellingTable(
        lambda spelling: tuple([said for said in spelling.entries if said.language in packs])
    )


def _emoji(normalised: str) -> tuple[float, ...]:
    valences = emoji_valences()
    if normalised.isascii() or valences.keys().isdisjoint(normalised):
        return ()
    found = [valences[c] for c in dict.fromkeys(normalised) if c in valences]
    return tuple(found[:EMOJI_COUNTED_MAX])


def _longest(
    spans: Iterable[Span], said: Mapping[Spelling, tuple[Entry, ...]]
) -> dict[str, list[Match]]:
    """Return the matches of what is said, by kind, without what a longer one covers.

    In "not bad" there is no "bad", as far as both are of one kind.
    """
    by_kind: dict[str, list[Match]] = {}
    left = MATCHES_MAX
    for start, end, spelling in spans:
        for entry in said[spelling]:
            of_kind = by_kind.get(entry.kind)
            if of_kind is None:
                by_kind[entry.kind] = [Match(start, end, entry)]
            else:
                widest = of_kind[-1]  # As the longest come first, the last kept reaches furthest.
                if end < widest.end or (end == widest.end and start > widest.start):
                    continue
                of_kind.append(Match(start, end, entry))
            left -= 1
            if not left:
                return by_kind
    return by_kind
