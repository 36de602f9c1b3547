"""All that the packs say, as columns: what arithmetic over whole batches looks up."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.columns import Entries, Meaning, Places
from resonance.sentiment.pack import KINDS, LANGUAGES, PLACES, phrases
from resonance.sentiment.vocabulary import FRICTION_CATEGORIES, SIGNALS, TOPICS

KIND_NAMES: Final = tuple(dict.fromkeys([*KINDS, *[kind for kind, _ in PLACES.values()]]))
KIND: Final = {name: place for place, name in enumerate(KIND_NAMES)}
LABELS: Final = (*SIGNALS, *TOPICS, *FRICTION_CATEGORIES)  # No two are alike.
LABEL: Final[dict[str, int]] = {name: place for place, name in enumerate(LABELS)}
NO_LABEL: Final = -1  # Of kinds whose entries have none of these.
LANGUAGE: Final = {name: place for place, name in enumerate(LANGUAGES)}


class Sayings(NamedTuple):
    """The entries of all spellings, spelling after spelling: columns of equal length."""

    firsts: Places  # A spelling's entries are [firsts[spelling], firsts[spelling + 1]).
    entries: Entries
    languages: NDArray[np.int64]  # Places in `LANGUAGES`, `KIND_NAMES`, `LABELS`.
    kinds: NDArray[np.int64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]


def meaning_at(place: int) -> Meaning:
    """Return what one entry of `sayings()` says."""
    return sayings().entries.meaning(place)


@cache
def sayings() -> Sayings:
    """Return what the packs say, in the order of `phrases().spellings`."""
    spellings = phrases().spellings
    entries = spellings.entries
    meanings, of = entries.meanings, entries.meaning_of
    return Sayings(
        firsts=spellings.firsts,
        entries=entries,
        languages=np.array([LANGUAGE[meaning.language] for meaning in meanings])[of],
        kinds=np.array([KIND[meaning.kind] for meaning in meanings])[of],
        labels=np.array([LABEL.get(meaning.label, NO_LABEL) for meaning in meanings])[of],
        weights=np.array([meaning.weight for meaning in meanings])[of],
    )
