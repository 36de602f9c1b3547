"""What every detector of languages offers, and the detectors by name."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

LogLikelihoods = NDArray[np.float32]  # [texts, languages]; of a row, only differences count.

# Modules are read when a detector is asked for: two of them want packages of their own.
DETECTORS: Final = {
    "own": ("resonance.sentiment.language.own", "OwnDetector"),
    "langdetect": ("resonance.sentiment.language.profiles", "LangdetectProfiles"),
    "lingua": ("resonance.sentiment.language.lingua_models", "LinguaDetector"),
}


class Detector(Protocol):
    """Anything that can tell languages apart by statistics."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The BCP 47 tags of the languages it knows."""
        ...

    def log_likelihoods(self, texts: Sequence[str]) -> LogLikelihoods:
        """Return how well each language explains each text; all alike where it cannot tell.

        Texts are as `letters` returns them. A text's row does not depend on the other texts.
        """
        ...


def detector_named(name: str) -> Detector:
    """Return a detector.

    Raises:
        ValueError: there is no detector of that name.
        ImportError: the package that it wants is not installed; the message names the remedy.
    """
    if name not in DETECTORS:
        msg = f"no language detector is called {name!r}: write {', '.join(DETECTORS)}"
        raise ValueError(msg)
    module, factory = DETECTORS[name]
    try:
        found = getattr(import_module(module), factory)
    except ModuleNotFoundError as error:
        msg = f"the detector {name!r} needs {error.name}: pip install 'resonance-live[{name}]'"
        raise ImportError(msg) from error
    return cast("Callable[[], Detector]", found)()
