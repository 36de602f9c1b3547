"""All that the packs say, as columns: what arithmetic over whole batches looks up."""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.finding import Places
from resonance.sentiment.matching import Entry
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
    entries: Sequence[Entry]
    languages: NDArray[np.int64]  # Places in `LANGUAGES`, `KIND_NAMES`, `LABELS`.
    kinds: NDArray[np.int64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]


@cache
def sayings() -> Sayings:
    """Return what the packs say, in the order of `phrases().spellings`."""
    spellings = phrases().spellings
    entries = tuple(chain.from_iterable(spelling.entries for spelling in spellings))
    counts = [len(spelling.entries) for spelling in spellings]
    return Sayings(
        firsts=np.cumsum([0, *counts]),
        entries=entries,
        languages=np.array([LANGUAGE[entry.language] for entry in entries]),
        kinds=np.array([KIND[entry.kind] for entry in entries]),
        labels=np.array([LABEL.get(entry.label, NO_LABEL) for entry in entries]),
        weights=np.array([entry.weight for entry in entries]),
    )


def spread(firsts: Places, items: Places) -> tuple[Places, Places]:
    """Return every place from `firsts[item]` to before `firsts[item + 1]`, item after item.

    Beside each, the index of its item.
    """
    counts = firsts[items + 1] - firsts[items]
    of = np.repeat(np.arange(len(items)), counts)
    before = np.cumsum(counts) - counts
    return of, np.arange(len(of)) + (firsts[items] - before)[of]
