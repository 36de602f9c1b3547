"""What a model's labels mean: by the user's word, or by names that leave no doubt."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, get_args

from resonance.agents.errors import UsageError

SentimentLabel = Literal["negative", "neutral", "positive"]

CLASSES: Final[tuple[SentimentLabel, ...]] = get_args(SentimentLabel)
LABELS_MAX: Final = 64  # Of a model; more is none for sentiment.
EXAMPLE: Final = "LABEL_0=negative,LABEL_1=neutral,LABEL_2=positive"

_KNOWN: Final[dict[str, SentimentLabel]] = {
    **dict.fromkeys(("negative", "neg", "very negative"), "negative"),
    **dict.fromkeys(("neutral", "neu"), "neutral"),
    **dict.fromkeys(("positive", "pos", "very positive"), "positive"),
    **dict.fromkeys(("1 star", "2 stars"), "negative"),
    "3 stars": "neutral",
    **dict.fromkeys(("4 stars", "5 stars"), "positive"),
}
_WORD_SEAM: Final = re.compile(r"[\s_-]+")


def label_classes(names: Sequence[str], mapping: str) -> tuple[SentimentLabel, ...]:
    """Return what each of a model's labels means, in the order of its outputs.

    `mapping` is the setting `model_labels`, as in "LABEL_0=negative,LABEL_1=positive"; empty: the
    names must speak for themselves. Several labels may mean the same; their shares add up.

    >>> label_classes(["Neg", "5 stars"], "")
    ('negative', 'positive')

    Raises:
        UsageError: a label stays without meaning, or none is negative or none positive.
    """
    if not 1 < len(names) <= LABELS_MAX:
        message = f"the model has {len(names)} labels; sentiment takes 2 to {LABELS_MAX}"
        raise UsageError(message)
    meanings = _parsed(mapping, names) if mapping else _recognised(names)
    if missing := [name for name in names if name not in meanings]:
        message = (
            f"what do the model's labels {', '.join(missing)} mean? "
            f"Set `model_labels` (RESONANCE_MODEL_LABELS) for all, as in {EXAMPLE}"
        )
        raise UsageError(message)
    if not {"negative", "positive"} <= set(meanings.values()):
        message = f"the labels {', '.join(names)} must hold a negative and a positive one"
        raise UsageError(message)
    return tuple(meanings[name] for name in names)


def _recognised(names: Sequence[str]) -> Mapping[str, SentimentLabel]:
    plain = {name: _WORD_SEAM.sub(" ", name.strip()).casefold() for name in names}
    return {name: _KNOWN[word] for name, word in plain.items() if word in _KNOWN}


def _parsed(mapping: str, names: Sequence[str]) -> Mapping[str, SentimentLabel]:
    found: dict[str, SentimentLabel] = {}
    for pair in mapping.split(","):
        name, _, meaning = (part.strip() for part in pair.rpartition("="))
        for known in CLASSES:
            if known == meaning and name in names and name not in found:
                found[name] = known
                break
        else:
            message = (
                f"`model_labels` says {pair.strip()!r}; expected LABEL=CLASS, once for each of "
                f"{', '.join(names)}, with a class of {', '.join(CLASSES)}"
            )
            raise UsageError(message)
    return found
