"""Go on with the transformer that ships: new comments reach it without the hours of all rounds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from safetensors.numpy import load
from tokenizers import Tokenizer

from resonance.sentiment.model.bag import Bags
from resonance.sentiment.model.decision import Decision, mixed
from resonance.sentiment.model.form import with_edges
from resonance.sentiment.model.heads import SENTIMENT
from resonance.sentiment.model.shipped import DECISION_FILE, FLAG_FILE, SENTIMENT_FILES
from resonance.sentiment.model.traits import LANGUAGE_TRAITS
from resonance.sentiment.model.transformer import TransformerModel
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
    bags = Bags([load((weights / name).read_bytes()) for name in (*SENTIMENT_FILES, FLAG_FILE)])
    transformer = TransformerModel(weights / "transformer")
    known = msgspec.json.decode((weights / DECISION_FILE).read_bytes(), type=Decision)
    parts = []
    for start in range(0, len(places), TEXTS_TOGETHER):
        some = list(places[start : start + TEXTS_TOGETHER])
        forms, traits = [shop.forms[place] for place in some], shop.traits[some]
        *feelings, flags = bags.logits([with_edges(form) for form in forms], traits)
        mean: Probabilities = np.mean(feelings, axis=0, dtype=np.float32)
        logits = {
            "sentiment_bag": mean,
            "flag_bag": flags,
            "transformer": transformer.logits(forms),
        }
        parts.append(mixed(logits, known.model, traits[:, LANGUAGE_TRAITS])[:, : len(SENTIMENT)])
    return np.concatenate(parts)
