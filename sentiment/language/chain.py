"""The language of a comment: steps in order, the first that answers decides."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from resonance.sentiment.language.markets import languages_of
from resonance.sentiment.language.profiles import Detector
from resonance.sentiment.language.scripts import language_by_script, scripts
from resonance.sentiment.laughter import only_laughs
from resonance.sentiment.matching import Match
from resonance.sentiment.pack import LANGUAGES
from resonance.sentiment.vocabulary import UNDETERMINED

HAN_WORD_MAX: Final = 4  # Characters of a word that Japanese may write without kana.
WORDS_SURE: Final = 1.0  # Evidence of one word that no other language has.
WORDS_MARGIN: Final = 1.5  # Times the runner-up's.
STATISTICS_MIN_LETTERS: Final = 6
STATISTICS_FLOOR: Final = 0.8
WEAK_FLOOR: Final = 0.4  # Enough when the stream's market speaks the language too.
# Languages without a pack: they exist, but few viewers write them.
FOREIGN: Final = ("nl", "pl", "sv", "da", "no", "fi", "ro", "cs", "hu", "sw", "so")
FOREIGN_PRIOR: Final = 0.02
MARKET_PRIOR: Final = 4.0  # How much likelier a language of the stream's markets is.

# Letters that, among ours, one Latin language alone writes.
_LETTERS: Final = {
    **dict.fromkeys("ğşı", "tr"),
    **dict.fromkeys("ơưđăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "vi"),
    **dict.fromkeys("ñ", "es"),
    **dict.fromkeys("ãõ", "pt"),
    **dict.fromkeys("œûëîùÿ", "fr"),
    **dict.fromkeys("äß", "de"),
    **dict.fromkeys("ìò", "it"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the steps look at."""

    normalised: str
    form: str  # The matching form.
    matches: tuple[Match, ...]
    languages: tuple[str, ...]  # The stream's, when known.
    markets: tuple[str, ...]
    detector: Detector

    def may_be(self, language: str) -> bool:
        """Tell whether the stream's languages, when known, allow this one."""
        return not self.languages or language in self.languages


def _no_letters(evidence: Evidence) -> str | None:
    """Emoji and numbers are of no language; first, as a stream holds so many of them."""
    return None if any(map(str.isalpha, evidence.normalised)) else UNDETERMINED


def _script(evidence: Evidence) -> str | None:
    """A script that one language writes leaves no doubt, whatever the stream's languages are."""
    counts = scripts(evidence.normalised)
    language = language_by_script(evidence.normalised, counts)
    # 最高 and 無料 are Japanese too; a stream for Japan alone settles a short word.
    if language == "zh" and counts["han"] <= HAN_WORD_MAX:
        local = set(evidence.languages) or languages_of(evidence.markets)
        return "ja" if "ja" in local and "zh" not in local else language
    return language


def word_evidence(evidence: Evidence) -> dict[str, float]:
    """Return how much the known words and letters speak for each language.

    A phrase counts for the letters it covers, and is shared among the languages that have it.
    """
    owners: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    for start, end, entry in evidence.matches:
        if not evidence.form[end - 1] == evidence.form[start] == " ":
            continue  # Word parts coincide across languages.
        weight = entry.weight if entry.kind == "marker" else 0.6
        owner = owners[start, end]
        owner[entry.language] = max(weight, owner.get(entry.language, 0.0))
    found: dict[str, float] = defaultdict(float)
    for (start, end), owner in owners.items():
        words = evidence.form.count(" ", start + 1, end)
        for language, weight in owner.items():
            found[language] += weight * words / len(owner)
    for letter in set(evidence.normalised) & _LETTERS.keys():
        found[_LETTERS[letter]] += 1.0
    return found


def _words(evidence: Evidence) -> str | None:
    """Chat words tell what no profile of written prose knows: "kak", "gan", "yaar", "po"."""
    found = word_evidence(evidence)
    ranked = sorted(
        ((score, language) for language, score in found.items() if evidence.may_be(language)),
        reverse=True,
    )
    if not ranked:
        return None
    runner_up = ranked[1][0] if len(ranked) > 1 else 0.0
    score, language = ranked[0]
    return language if score >= WORDS_SURE and score >= WORDS_MARGIN * runner_up else None


def _prior(evidence: Evidence) -> dict[str, float]:
    local = languages_of(evidence.markets)
    if evidence.languages:
        return {
            language: MARKET_PRIOR if language in local else 1.0 for language in evidence.languages
        }
    return dict.fromkeys(FOREIGN, FOREIGN_PRIOR) | {
        language: MARKET_PRIOR if language in local else 1.0 for language in LANGUAGES
    }


def _laughter(evidence: Evidence) -> str | None:
    """To statistics "hahaha" is Somali. After the words: some laughs, as "mdr", have a pack."""
    return UNDETERMINED if only_laughs(evidence.normalised) else None


def _statistics(evidence: Evidence) -> str | None:
    """Dear, and weak on short texts: only for what words did not decide, above a floor."""
    letters = sum(map(str.isalpha, evidence.form))
    if letters < STATISTICS_MIN_LETTERS:
        return None
    probabilities = evidence.detector.probabilities(evidence.form, _prior(evidence))
    if not probabilities:
        return None
    probability, language = max((p, name) for name, p in probabilities.items())
    if probability >= STATISTICS_FLOOR:
        return language
    weak = probability >= WEAK_FLOOR and language in languages_of(evidence.markets)
    return language if weak else None


def _weak_words(evidence: Evidence) -> str | None:
    """A shared word ("price", "size") counts where one candidate is of the stream's markets."""
    found = word_evidence(evidence)
    local = languages_of(evidence.markets) | set(evidence.languages)
    candidates = [language for language in found if language in local]
    return candidates[0] if len(candidates) == 1 else None


# The order is the algorithm; each step says why it stands where it does.
CHAIN: Final[tuple[Callable[[Evidence], str | None], ...]] = (
    _no_letters,
    _script,
    _words,
    _laughter,
    _statistics,
    _weak_words,
)


def detect(evidence: Evidence) -> str:
    """Return a BCP 47 primary tag, or "und" where no step is sure."""
    for step in CHAIN:
        language = step(evidence)
        if language is not None:
            return language
    return UNDETERMINED
