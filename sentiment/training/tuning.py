"""Go on with the transformer that ships: new comments reach it without the hours of all rounds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from resonance.sentiment.model.heads import OUTPUTS, SENTIMENT
from resonance.sentiment.model.shipped import ShippedModel
from resonance.sentiment.training.export import export_transformer
from resonance.sentiment.training.steps import THIRD_ROUND, Probabilities, Report, flag_places
from resonance.sentiment.training.transformer import TransformerRun
from resonance.sentiment.training.workshop import Workshop

TEXTS_TOGETHER: Final = 4_096


def tune(shop: Workshop, weights: Path, report: Report) -> None:
    """Teach the transformer in `weights` the flags; of sentiment it follows what ships there."""
    directory = weights / "transformer"
    pieces = Tokenizer.from_file(str(directory / "tokenizer.json"))
    run = TransformerRun(pieces, THIRD_ROUND, shop.work / "transformer-tuned")
    run.start_from_file(directory / "model.safetensors")
    places = flag_places(shop)
    rows, forms, _ = shop.pick(places)
    run.train(rows, forms, shipped_feelings(shop, places, weights), report=report)
    export_transformer(run.model, pieces, directory)


def shipped_feelings(shop: Workshop, places: Sequence[int], weights: Path) -> Probabilities:
    """Return the sentiment (rows, 3) that the models in `weights` see at these places."""
    model = ShippedModel(weights)
    parts = []
    for start in range(0, len(places), TEXTS_TOGETHER):
        some = list(places[start : start + TEXTS_TOGETHER])
        forms = [shop.forms[place] for place in some]
        no_rules = np.zeros((len(some), len(OUTPUTS)), np.float32)  # They speak on flags alone.
        parts.append(model.probabilities(forms, shop.traits[some], no_rules, "model"))
    return np.concatenate(parts)[:, : len(SENTIMENT)]
