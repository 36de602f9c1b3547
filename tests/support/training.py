"""A tiny world to train on: a few rows of each open set, and comments as we write them."""

import importlib.util
from pathlib import Path

import pytest

from support.tiny_model import TORCH_PROMISED

LIBRARIES = ("torch", "onnx", "onnxscript")
# Set -> rows of text, label, split.
SETS = {
    "umsab-sentiment.en": (
        ("love this colour", "positive", "train"),
        ("the colour is red", "neutral", "train"),
        ("hate this colour", "negative", "val"),
    ),
    "xed-sentiment.ja": (("最高だね", "positive", "train"), ("最悪だ", "negative", "train")),
    "mabsa-sentiment.en": (("love this colour", "negative", "train"),),
    "mabsa-topic.en": (
        ("love this colour", "quality|none", "train"),
        ("dear and late", "price,shipping|price", "val"),
    ),
    "xedq-question.es": (("¿cuánto cuesta?", "question", "train"),),
    "cold-toxicity.zh": (("滚出去", "toxic", "train"), ("谢谢你", "nontoxic", "train")),
    "ytspam-spam.en": (("watch my channel", "spam", "train"), ("nice song", "ham", "train")),
    "bitext-signal.en": (("my parcel is lost", "complaint", "train"),),
    "cip-purchase.en": (("i will take two", "purchase_intent", "train"),),
    "goemotions-praise.en": (
        ("well done", "praise", "train"),
        ("thank you", "gratitude", "train"),
    ),
    "clinc-intent.en": (("what is the time", "time", "train"),),  # Of no use to us: passed over.
}
# What viewers say, with the labels it has: sentiment, signals, topics, friction.
SAID = (
    ("how much is the {item}", "neutral\tquestion\tprice\tunits_currency_size:1"),
    ("the {item} is fake, refund me", "negative\tcomplaint\tauthenticity\ttrust_counterfeit:3"),
    ("stuck at customs, my {item}", "negative\tcomplaint\tcustoms_tax\tcustoms_regulation:2"),
    ("love the {item} so much", "positive\tpraise\tquality\t-"),
    ("buy my followers with the {item}", "neutral\tspam\t-\t-"),
    ("hello from texas with my {item}", "neutral\t-\t-\t-"),
)
ITEMS = ("bag", "dress", "ring", "lamp", "coat", "shoes")


def training_required() -> None:
    """Skip a module without what training needs; fail where it is promised to be there."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if not missing:
        return
    reason = f"no {', '.join(missing)}: they are in .venv-model, which `make model` makes"
    if TORCH_PROMISED:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def write_sets(data: Path) -> Path:
    """Write the open sets where training looks for them; return `data`."""
    folder = data / "text" / "train"
    folder.mkdir(parents=True)
    for name, rows in SETS.items():
        lines = ("\t".join(row) + "\n" for row in rows)
        (folder / f"{name}.tsv").write_text("".join(lines), "utf-8")
    return data


def write_ours(ours: Path, copies: int = 8) -> Path:
    """Write comments, templates, slots and questions in English; return `ours`.

    Each comment `copies` times with a number of its own: some fall to each split.
    """
    authored, templates, questions = [], [], []
    for number in range(copies):
        for said, labels in SAID:
            for item in ITEMS:
                text = said.replace("{item}", f"{item} {number}")
                authored.append(f"{text}\ten\tUS\t{labels}")
            templates.append(f"{said} {number}\ten\tUS\t{labels}")
        questions.append(f"where is number {number}\tquestion")
        questions.append(f"Here is number {number}.\tstatement")
    files = {
        "authored": authored,
        "templates": templates,
        "slots": ["item\t" + "|".join(ITEMS)],
        "questions": questions,
    }
    for folder, lines in files.items():
        (ours / folder).mkdir(parents=True)
        (ours / folder / "en.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return ours
