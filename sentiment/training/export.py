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
from resonance.sentiment.training.straightening import straightened

STEPS: Final = 7  # Of a half byte, to each side of 0.
OPSET: Final = 18
WEIGHTS: Final = "model.safetensors"
TABLE_MIN_ELEMENTS: Final = 1_000_000  # Larger tensors are looked up, and kept once.


def export_bag(bag: Bag, path: Path) -> None:
    """Write a bag: a row of half bytes and a scale per bucket, gates, and two dense layers.

    A text sums some hundred rows: the errors of four bits cancel.
    """
    table = bag.embedding.weight.detach().numpy()
    scales = np.abs(table).max(1) / STEPS + 1e-12
    gates = np.exp(np.clip(bag.gate.weight.detach().numpy()[:, 0], -WARMEST, WARMEST))
    save_file(
        {
            "table": packed(np.round(table / scales[:, None]).astype(np.int8)),
            "scales": scales.astype(np.float16),
            "gates": gates.astype(np.float16),
            "hidden.weight": _half(bag.hidden.weight),
            "hidden.bias": _half(bag.hidden.bias),
            "output.weight": _half(bag.output.weight),
            "output.bias": _half(bag.output.bias),
        },
        path,
    )


def packed(codes: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Return codes from -7 to 7 (rows, even columns) as half bytes, two columns in each."""
    shifted = (codes + STEPS + 1).astype(np.uint8)
    result: NDArray[np.uint8] = shifted[:, 0::2] | (shifted[:, 1::2] << np.uint8(4))
    return result


def _half(tensor: Tensor) -> NDArray[np.float16]:
    result: NDArray[np.float16] = tensor.detach().numpy().astype(np.float16)
    return result


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
    model.half().save_pretrained(directory)
    graph = compressed(onnx.load(full), directory / WEIGHTS)
    onnx.save(straightened(graph, model.config.num_attention_heads), directory / "model.onnx")
    full.unlink()
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call] # The library types its models only.
        tokenizer_object=tokenizer,
        pad_token="<pad>",  # noqa: S106 # Pieces of text, not passwords.
        unk_token="<unk>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        mask_token="<mask>",  # noqa: S106
        model_max_length=128,
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(directory)
    # As the library writes it, half of the file is indentation.
    pieces = directory / "tokenizer.json"
    compact = json.dumps(
        json.loads(pieces.read_text("utf-8")), ensure_ascii=False, separators=(",", ":")
    )
    pieces.write_text(compact, "utf-8")


def compressed(model: onnx.ModelProto, weights: Path) -> onnx.ModelProto:
    """Return the graph with its weights small, and its arithmetic in single precision as it was.

    Activations are not quantised: dynamic ranges would be taken from the whole batch, and a
    comment's score would depend on its neighbours. The token embeddings, nearly all of the weights,
    are not repeated: the graph looks them up in the safetensors file beside it.
    """
    graph = model.graph
    nodes, initializers, tables = [], [], set()
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.ndim == 0:
            initializers.append(tensor)
        elif array.size >= TABLE_MIN_ELEMENTS:
            tables.add(tensor.name)
            initializers.append(_kept_elsewhere(tensor, weights))
        else:
            half = f"{tensor.name}.half"
            initializers.append(numpy_helper.from_array(array.astype(np.float16), half))
            nodes.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
    for node in graph.node:
        nodes += _looked_up(node) if node.input and node.input[0] in tables else [node]
    del graph.initializer[:], graph.node[:], graph.value_info[:]
    graph.initializer.extend(initializers)
    graph.node.extend(nodes)
    for node in graph.node:
        del node.metadata_props[:]  # Where in the Python code it came from.
        node.doc_string = ""
    return model


def _kept_elsewhere(tensor: onnx.TensorProto, weights: Path) -> onnx.TensorProto:
    """Return a tensor that stands for the one of its name in a safetensors file.

    Layout: 8 bytes with the length of a JSON header, the header, then the tensors' bytes.
    """
    content = weights.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    entry = header[tensor.name.removeprefix("model.")]  # The graph wraps the model in one more.
    assert entry["shape"] == list(tensor.dims)
    begin, end = entry["data_offsets"]
    outside = onnx.TensorProto(
        name=tensor.name,
        data_type=TensorProto.FLOAT16,
        dims=tensor.dims,
        data_location=TensorProto.EXTERNAL,
    )
    place = {"location": weights.name, "offset": start + begin, "length": end - begin}
    for key, value in place.items():
        outside.external_data.add(key=key, value=str(value))
    return outside


def _looked_up(gather: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Return the nodes that look up halves and turn them into floats."""
    out = gather.output[0]
    inner = helper.make_node("Gather", list(gather.input), [f"{out}.half"], name=gather.name)
    return [inner, helper.make_node("Cast", [f"{out}.half"], [out], to=TensorProto.FLOAT)]
