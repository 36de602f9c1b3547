"""What packs say, as columns: of a hundred thousand rows few are ever looked at one by one."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.matching import Entry, Spelling
from resonance.sentiment.spelling import all_spellings

Places = NDArray[np.int64]

T = TypeVar("T", bound=Hashable)


class Meaning(NamedTuple):
    """What a row says, whatever its phrase: thousands of rows say the same."""

    language: str
    kind: str
    label: str
    weight: float


class Entries:
    """Entries as columns; one is made where it is asked for."""

    def __init__(
        self,
        meanings: Sequence[Meaning],
        phrases: Sequence[str],
        meaning_of: Places,
        phrase_of: Places,
    ) -> None:
        """Take what there is, and for each entry the places of its meaning and its phrase."""
        self.meanings: Final = meanings
        self.phrases: Final = phrases
        self.meaning_of: Final = meaning_of
        self.phrase_of: Final = phrase_of
        # Of an array, a single number is read slowly.
        self._meaning_at: Final = memoryview(meaning_of.data)
        self._phrase_at: Final = memoryview(phrase_of.data)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Entries":
        """Return entries as columns."""
        rows = list(entries)
        meanings = [Meaning(row.language, row.kind, row.label, row.weight) for row in rows]
        places = np.arange(len(rows))
        return cls(meanings, [row.phrase for row in rows], places, places)

    @classmethod
    def joined(cls, parts: Iterable["Entries"]) -> "Entries":
        """Return the entries of all parts, part after part."""
        meanings: list[Meaning] = []
        phrases: list[str] = []
        meaning_of, phrase_of = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for part in parts:
            meaning_of.append(part.meaning_of + len(meanings))
            phrase_of.append(part.phrase_of + len(phrases))
            meanings += part.meanings
            phrases += part.phrases
        return cls(meanings, phrases, np.concatenate(meaning_of), np.concatenate(phrase_of))

    def __len__(self) -> int:
        return len(self.meaning_of)

    def __getitem__(self, place: int) -> Entry:
        """Return one entry; raises `IndexError` where there is none."""
        language, kind, label, weight = self.meanings[self._meaning_at[place]]
        return Entry(language, kind, label, weight, self.phrases[self._phrase_at[place]])

    def __iter__(self) -> Iterator[Entry]:
        return map(self.__getitem__, range(len(self)))

    def meaning(self, place: int) -> Meaning:
        """Return what one entry says, whatever its phrase."""
        return self.meanings[self._meaning_at[place]]


class Spellings:
    """The spellings of all phrases, each of them once, and the entries of each."""

    def __init__(self, texts: Sequence[str], firsts: Places, entries: Entries) -> None:
        """Take columns; the entries of a spelling are [firsts[spelling], firsts[spelling + 1])."""
        self.texts: Final = texts
        self.firsts: Final = firsts
        self.entries: Final = entries

    @classmethod
    def of(cls, entries: Entries) -> "Spellings":
        """Return how the phrases of entries are spelt; a spelling's entries are in order."""
        phrases, phrase_of = once(entries.phrases)
        found, owners = all_spellings(phrases)
        texts, spelt = once(found)
        # Every row stands under every spelling of its phrase.
        of_rows = phrase_of[entries.phrase_of]
        by_phrase = np.argsort(of_rows, kind="stable")
        firsts = np.searchsorted(of_rows[by_phrase], np.arange(len(phrases) + 1))
        of, places = spread(firsts, owners)
        rows = by_phrase[places]
        meanings, meaning_of = _in_order(entries.meanings)
        order = _order(phrases, owners[np.bincount(spelt)[spelt] > 1])
        # One number tells a row's spelling, meaning and phrase: those of equal rows are equal.
        numbers = spelt[of] * len(meanings) + meaning_of[entries.meaning_of[rows]]
        numbers = numbers * len(phrases) + np.argsort(order)[of_rows[rows]]
        numbers.sort()
        numbers = numbers[np.diff(numbers, prepend=-1) > 0]
        rest, phrase = np.divmod(numbers, max(1, len(phrases)))
        spelling, meaning = np.divmod(rest, max(1, len(meanings)))
        firsts = np.searchsorted(spelling, np.arange(len(texts) + 1))
        return cls(texts, firsts, Entries(meanings, phrases, meaning, order[phrase]))

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, place: int) -> Spelling:
        """Return one spelling with its entries; raises `IndexError` where there is none."""
        text = self.texts[place]
        first, end = self.firsts[place], self.firsts[place + 1]
        return Spelling(text, tuple(self.entries[entry] for entry in range(first, end)))

    def __iter__(self) -> Iterator[Spelling]:
        return map(self.__getitem__, range(len(self)))


def once(items: Sequence[T]) -> tuple[list[T], Places]:
    """Return the items, each once, and the place of each of those given among them."""
    found = list(dict.fromkeys(items))
    places = dict(zip(found, range(len(found)), strict=True))
    return found, np.fromiter(map(places.__getitem__, items), np.int64, len(items))


def spread(firsts: Places, items: Places) -> tuple[Places, Places]:
    """Return every place from `firsts[item]` to before `firsts[item + 1]`, item after item.

    Beside each, the index of its item.
    """
    counts = firsts[items + 1] - firsts[items]
    of = np.repeat(np.arange(len(items)), counts)
    before = np.cumsum(counts) - counts
    return of, np.arange(len(of)) + (firsts[items] - before)[of]


def _in_order(meanings: Sequence[Meaning]) -> tuple[list[Meaning], Places]:
    """Return the meanings in order, each once, and the place of each of those given among them."""
    ordered = sorted(set(meanings))
    places = {meaning: place for place, meaning in enumerate(ordered)}
    return ordered, np.array([places[meaning] for meaning in meanings], np.int64)


def _order(phrases: Sequence[str], which: Places) -> Places:
    """Return the places of all phrases: first of those asked for, in order, then of the others."""
    is_asked = np.zeros(len(phrases), np.bool_)
    is_asked[which] = True
    asked = sorted(np.flatnonzero(is_asked).tolist(), key=phrases.__getitem__)
    return np.concatenate([np.array(asked, np.int64), np.flatnonzero(~is_asked)])
