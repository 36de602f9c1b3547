"""The steps of making the models, each done once: a step whose result is there is passed over."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from resonance.sentiment.judging import rules_rows
from resonance.sentiment.model.decision import Decision, softmax
from resonance.sentiment.model.heads import SENTIMENT
from resonance.sentiment.model.shipped import DECISION_FILE, FLAG_FILE, SENTIMENT_FILES
from resonance.sentiment.model.transformer import TransformerModel
from resonance.sentiment.rules import RulesScores
from resonance.sentiment.training.bag import Bag, BagSettings, bag_logits, train_bag
from resonance.sentiment.training.deciding import decide, decide_flags
from resonance.sentiment.training.export import export_bag, export_transformer
from resonance.sentiment.training.mix import for_flags
from resonance.sentiment.training.tokenizer import train_tokenizer
from resonance.sentiment.training.transformer import TransformerRun, TransformerSettings
from resonance.sentiment.training.workshop import Workshop, read_by_rules

TEACHERS: Final = (
    BagSettings(flag_share=0.0, seed=0),
    BagSettings(flag_share=0.0, seed=1, dimensions=64, buckets=2**18),
    BagSettings(flag_share=0.0, seed=2, dimensions=64, buckets=2**18, hidden=512),
    BagSettings(flag_share=0.0, seed=3, feature_dropout=0.4),
)
SENTIMENT_BAG: Final = BagSettings(flag_share=0.0, seed=10)
STUDENTS: Final = (10, 11)  # Seeds of the shipped bags for sentiment.
FLAG_BAG: Final = BagSettings(
    sentiment_share=0.3,
    flag_share=1.0,
    epochs=4,
    embedding_rate=5e-3,
    dense_rate=2e-3,
    feature_dropout=0.2,
    dimensions=80,  # A third of a million comments have something to tell apart.
    seed=20,
)
FIRST_ROUND: Final = TransformerSettings(epochs=3)
DECIDING_ROWS_OF_A_SET: Final = 1_000
SECOND_ROUND: Final = TransformerSettings(epochs=2, rate=1e-3, seed=1)
# On what the bag for flags reads: a tenth of the rows of the others, and all of our comments.
THIRD_ROUND: Final = TransformerSettings(epochs=3, flag_share=1.0, seed=2)

Report = Callable[[str], None]
Probabilities = NDArray[np.float32]


def saved_bag(path: Path, settings: BagSettings, train: Callable[[], Bag]) -> Bag:
    """Return the bag at `path`; train and save it where there is none."""
    if path.exists():
        bag = Bag(settings)
        bag.load_state_dict(load_file(path))
        bag.eval()
        return bag
    bag = train()
    save_file(bag.state_dict(), path)
    return bag


def teacher(shop: Workshop, report: Report) -> Probabilities:
    """Return the mean of several bags' sentiment (rows, 3), on every row, labelled or not."""
    path = shop.work / "teacher.npy"
    if not path.exists():
        np.save(path, _taught(shop, report).astype(np.float16))
    return _of_rows(shop, path)


def _of_rows(shop: Workshop, path: Path) -> Probabilities:
    """Return what is kept of each row.

    Raises `ValueError` where it was found in other rows: they would follow strangers' opinions.
    """
    known: NDArray[np.float16] = np.load(path)
    if len(known) != len(shop.rows):
        message = (
            f"{path} has {len(known)} rows, the data {len(shop.rows)}: the texts have changed. "
            "Remove the work folder, or name another one by --work"
        )
        raise ValueError(message)
    return known.astype(np.float32)


def _taught(shop: Workshop, report: Report) -> Probabilities:
    judged = [place for place in shop.places("train") if shop.rows[place].sentiment >= 0]
    total = np.zeros((len(shop.rows), len(SENTIMENT)), np.float32)
    for settings in TEACHERS:

        def train(settings: BagSettings = settings) -> Bag:
            rows, forms, traits = shop.pick(judged)
            return train_bag(rows, forms, traits, settings, report=report)

        bag = saved_bag(shop.work / f"teacher-{settings.seed}.safetensors", settings, train)
        total += _feelings(bag_logits(bag, shop.forms, shop.traits))
    return total / np.float32(len(TEACHERS))


def _feelings(logits: NDArray[np.float32]) -> Probabilities:
    """Return the probabilities of sentiment (rows, 3) of logits (rows, outputs)."""
    return softmax(logits[:, : len(SENTIMENT)])


def second_teacher(shop: Workshop, report: Report) -> Probabilities:
    """Return the mean of the first teacher and of the transformer, which errs elsewhere."""
    path = shop.work / "second_teacher.npy"
    if not path.exists():
        own = _feelings(transformer(shop, report).logits(shop.forms))
        np.save(path, ((teacher(shop, report) + own) / 2).astype(np.float16))
    return _of_rows(shop, path)


def sentiment_bag(shop: Workshop, splits: Sequence[str], seed: int, report: Report) -> Bag:
    """Return the bag for sentiment, which follows the labels and the teacher."""
    settings = replace(SENTIMENT_BAG, seed=seed)
    path = shop.work / f"sentiment_bag-{seed}-{'-'.join(splits)}.safetensors"

    def train() -> Bag:
        known = second_teacher(shop, report)
        places = shop.places(*splits)
        rows, forms, traits = shop.pick(places)
        return train_bag(rows, forms, traits, settings, known[places], report)

    return saved_bag(path, settings, train)


def flag_places(shop: Workshop) -> list[int]:
    """Return the places of the training rows that flags are learned from."""
    return [p for p in for_flags(shop.rows, shop.seed) if shop.rows[p].split == "train"]


def flag_bag(shop: Workshop, report: Report) -> Bag:
    """Return the bag for signals, topics and friction, of training rows alone.

    It ships as it is: the votes are fitted for this bag, on the rows it has not seen.
    """
    path = shop.work / "flag_bag-train.safetensors"

    def train() -> Bag:
        rows, forms, traits = shop.pick(flag_places(shop))
        return train_bag(rows, forms, traits, FLAG_BAG, report=report)

    return saved_bag(path, FLAG_BAG, train)


def tokenizer(shop: Workshop, report: Report) -> Tokenizer:
    """Return the transformer's tokenizer."""
    path = shop.work / "tokenizer.json"
    if not path.exists():
        report("Training the tokenizer (three minutes) ...")
        places = shop.places("train")
        rows, forms, _ = shop.pick(places)
        train_tokenizer(rows, forms).save(str(path))
    return Tokenizer.from_file(str(path))


def transformer(shop: Workshop, report: Report) -> TransformerRun:
    """Return the transformer: a round on labels, one that follows the teacher, one on flags."""
    pieces = tokenizer(shop, report)
    rows, forms, _ = shop.pick(shop.places("train"))
    first = TransformerRun(pieces, FIRST_ROUND, shop.work / "transformer-1")
    first.train(rows, forms, report=report)
    second = TransformerRun(pieces, SECOND_ROUND, shop.work / "transformer-2")
    second.start_from(first)
    second.train(rows, forms, teacher(shop, report)[shop.places("train")], report=report)
    third = TransformerRun(pieces, THIRD_ROUND, shop.work / "transformer-3")
    third.start_from(second)
    places = flag_places(shop)
    rows, forms, _ = shop.pick(places)
    third.train(rows, forms, teacher(shop, report)[places], report=report)
    return third


def decision(shop: Workshop, version: str, report: Report) -> Decision:
    """Return how the models' votes add up, fitted on rows that none of these was trained on."""
    places = capped(shop, shop.places("val"))
    parts = votes(shop, places, ("train",), transformer(shop, report), report)
    return decide([shop.rows[place] for place in places], parts, version)


def capped(shop: Workshop, places: Sequence[int]) -> list[int]:
    """Return at most a thousand places of each set and language."""
    taken: Counter[tuple[str, str]] = Counter()
    kept = []
    for place in places:
        row = shop.rows[place]
        taken[row.source, row.language] += 1
        if taken[row.source, row.language] <= DECIDING_ROWS_OF_A_SET:
            kept.append(place)
    return kept


def votes(
    shop: Workshop,
    places: Sequence[int],
    splits: Sequence[str],
    run: TransformerRun | None,
    report: Report,
) -> dict[str, Probabilities]:
    """Return the logits (rows, outputs) of each part at these places."""
    forms = [shop.forms[place] for place in places]
    traits = shop.traits[list(places)]
    bags = {
        "sentiment_bag": sentiment_bag(shop, splits, SENTIMENT_BAG.seed, report),
        "flag_bag": flag_bag(shop, report),
    }
    parts = {name: bag_logits(bag, forms, traits) for name, bag in bags.items()}
    parts["rules"] = _rules(shop, places)
    if run is not None:
        parts["transformer"] = run.logits(forms)
    return parts


def _rules(shop: Workshop, places: Sequence[int]) -> Probabilities:
    """Return what the rules say at these places (rows, outputs)."""
    return rules_rows(RulesScores.of(read_by_rules([shop.rows[place] for place in places])))


def flags(shop: Workshop, weights: Path, report: Report) -> None:
    """Make the shipped bag for flags and its votes anew in `weights`; all else there stays."""
    bag = flag_bag(shop, report)
    places = capped(shop, shop.places("val"))
    forms = [shop.forms[place] for place in places]
    parts = {
        "flag_bag": bag_logits(bag, forms, shop.traits[places]),
        "transformer": TransformerModel(weights / "transformer").logits(forms),
        "rules": _rules(shop, places),
    }
    known = msgspec.json.decode((weights / DECISION_FILE).read_bytes(), type=Decision)
    decided = decide_flags([shop.rows[place] for place in places], parts, known)
    export_bag(bag, weights / FLAG_FILE)
    _write(decided, weights)


def export(shop: Workshop, decided: Decision, weights: Path, report: Report) -> None:
    """Write what the package ships into `weights`: bags, transformer, and what was decided."""
    run = transformer(shop, report)
    weights.mkdir(parents=True, exist_ok=True)
    for seed, name in zip(STUDENTS, SENTIMENT_FILES, strict=True):
        export_bag(sentiment_bag(shop, ("train", "val"), seed, report), weights / name)
    export_bag(flag_bag(shop, report), weights / FLAG_FILE)
    export_transformer(run.model, tokenizer(shop, report), weights / "transformer")
    _write(decided, weights)


def _write(decided: Decision, weights: Path) -> None:
    formatted = msgspec.json.format(msgspec.json.encode(decided), indent=1)
    (weights / DECISION_FILE).write_bytes(formatted + b"\n")
