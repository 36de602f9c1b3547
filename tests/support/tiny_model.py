"""A text classifier of Hugging Face's layout with a few hundred weights, made on the spot."""

import importlib.util
import json
import os
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

# Read at once: while a test runs, no variable of ours is set.
TORCH_PROMISED = bool(os.environ.get("CI") and os.environ.get("RESONANCE_TORCH_TESTS"))
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
WORDS = ("good", "bad", "ok", "so", "cute", "the", "parcel", "late", "坏", "好")


def torch_required() -> None:
    """Skip without PyTorch, the optional extra; fail where it is promised to be there."""
    if importlib.util.find_spec("torch") is not None:
        return
    reason = "no PyTorch: pip install 'resonance-live[torch]'"
    if TORCH_PROMISED:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def save_tokenizer(folder: Path) -> None:
    """Write the tokenizer of XLM-R's kind: a Unigram with pieces for a few words."""
    pieces = [(piece, 0.0) for piece in SPECIAL]
    pieces += [(f"▁{word}", -1.0 - index / 10) for index, word in enumerate(WORDS)]
    pieces += [(letter, -9.0) for letter in "▁abcdefghijklmnopqrstuvwxyz"]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=SPECIAL.index("<unk>")))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    described = {
        "tokenizer_class": "XLMRobertaTokenizer",
        "model_max_length": 62,
        **{f"{name}_token": SPECIAL[i] for name, i in (("bos", 0), ("pad", 1), ("eos", 2))},
        **{f"{name}_token": SPECIAL[i] for name, i in (("unk", 3), ("mask", 4), ("cls", 0))},
        "sep_token": SPECIAL[2],
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(described), "utf-8")


def save_model(folder: Path, labels: tuple[str, ...] = ("negative", "neutral", "positive")) -> Path:
    """Write an XLM-R classifier of random, seeded weights with these labels; return `folder`."""
    import torch  # noqa: PLC0415 - only where it is installed.
    from transformers import (  # noqa: PLC0415
        XLMRobertaConfig,
        XLMRobertaForSequenceClassification,
    )

    save_tokenizer(folder)
    torch.manual_seed(7)
    config = XLMRobertaConfig(
        vocab_size=len(SPECIAL) + len(WORDS) + 27,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        initializer_range=1.0,  # Wide, so that answers differ in more than the last decimal.
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    XLMRobertaForSequenceClassification(config).save_pretrained(folder)
    return folder
