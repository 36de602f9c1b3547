"""What the steps of the chain look at."""

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import CODE_POINTS, begins_of, code_points, place_at
from resonance.sentiment.columns import Places, spread
from resonance.sentiment.comments import Comments
from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.language.scripts import main_scripts
from resonance.sentiment.language.shared import all_telling
from resonance.sentiment.pack import LANGUAGES, phrases
from resonance.sentiment.sayings import KIND, LANGUAGE, sayings

PHRASE_WEIGHT: Final = 0.6  # Of a phrase that is in a pack for what it means.
LETTER_WEIGHT: Final = 1.0

# Letters that, among ours, one Latin language alone writes.
LETTERS: Final = {
    **dict.fromkeys("ğşı", LANGUAGE["tr"]),
    **dict.fromkeys("ơưđăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", LANGUAGE["vi"]),
    **dict.fromkeys("ñ", LANGUAGE["es"]),
    **dict.fromkeys("ãõ", LANGUAGE["pt"]),
    **dict.fromkeys("œûëîùÿ", LANGUAGE["fr"]),
    **dict.fromkeys("äß", LANGUAGE["de"]),
    **dict.fromkeys("ìò", LANGUAGE["it"]),
}


class Stream(msgspec.Struct, frozen=True, gc=False):
    """What is known of where a comment was written."""

    languages: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()  # ISO 3166-1.


class Votes(NamedTuple):
    """How much words speak for languages, vote by vote."""

    voters: Places  # Comments of a batch, or spellings.
    languages: Places  # Places in `LANGUAGES`.
    amounts: NDArray[np.float64]


class Evidence:
    """A batch of comments and their streams; what several steps ask is found out once."""

    def __init__(self, comments: Comments, streams: Sequence[Stream], detector: Detector) -> None:
        self.comments = comments
        self.streams = streams
        self.detector = detector
        self._telling: dict[int, str] = {}

    def telling(self, places: Sequence[int]) -> list[str]:
        """Return the words of the comments at these places that could tell their languages."""
        new = [place for place in places if place not in self._telling]
        words = all_telling([self.comments.texts[place] for place in new])
        self._telling |= zip(new, words, strict=True)
        return [self._telling[place] for place in places]

    @cached_property
    def scripts(self) -> list[str | None]:
        """The script that decides about each comment."""
        return main_scripts(self.comments.texts)

    @cached_property
    def votes(self) -> Votes:
        """What the known words and letters of each comment say."""
        spans = self.comments.spans
        firsts, of_spellings = _votes_of_spellings()
        of, places = spread(firsts, spans.spellings)
        rows, columns = _votes_of_letters(self.comments.texts)
        return Votes(
            np.concatenate([spans.forms[of], rows]),
            np.concatenate([of_spellings.languages[places], columns]),
            np.concatenate([of_spellings.amounts[places], np.full(len(rows), LETTER_WEIGHT)]),
        )

    @cached_property
    def have_votes(self) -> list[bool]:
        """Whether any word or letter of each comment speaks for a language."""
        counts = np.bincount(self.votes.voters, minlength=len(self.comments))
        have: list[bool] = (counts > 0).tolist()
        return have

    @cached_property
    def sums_of_votes(self) -> NDArray[np.float64]:
        """What the votes add up to [comments, languages], in the order of `LANGUAGES`."""
        shape = len(self.comments), len(LANGUAGES)
        places = self.votes.voters * len(LANGUAGES) + self.votes.languages
        sums = np.bincount(places, self.votes.amounts, shape[0] * shape[1])
        return sums.astype(np.float64).reshape(shape)


def _votes_of_letters(texts: Sequence[str]) -> tuple[Places, Places]:
    """Return the texts that letters of one language stand in, and the languages: each letter once.

    Both by their places, the languages' in `LANGUAGES`.
    """
    codes = code_points("\n".join(texts))
    found = np.flatnonzero(_are_of_one_language().take(codes))
    letters = set(
        zip(place_at(begins_of(texts), found).tolist(), codes[found].tolist(), strict=True)
    )
    votes = [(row, LETTERS[chr(letter)]) for row, letter in letters]
    rows, languages = np.array(votes, np.int64).reshape(-1, 2).T
    return rows, languages


@cache
def _are_of_one_language() -> NDArray[np.bool_]:
    """Tell `LETTERS` from all else, by code point."""
    are_of_one = np.zeros(CODE_POINTS, np.bool_)
    are_of_one[[ord(letter) for letter in LETTERS]] = True
    return are_of_one


@cache
def _votes_of_spellings() -> tuple[Places, Votes]:
    """Return how much each phrase speaks for each language that has it, and where its votes begin.

    It counts for the words it covers, and is shared among the languages.
    """
    said, texts = sayings(), phrases().spellings.texts
    voters = np.repeat(np.arange(len(texts)), np.diff(said.firsts))
    weights = np.where(said.kinds == KIND["marker"], said.weights, PHRASE_WEIGHT)
    # Word parts coincide across languages: only whole words speak.
    are_spaces = code_points("\n".join([*texts, ""])) == ord(" ")
    begins = begins_of(texts)
    begin, end = are_spaces[begins], are_spaces[np.append(begins[1:], len(are_spaces)) - 2]
    is_whole = (begin & end)[voters]
    words = np.add.reduceat(are_spaces.astype(np.int64), begins) - begin
    pairs = (voters * len(LANGUAGES) + said.languages)[is_whole]
    order = np.argsort(pairs, kind="stable")
    pairs, firsts = np.unique(pairs[order], return_index=True)
    strongest = np.maximum.reduceat(weights[is_whole][order], firsts)  # Of several entries.
    voters, languages = np.divmod(pairs, len(LANGUAGES))
    counts = np.bincount(voters, minlength=len(texts))
    amounts = strongest * words[voters] / counts[voters]
    return np.cumsum([0, *counts]), Votes(voters, languages, amounts)
