"""Write the trained models as the package ships them: safetensors, ONNX, Hugging Face layout."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from resonance.sentiment.training.bag import WARMEST, Bag

OPSET: Final = 18
TABLE_MIN_ELEMENTS: Final = 1_000_000  # Larger tensors are looked up, and kept as bytes.


def export_bag(bag: Bag, path: Path) -> None:
    """Write a bag: a row of bytes and a scale per bucket, gates, and two dense layers."""
    table = bag.embedding.weight.detach().numpy()
    scales = np.abs(table).max(1) / 127 + 1e-12
    gates = np.exp(np.clip(bag.gate.weight.detach().numpy()[:, 0], -WARMEST, WARMEST))
    save_file(
        {
            "table": np.round(table / scales[:, None]).astype(np.int8),
            "scales": scales.astype(np.float16),
            "gates": gates.astype(np.float16),
            "hidden.weight": _half(bag.hidden.weight),
            "hidden.bias": _half(bag.hidden.bias),
            "output.weight": _half(bag.output.weight),
            "output.bias": _half(bag.output.bias),
        },
        path,
    )


def _half(tensor: Tensor) -> NDArray[np.float16]:
    return tensor.detach().numpy().astype(np.float16)


class _Logits(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def export_transformer(model: Any, tokenizer: Tokenizer, directory: Path) -> None:
    """Write config.json, tokenizer.json, model.safetensors (half precision) and model.onnx."""
    directory.mkdir(parents=True, exist_ok=True)
    model = model.to("cpu").float().eval()
    full = directory / "full.onnx"
    texts = torch.export.Dim("texts", min=1, max=4096)
    tokens = torch.export.Dim("tokens", min=2, max=512)
    example = torch.randint(5, 99, (3, 9)), torch.ones(3, 9, dtype=torch.int64)
    example[1][0, 5:] = 0
    torch.onnx.export(
        _Logits(model),
        example,
        str(full),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_shapes={
            "input_ids": {0: texts, 1: tokens},
            "attention_mask": {0: texts, 1: tokens},
        },
        dynamo=True,
        external_data=False,
        opset_version=OPSET,
    )
    onnx.save(compressed(onnx.load(full)), directory / "model.onnx")
    full.unlink()
    model.half().save_pretrained(directory)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",  # noqa: S106 # Pieces of text, not passwords.
        unk_token="<unk>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        mask_token="<mask>",  # noqa: S106
        model_max_length=128,
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(directory)


def compressed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with its weights small, and its arithmetic as it was.

    Activations stay in single precision: dynamic quantisation would take its ranges from the whole
    batch, and a comment's score would depend on its neighbours. Token embeddings become bytes with
    a scale for each token; the other weights become halves.
    """
    graph = model.graph
    nodes, initializers = [], []
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.ndim == 0:
            initializers.append(tensor)
        elif array.size >= TABLE_MIN_ELEMENTS:
            scales = (np.abs(array).max(1, keepdims=True) / 127 + 1e-12).astype(np.float32)
            codes = np.round(array / scales).astype(np.int8)
            initializers += [
                numpy_helper.from_array(codes, f"{tensor.name}.codes"),
                numpy_helper.from_array(scales, f"{tensor.name}.scales"),
            ]
        else:
            initializers.append(
                numpy_helper.from_array(array.astype(np.float16), f"{tensor.name}.half")
            )
            nodes.append(
                helper.make_node(
                    "Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT
                )
            )
    tables = {t.name.removesuffix(".codes") for t in initializers if t.name.endswith(".codes")}
    for node in graph.node:
        nodes += (
            _looked_up(node) if node.op_type == "Gather" and node.input[0] in tables else [node]
        )
    del graph.initializer[:], graph.node[:], graph.value_info[:]
    graph.initializer.extend(initializers)
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _looked_up(gather: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Return the nodes that look up bytes and scales and multiply them."""
    table, ids, out = gather.input[0], gather.input[1], gather.output[0]
    return [
        helper.make_node("Gather", [f"{table}.codes", ids], [f"{out}.codes"]),
        helper.make_node("Cast", [f"{out}.codes"], [f"{out}.float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{table}.scales", ids], [f"{out}.scales"]),
        helper.make_node("Mul", [f"{out}.float", f"{out}.scales"], [out]),
    ]


def write_metadata(path: Path, metadata: dict[str, Any]) -> None:
    """Write what the reader needs beside weights: decisions, versions, seeds."""
    path.write_text(json.dumps(metadata, indent=2, sort_keys=True) + "\n", "utf-8")
