"""Score one comment. Pure: same text, same packs, same score, in any order and any process."""

from functools import lru_cache
from typing import Final

from resonance.sentiment.friction import find_friction
from resonance.sentiment.labels import find_signals, find_topics
from resonance.sentiment.language.chain import Evidence, detect
from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.language.own import OwnDetector
from resonance.sentiment.matching import matching_form
from resonance.sentiment.pack import packs_version, phrases
from resonance.sentiment.reading import Reading
from resonance.sentiment.scores import Score
from resonance.sentiment.text import TEXT_MAX_CODE_POINTS, normalise, text_key, without_emotes
from resonance.sentiment.valence import find_sentiment

__all__ = ["CODE_VERSION", "MODEL_VERSION", "Scorer", "packs_version"]

CODE_VERSION: Final = "1"  # Raised with every change of the rules' code that changes a score.
MODEL_VERSION: Final = "rules"
LANGUAGES_MAX: Final = 20  # Of a stream; more is a mistake, and would fill the cache with copies.


class Scorer:
    """Scores comments by rules and remembers the texts it has seen: chat repeats itself."""

    def __init__(self, cache_entries: int = 50_000, detector: Detector | None = None) -> None:
        self._detector = detector or OwnDetector()
        self._remembered = lru_cache(maxsize=cache_entries)(self._score)

    @property
    def versions(self) -> tuple[str, str, str]:
        """The code's, the model's and the packs' version: with the text they fix the score."""
        return CODE_VERSION, MODEL_VERSION, packs_version()

    @property
    def hits(self) -> int:
        """How many scores came from the cache."""
        return self._remembered.cache_info().hits

    @property
    def misses(self) -> int:
        """How many scores had to be found."""
        return self._remembered.cache_info().misses

    def score(
        self, text: str, languages: tuple[str, ...] = (), markets: tuple[str, ...] = ()
    ) -> Score:
        """Return what `text` says; any string will do.

        `languages` are the stream's, when known; `markets` the ISO 3166-1 codes it targets.
        """
        return self._remembered(
            normalise(text[:TEXT_MAX_CODE_POINTS]),
            languages[:LANGUAGES_MAX],
            markets[:LANGUAGES_MAX],
        )

    def _score(
        self, normalised: str, languages: tuple[str, ...], markets: tuple[str, ...]
    ) -> Score:
        words = without_emotes(normalised)
        form = matching_form(words)
        matches = tuple(phrases().find(form))
        language = detect(Evidence(words, form, matches, languages, markets, self._detector))
        reading = Reading.of(words, form, matches, language)
        signals = find_signals(reading)
        topics = find_topics(reading, signals)
        sentiment, felt = find_sentiment(reading, signals)
        friction = find_friction(reading, signals, topics)
        spoken = felt or signals or topics or friction
        return Score(
            text_key=text_key(normalised),
            language=language,
            sentiment=sentiment,
            signals=signals,
            topics=topics,
            friction=friction,
            scorer="rules" if spoken else "unscored",
        )
