"""Statistics, known words and the stream's audience, weighed as one probability."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.language.evidence import Evidence, Stream
from resonance.sentiment.language.markets import languages_of
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.vocabulary import UNDETERMINED

FLOOR: Final = 0.5  # Below, a comment is of no language that we could stand by.
KNOWN_FLOOR: Final = 0.3  # Enough when the stream's languages are known: few can be meant.
MARKET_FLOOR: Final = 0.4  # Enough when the stream's market speaks the language.
WORD_WEIGHT: Final = 1.5  # Natural logarithms that a word of one language alone is worth.
MARKET_PRIOR: Final = 8.0  # How much likelier a language of the stream's markets is.
FOREIGN_PRIOR: Final = 0.02  # Languages without a pack exist, but few viewers write them.
EXCLUDED: Final = -1e9

# Scripts that several languages write: the last of the steps chooses among these. Latin is every
# language's that no other script claims, and Arabic's and Hindi's on a foreign keyboard.
SHARED_SCRIPTS: Final = {
    "arabic": ("ar", "fa", "ur"),
    "cyrillic": ("ru", "uk", "bg", "kk"),
}
_NEVER_LATIN: Final = frozenset(
    language for group in SHARED_SCRIPTS.values() for language in group if language != "ar"
) | {"ja", "ko", "th", "zh"}


def weigh_all(
    evidence: Evidence, places: Sequence[int], likelihoods: NDArray[np.float32]
) -> list[str]:
    """Return the likeliest language of the comments at these places, or "und" below the floor.

    `likelihoods` are natural logarithms [places, languages of the detector].
    """
    if not places:
        return []
    known = evidence.detector.languages
    scripts = [evidence.scripts[place] or "" for place in places]
    streams = [evidence.streams[place] for place in places]
    priors = _log_priors(streams, scripts, known)
    logits = likelihoods + priors + _words(evidence.sums_of_votes[places], known)
    best = logits.argmax(axis=1)
    rows = np.arange(len(best))
    sure = 1 / np.exp(logits - logits[rows, best, None]).sum(axis=1)
    is_lost = (priors[rows, best] <= EXCLUDED) | (np.ptp(likelihoods, axis=1) == 0)
    return [
        UNDETERMINED if lost else _above_the_floor(known[column], probability, stream, script)
        for column, probability, lost, stream, script in zip(
            best.tolist(), sure.tolist(), is_lost.tolist(), streams, scripts, strict=True
        )
    ]


def _above_the_floor(language: str, probability: float, stream: Stream, script: str) -> str:
    floor = KNOWN_FLOOR if stream.languages else FLOOR
    if script in SHARED_SCRIPTS or probability >= floor:
        return language
    weak = probability >= MARKET_FLOOR and language in languages_of(stream.markets)
    return language if weak else UNDETERMINED


def _words(votes: NDArray[np.float64], known: tuple[str, ...]) -> NDArray[np.float32]:
    """Return what the known words add to each logit."""
    sums = WORD_WEIGHT * votes
    added = np.zeros((len(votes), len(known)), np.float32)
    ours = [language for language in known if language in LANGUAGES]
    added[:, list(map(known.index, ours))] = sums[:, list(map(LANGUAGES.index, ours))]
    return added


def _log_priors(
    streams: Sequence[Stream], scripts: Sequence[str], known: tuple[str, ...]
) -> NDArray[np.float32]:
    """Return the prior of each comment; comments of one stream share theirs."""
    rows: dict[tuple[Stream, str], int] = {}
    row_of = [rows.setdefault(each, len(rows)) for each in zip(streams, scripts, strict=True)]
    priors = [
        _log_prior(known, stream.languages, stream.markets, script) for stream, script in rows
    ]
    return np.stack(priors)[row_of]


@lru_cache(maxsize=1_024)
def _log_prior(
    known: tuple[str, ...], languages: tuple[str, ...], markets: tuple[str, ...], script: str
) -> NDArray[np.float32]:
    """Return the logarithm of how likely each language is before a word is read."""
    local = languages_of(markets)
    prior = np.full(len(known), EXCLUDED, np.float32)
    allowed = [language for language in known if _writes(language, script)]
    # A script overrules the stream's languages.
    within = [language for language in allowed if language in languages]
    if not within and (not languages or script in SHARED_SCRIPTS):
        within = allowed
    for language in within:
        share = 1.0 if language in LANGUAGES or language in languages else FOREIGN_PRIOR
        prior[known.index(language)] = np.log(share * (MARKET_PRIOR if language in local else 1))
    return prior


def _writes(language: str, script: str) -> bool:
    if script in SHARED_SCRIPTS:
        return language in SHARED_SCRIPTS[script]
    return language not in _NEVER_LATIN
