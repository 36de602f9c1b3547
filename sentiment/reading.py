"""A comment with what was found in it: the matches that count, emoji, laughter, numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from resonance.sentiment.laughter import laughs
from resonance.sentiment.matching import CLAUSE_END, Entry, Match, Span, Spelling
from resonance.sentiment.pack import LANGUAGES, emoji_valences
from resonance.sentiment.vocabulary import UNDETERMINED

NEGATION_REACH_WORDS: Final = 2  # "not that good" turns, "not now but it is good" does not.
NEGATION_REACH_CHARACTERS: Final = 3  # Where words stand without spaces.
MATCHES_MAX: Final = 200  # More than a thousand characters of sense hold; negation compares pairs.
EMOJI_COUNTED_MAX: Final = 5  # A row of hearts is one opinion, loudly.
SPELLINGS_REMEMBERED: Final = 32_768  # What a spelling says in a language: those that chats use.

# Chat in these languages borrows freely from each other.
_NEIGHBOURS: Final = {"ms": ("id",), "id": ("ms",)}

_QUESTION_MARK: Final = re.compile("[?？؟¿]")
_URL: Final = re.compile(r"https?://|www\.|\.com\b|t\.me/|wa\.me/")


class Reading(NamedTuple):
    """What the rules look at."""

    normalised: str
    form: str  # The matching form: words between single spaces.
    language: str
    matches: tuple[Match, ...]  # Of the packs that speak for the language; longest of a kind.
    by_kind: Mapping[str, Sequence[Match]]  # The same matches; kinds without any are missing.
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
        kept, by_kind = _longest(spans, _packs_for(language))
        return cls(
            normalised=normalised,
            form=form,
            language=language,
            matches=tuple(kept),
            by_kind=by_kind,
            emoji=() if normalised.isascii() else _emoji(normalised),
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


@cache  # Of what the language detectors know: a few dozen.
def _packs_for(language: str) -> frozenset[str]:
    if language == UNDETERMINED:
        return frozenset(LANGUAGES)
    return frozenset((language, "en", *_NEIGHBOURS.get(language, ())))


def _emoji(normalised: str) -> tuple[float, ...]:
    found = dict.fromkeys(_one_emoji().findall(normalised))
    return tuple([emoji_valences()[emoji] for emoji in found][:EMOJI_COUNTED_MAX])


@cache
def _one_emoji() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(re.escape, emoji_valences()))}]")


def _longest(
    spans: Iterable[Span], packs: frozenset[str]
) -> tuple[list[Match], dict[str, list[Match]]]:
    """Return the matches of some packs, all and by kind, without what a longer one covers.

    In "not bad" there is no "bad", as far as both are of one kind.
    """
    kept: list[Match] = []
    by_kind: dict[str, list[Match]] = {}
    for start, end, spelling in spans:
        for entry in _said(spelling, packs):
            of_kind = by_kind.get(entry.kind)
            if of_kind is None:
                of_kind = by_kind[entry.kind] = []
            else:
                widest = of_kind[-1]  # As the longest come first, the last kept reaches furthest.
                if end < widest.end or (end == widest.end and start > widest.start):
                    continue
            match = Match(start, end, entry)
            of_kind.append(match)
            kept.append(match)
            if len(kept) == MATCHES_MAX:
                return kept, by_kind
    return kept, by_kind


@lru_cache(maxsize=SPELLINGS_REMEMBERED)
def _said(spelling: Spelling, packs: frozenset[str]) -> tuple[Entry, ...]:
    return tuple([entry for entry in spelling.entries if entry.language in packs])
