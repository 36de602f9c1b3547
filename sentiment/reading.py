"""A comment with what was found in it: the matches that count, emoji, laughter, numbers."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from resonance.sentiment.laughter import laughs
from resonance.sentiment.matching import CLAUSE_END, Match
from resonance.sentiment.pack import LANGUAGES, emoji_valences
from resonance.sentiment.vocabulary import UNDETERMINED

NEGATION_REACH_WORDS: Final = 2  # "not that good" turns, "not now but it is good" does not.
NEGATION_REACH_CHARACTERS: Final = 3  # Where words stand without spaces.
MATCHES_MAX: Final = 200  # More than a thousand characters of sense hold; negation compares pairs.
EMOJI_COUNTED_MAX: Final = 5  # A row of hearts is one opinion, loudly.

# Chat in these languages borrows freely from each other.
_NEIGHBOURS: Final = {"ms": ("id",), "id": ("ms",)}

_URL: Final = re.compile(r"https?://|www\.|\.com\b|t\.me/|wa\.me/")


class Reading(NamedTuple):
    """What the rules look at."""

    normalised: str
    form: str  # The matching form: words between single spaces.
    language: str
    matches: tuple[Match, ...]  # Of the packs that speak for the language; longest of a kind.
    emoji: tuple[float, ...]  # The valences of the emoji, each emoji once.
    laughs: bool
    has_words: bool  # Letters or digits beside emoji and punctuation.
    has_url: bool

    @classmethod
    def of(cls, normalised: str, form: str, matches: tuple[Match, ...], language: str) -> "Reading":
        """Return what was found, for a language that is already known."""
        packs = LANGUAGES
        if language != UNDETERMINED:
            packs = (language, "en", *_NEIGHBOURS.get(language, ()))
        valences = emoji_valences()
        emoji = [valences[c] for c in dict.fromkeys(normalised) if c in valences]
        return cls(
            normalised=normalised,
            form=form,
            language=language,
            matches=_longest(match for match in matches if match.entry.language in packs),
            emoji=tuple(emoji[:EMOJI_COUNTED_MAX]),
            laughs=laughs(normalised, language),
            has_words=any(map(str.isalnum, normalised)),
            has_url=bool(_URL.search(normalised)),
        )

    def of_kind(self, kind: str) -> list[Match]:
        """Return the matches of one kind, from left to right."""
        return [match for match in self.matches if match.entry.kind == kind]

    def words(self, match: Match) -> str:
        """Return what stands in the text where the match is."""
        return self.form[match.start : match.end].strip()

    def is_negated(self, match: Match) -> bool:
        """Tell whether a negator stands shortly before the match, in the same clause."""
        return any(self._reaches(negator, match) for negator in self.of_kind("negator"))

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


def _longest(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Drop each match that lies within a longer one of its kind: "not bad" is no "bad"."""
    widest: dict[str, tuple[int, int]] = {}  # Of each kind: the kept span that ends last.
    kept: list[Match] = []
    for match in sorted(set(matches), key=lambda m: (m.start, -m.end, m.entry)):
        span = match.start, match.end
        kind = match.entry.kind
        if kind not in widest or widest[kind][1] < match.end or widest[kind] == span:
            widest[kind] = span
            kept.append(match)
    return tuple(kept[:MATCHES_MAX])
