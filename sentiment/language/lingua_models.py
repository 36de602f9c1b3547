"""lingua, for whoever prefers it: the extra `lingua`. Its models take 90 MB and a second."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from lingua import IsoCode639_1, LanguageDetectorBuilder

from resonance.sentiment.language.detectors import LogLikelihoods
from resonance.sentiment.language.own import OWN_LANGUAGES

LINGUA_CODES: Final = {"no": "nb"}  # Where lingua's code is not ours.
SMALLEST: Final = 1e-9  # lingua rounds to zero; zero would exclude what a prior may favour.


class LinguaDetector:
    """lingua over the languages that our own detector tells apart."""

    def __init__(self, languages: Sequence[str] = OWN_LANGUAGES) -> None:
        codes = {LINGUA_CODES.get(tag, tag).upper(): tag for tag in languages}
        known = {code: getattr(IsoCode639_1, code) for code in codes if hasattr(IsoCode639_1, code)}
        self._detector = LanguageDetectorBuilder.from_iso_codes_639_1(*known.values()).build()
        self._languages = tuple(codes[code] for code in known)
        self._columns = {code: column for column, code in enumerate(known)}

    @property
    def languages(self) -> tuple[str, ...]:
        """The BCP 47 tags of the languages it knows."""
        return self._languages

    def log_likelihoods(self, texts: Sequence[str]) -> LogLikelihoods:
        """Return the logarithms of lingua's confidences [texts, languages]."""
        found = np.full((len(texts), len(self._languages)), math.log(SMALLEST), np.float32)
        for row, text in enumerate(texts):
            for confidence in self._detector.compute_language_confidence_values(text):
                column = self._columns[confidence.language.iso_code_639_1.name]
                found[row, column] = math.log(max(confidence.value, SMALLEST))
        return found
