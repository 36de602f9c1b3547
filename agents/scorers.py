"""The scorer that the settings ask for: the same behind every command and hop."""

from resonance.agents.errors import UsageError
from resonance.agents.hugging_face.model import load_sentiment_model
from resonance.agents.settings import Settings
from resonance.sentiment.pack import PackError, packs_version, phrases, use_packs
from resonance.sentiment.score import Scorer


def make_scorer(settings: Settings) -> Scorer:
    """Return a scorer of the tier, and with the model, that the settings name.

    Raises:
        UsageError: model or packs cannot be used; the message says why, and the way out.
        ServiceUnreachable: it has to be fetched from the hub, which does not answer.
    """
    if settings.packs_folder is not None:
        try:
            use_packs(settings.packs_folder)
            packs_version()
            phrases()
        except (PackError, OSError) as error:
            message = f"`packs_folder`: {error}"
            raise UsageError(message) from error
    return Scorer(tier=settings.tier, sentiment_model=load_sentiment_model(settings))
