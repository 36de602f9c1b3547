"""Score comments. Pure: same text, same packs, same weights, same score, in any order and batch."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final, Literal

import msgspec

from resonance.sentiment.collector import paused_collector
from resonance.sentiment.comments import Comments
from resonance.sentiment.judging import judge, judge_by_rules, rules_rows
from resonance.sentiment.language.chain import Evidence, Stream, detect_all
from resonance.sentiment.language.detectors import Detector
from resonance.sentiment.language.own import OwnDetector
from resonance.sentiment.model.form import model_forms
from resonance.sentiment.model.shipped import shipped_model
from resonance.sentiment.model.traits import traits_of
from resonance.sentiment.normalising import normalise_all
from resonance.sentiment.pack import packs_version
from resonance.sentiment.reading import Readings
from resonance.sentiment.rules import RulesScores
from resonance.sentiment.scores import Score, Sentiment
from resonance.sentiment.sentiment_model import SentimentModel
from resonance.sentiment.text import text_keys, without_emotes

__all__ = ["CODE_VERSION", "Request", "Scorer", "Tier", "packs_version"]

CODE_VERSION: Final = "6"  # Raised with every change of the rules' code that changes a score.
LANGUAGES_MAX: Final = 20  # Of a stream; more is a mistake, and would fill the cache with copies.
BATCH_TEXTS: Final = 1_024  # Scored together: more gain nothing, and hold more memory.

# model: bags and transformer; fast: the bags alone, for a flood; rules: no model at all.
Tier = Literal["model", "fast", "rules"]


class Request(msgspec.Struct, frozen=True, gc=False):
    """A comment to score: its text, and what is known of its stream."""

    text: str
    languages: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()  # ISO 3166-1.


class Scorer:
    """Scores comments and remembers the texts it has seen: chat repeats itself."""

    def __init__(
        self,
        cache_entries: int = 50_000,
        detector: Detector | None = None,
        tier: Tier = "model",
        sentiment_model: SentimentModel | None = None,
    ) -> None:
        """Make a scorer.

        A `sentiment_model` replaces the sentiment of the tier; the rest of a score stays.
        """
        self.tier: Tier = tier
        self._detector = detector or OwnDetector()
        self._sentiment_model = sentiment_model
        self._cache_entries = cache_entries
        self._remembered: OrderedDict[Request, Score] = OrderedDict()
        self._lock = Lock()
        self.hits = 0  # Scores that came from the cache.
        self.misses = 0  # Scores that had to be found.

    @property
    def versions(self) -> tuple[str, str, str]:
        """The code's, the model's and the packs' version: with the text they fix the score."""
        model = "rules" if self.tier == "rules" else shipped_model().version
        if self._sentiment_model is not None:
            model = f"{model}+{self._sentiment_model.version}"
        return CODE_VERSION, model, packs_version()

    def score(
        self, text: str, languages: tuple[str, ...] = (), markets: tuple[str, ...] = ()
    ) -> Score:
        """Return what `text` says; any string will do.

        `languages` are the stream's, when known; `markets` the ISO 3166-1 codes it targets.
        """
        return self.score_all([Request(text, languages, markets)])[0]

    def score_all(self, requests: Sequence[Request], tier: Tier | None = None) -> list[Score]:
        """Return the score of each request, in order: the same as one by one, and faster.

        `tier` is for this call, where the scorer's own would take too long: it goes without the
        `sentiment_model`, too. What the cache holds was found in the scorer's own, and is better.
        """
        with paused_collector():
            forms = normalise_all([request.text for request in requests])
            keys = [
                Request(form, request.languages[:LANGUAGES_MAX], request.markets[:LANGUAGES_MAX])
                for form, request in zip(forms, requests, strict=True)
            ]
            with self._lock:
                known = self._known(keys, tier)
            return [known[key] for key in keys]

    def _known(self, keys: Sequence[Request], tier: Tier | None) -> dict[Request, Score]:
        """Return the score of each text in normalised form: remembered, or found now."""
        known = self._recalled(keys)
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        self.hits += len(keys) - len(missing)
        self.misses += len(missing)
        found: list[Score] = []
        for start in range(0, len(missing), BATCH_TEXTS):
            found += self._found(missing[start : start + BATCH_TEXTS], tier)
        new = dict(zip(missing, found, strict=True))
        if tier is None:
            self._remember(new)
        return known | new

    def _recalled(self, keys: Sequence[Request]) -> dict[Request, Score]:
        known = {}
        for key in keys:
            score = self._remembered.get(key)
            if score is not None:
                self._remembered.move_to_end(key)
                known[key] = score
        return known

    def _remember(self, scores: dict[Request, Score]) -> None:
        self._remembered.update(scores)
        while len(self._remembered) > self._cache_entries:
            self._remembered.popitem(last=False)

    def _found(self, keys: Sequence[Request], lower: Tier | None) -> list[Score]:
        """Return the scores of texts in normalised form."""
        tier = lower or self.tier
        model_of_sentiment = None if lower else self._sentiment_model
        found = self._read(keys)
        texts = [key.text for key in keys]
        forms = model_forms(texts)
        if tier == "rules":
            judged = judge_by_rules(found)
        else:
            model = shipped_model()
            traits = traits_of(found.readings)
            probabilities = model.probabilities(forms, traits, rules_rows(found), tier)
            judged = judge(probabilities, found, model.decision.off)
        sentiments = [said.sentiment for said in judged]
        if model_of_sentiment is not None:
            sentiments = [Sentiment(*p) for p in model_of_sentiment.probabilities(forms)]
        languages, have_spoken = found.readings.languages, found.have_spoken.tolist()
        return [
            Score(
                text_key=text_key,
                language=languages[place],
                sentiment=sentiment,
                signals=said.signals,
                topics=said.topics,
                friction=said.friction,
                scorer=tier if tier != "rules" or have_spoken[place] else "unscored",
            )
            for place, (text_key, said, sentiment) in enumerate(
                zip(text_keys(texts), judged, sentiments, strict=True)
            )
        ]

    def _read(self, keys: Sequence[Request]) -> RulesScores:
        comments = Comments.of([without_emotes(key.text) for key in keys])
        streams = [Stream(key.languages, key.markets) for key in keys]
        languages = detect_all(Evidence(comments, streams, self._detector))
        return RulesScores.of(Readings(comments, languages))
