"""The language of a comment: steps in order, the first that answers decides."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from resonance.sentiment.language.evidence import Evidence
from resonance.sentiment.language.markets import languages_of
from resonance.sentiment.language.scripts import language_by_script, main_scripts, scripts
from resonance.sentiment.language.shared import telling
from resonance.sentiment.language.weighing import SHARED_SCRIPTS, weigh_all
from resonance.sentiment.laughter import only_laughs
from resonance.sentiment.vocabulary import UNDETERMINED

BATCH_TEXTS: Final = 1_024  # A few megabytes of n-grams at a time.
DRAWING_MIN: Final = 40  # Characters.
SIGNS_OF_A_DRAWING: Final = 5  # For each letter.
_DRAWN: Final = re.compile(r"[!-/:-@\[-`{-~\u2500-\u25ff]")  # Marks of ASCII, lines and blocks.
HAN_WORD_MAX: Final = 4  # Characters of a word that Japanese may write without kana.

__all__ = ["CHAIN", "Evidence", "Step", "detect", "detect_all"]


# A step answers for each comment: a language, "und" where none will be found, None to pass it on.
Step = Callable[[Sequence[Evidence]], list[str | None]]


def no_letters(evidences: Sequence[Evidence]) -> list[str | None]:
    """Emoji, numbers and drawings are of no language; first, as a stream holds so many of them."""
    return [None if _is_written(evidence.normalised) else UNDETERMINED for evidence in evidences]


def _is_written(normalised: str) -> bool:
    """Return whether there are letters, and not only a few of them in a drawing of many signs."""
    if len(normalised) < DRAWING_MIN:
        return any(map(str.isalpha, normalised))
    written = sum(map(str.isalpha, normalised))
    return written > 0 and len(_DRAWN.findall(normalised)) < SIGNS_OF_A_DRAWING * written


def script(evidences: Sequence[Evidence]) -> list[str | None]:
    """A script that one language writes leaves no doubt, whatever the stream's languages are."""
    main = main_scripts([evidence.normalised for evidence in evidences])
    return [
        None if script in SHARED_SCRIPTS else _by_script(evidence, script)
        for evidence, script in zip(evidences, main, strict=True)
    ]


def _by_script(evidence: Evidence, script: str | None) -> str | None:
    language = language_by_script(evidence.normalised, script)
    # 最高 and 無料 are Japanese too; a stream for Japan alone settles a short word.
    if language == "zh" and (evidence.languages or evidence.markets):
        local = set(evidence.languages) or languages_of(evidence.markets)
        is_word = scripts(evidence.normalised)["han"] <= HAN_WORD_MAX
        return "ja" if is_word and "ja" in local and "zh" not in local else language
    return language


def laughter(evidences: Sequence[Evidence]) -> list[str | None]:
    """To statistics "hahaha" is Somali; a laugh that one language's pack knows is passed on."""
    return [
        UNDETERMINED if only_laughs(evidence.normalised) and not evidence.votes().columns else None
        for evidence in evidences
    ]


def shared(evidences: Sequence[Evidence]) -> list[str | None]:
    """Words of everybody, as "mine 5" or "XL": of the stream's language, where it has but one."""
    return [
        None if telling(evidence.normalised) else _of_the_stream(evidence) for evidence in evidences
    ]


def _of_the_stream(evidence: Evidence) -> str:
    local = set(evidence.languages) or languages_of(evidence.markets)
    return next(iter(local)) if len(local) == 1 else UNDETERMINED


def statistics(evidences: Sequence[Evidence]) -> list[str | None]:
    """All that is left, weighed together: n-grams, known words, what the stream's viewers speak."""
    if not evidences:
        return []
    detector = evidences[0].detector
    likelihoods = detector.log_likelihoods([telling(evidence.normalised) for evidence in evidences])
    return list(weigh_all(evidences, likelihoods, detector.languages))


# The order is the algorithm; each step says why it stands where it does.
CHAIN: Final[tuple[Step, ...]] = (no_letters, script, laughter, shared, statistics)


def detect_all(evidences: Sequence[Evidence], chain: Sequence[Step] = CHAIN) -> list[str]:
    """Return a BCP 47 primary tag for each comment, or "und" where no step is sure.

    The same as one by one, and faster: all must have the same detector.
    """
    answers: list[str] = []
    for start in range(0, len(evidences), BATCH_TEXTS):
        answers += _detect_batch(evidences[start : start + BATCH_TEXTS], chain)
    return answers


def _detect_batch(evidences: Sequence[Evidence], chain: Sequence[Step]) -> list[str]:
    answers = [UNDETERMINED] * len(evidences)
    waiting = list(range(len(evidences)))
    for step in chain:
        found = step([evidences[index] for index in waiting])
        for index, answer in zip(waiting, found, strict=True):
            answers[index] = answer or UNDETERMINED
        waiting = [index for index, answer in zip(waiting, found, strict=True) if answer is None]
    return answers


def detect(evidence: Evidence) -> str:
    """Return a BCP 47 primary tag, or "und" where no step is sure."""
    return detect_all([evidence])[0]
