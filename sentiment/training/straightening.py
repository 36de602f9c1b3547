"""Take the detours out of an exported transformer: the same arithmetic in fewer steps.

What is added and multiplied stays the same, in the same order: so does every last bit of a logit.
"""

from typing import Final, NamedTuple

import numpy as np
import onnx
from onnx import NodeProto, TensorProto

from resonance.sentiment.training.graph import Graph

MASKED: Final = float(np.finfo(np.float32).min)  # What is added where a token is padding.


class Turns(NamedTuple):
    """By how much the features of each token are turned, for queries and keys of all heads."""

    cosines: str  # [1, tokens, 2 * heads * features]
    sines: str  # The same; negative for the first half of a head's features.
    heads: int
    features: int  # Of one head.


def straightened(model: onnx.ModelProto, heads: int) -> onnx.ModelProto:
    """Return the graph of a ModernBERT of so many heads without its detours.

    Queries and keys are turned by their places together; what would be sliced is multiplied apart;
    a text has a token at least, so no probability is missing.

    Raises:
        ValueError: the graph is built in another way than the exporter built it; names where.
    """
    graph = Graph(model)
    turns = _turns(graph, heads)
    mask = _mask(graph)
    for layer, softmax in enumerate(graph.all_of("Softmax")):
        _attention(graph, f"layer_{layer}", softmax, turns, mask)
    for layer, split in enumerate(graph.all_of("Split")):
        _gate(graph, f"layer_{layer}", split)
    graph.finish()
    return model


def _turns(graph: Graph, heads: int) -> Turns:
    [cosine], [sine] = graph.all_of("Cos"), graph.all_of("Sin")
    width = graph.width_of(_projection(graph, graph.all_of("Softmax")[0])[1]) // 3
    half = width // (2 * heads)
    signs = graph.constant("signs", [-1.0] * half + [1.0] * half, np.float32)
    signed = graph.add("Mul", [sine.output[0], signs], "signed_sines")
    # As wide as what they are multiplied with: of short rows, many multiplications are slow.
    times = graph.constant("times", [1, 1, 2 * heads])
    return Turns(
        graph.add("Tile", [cosine.output[0], times], "cosines"),
        graph.add("Tile", [signed, times], "sines"),
        heads,
        2 * half,
    )


def _projection(graph: Graph, softmax: NodeProto) -> tuple[str, str]:
    """Return the rows and the weight of which a layer's queries, keys and values are made."""
    product = _product(graph, softmax)
    projected = graph.back(product.input[1], "Transpose Squeeze Slice Reshape")
    rows, weight = graph.maker[projected].input
    return rows, weight


def _product(graph: Graph, softmax: NodeProto) -> NodeProto:
    """Return the multiplication of probabilities with values."""
    users = graph.users_behind(softmax.output[0])
    return next(node for node in users if node.op_type == "MatMul")


def _mask(graph: Graph) -> str:
    """Return what is added to the scores of each token [texts, 1, 1, tokens]."""
    axes = graph.constant("axes_of_scores", [1, 2])
    is_token = graph.add("Cast", ["attention_mask"], "is_token", to=TensorProto.BOOL)
    over = graph.add("Unsqueeze", [is_token, axes], "is_token_for_all")
    read = graph.constant("read", 0.0, np.float32)
    masked = graph.constant("masked", MASKED, np.float32)
    return graph.add("Where", [over, read, masked], "mask_of_scores")


def _attention(graph: Graph, name: str, softmax: NodeProto, turns: Turns, mask: str) -> None:
    """Replace what lies between the projection of a layer and its joined heads."""
    [turned_back] = graph.users(_product(graph, softmax).output[0])
    [joined] = graph.users(turned_back.output[0])
    rows, weight = _projection(graph, softmax)
    width = turns.heads * turns.features
    both, values = graph.apart(name, rows, weight, [2 * width, width])
    both = _by_heads(graph, f"{name}.turned", _turned(graph, name, both, turns), turns.features)
    values = _by_heads(graph, f"{name}.values", values, turns.features)
    sides = [f"{name}.queries", f"{name}.keys"]
    queries, keys = graph.split(both, sides, [turns.heads] * 2, axis=1)
    scores = graph.maker[graph.back(softmax.input[0], "Add")]
    scale = graph.maker[scores.input[0]].input[1]
    keys = graph.add("Transpose", [keys], f"{name}.keys_aside", perm=[0, 1, 3, 2])
    scaled = [graph.add("Mul", [each, scale], f"{each}.scaled") for each in (queries, keys)]
    found = graph.add("MatMul", scaled, f"{name}.scores")
    masked = graph.add("Add", [found, mask], f"{name}.scores_of_tokens")
    shares = graph.add("Softmax", [masked], f"{name}.shares", axis=-1)
    read = graph.add("MatMul", [shares, values], f"{name}.read")
    read = graph.add("Transpose", [read], f"{name}.read_by_tokens", perm=[0, 2, 1, 3])
    shape = graph.constant(f"{name}.width", [0, 0, width])
    graph.add("Reshape", [read, shape], joined.output[0])


def _by_heads(graph: Graph, name: str, rows: str, features: int) -> str:
    """Return [texts, heads, tokens, features] of [texts, tokens, heads * features]."""
    shape = graph.constant(f"{name}.shape", [0, 0, -1, features])
    apart = graph.add("Reshape", [rows, shape], f"{name}.apart")
    return graph.add("Transpose", [apart], f"{name}.by_heads", perm=[0, 2, 1, 3])


def _turned(graph: Graph, name: str, rows: str, turns: Turns) -> str:
    """Return queries and keys with their features turned by their tokens' places."""
    shape = graph.constant(f"{name}.halves", [0, 0, -1, 2, turns.features // 2])
    whole = graph.constant(f"{name}.whole", [0, 0, 2 * turns.heads * turns.features])
    swap = graph.constant(f"{name}.swap", [1, 0])
    halves = graph.add("Reshape", [rows, shape], f"{name}.in_halves")
    swapped = graph.add("Gather", [halves, swap], f"{name}.halves_swapped", axis=3)
    swapped = graph.add("Reshape", [swapped, whole], f"{name}.swapped")
    straight = graph.add("Mul", [rows, turns.cosines], f"{name}.straight")
    aside = graph.add("Mul", [swapped, turns.sines], f"{name}.aside")
    return graph.add("Add", [straight, aside], f"{name}.turned")


def _gate(graph: Graph, name: str, split: NodeProto) -> None:
    """Multiply apart what a GELU takes and what it is multiplied with; this in halves.

    A GELU is half of x * (1 + erf(x / sqrt(2))): to halve a weight is exact, and done once.
    """
    rows, weight = graph.maker[split.input[0]].input
    taken, other = split.output
    width = graph.width_of(weight) // 2
    halving = graph.constant(f"{name}.halving", [1.0] * width + [0.5] * width, np.float32)
    weight = graph.add("Mul", [weight, halving], f"{name}.weight")
    made = [taken, f"{name}.half_of_{other}"]
    graph.apart(f"{name}.gate", rows, weight, [width, width], made)
    [divided] = [node for node in graph.users(taken) if node.op_type == "Div"]
    [error] = graph.users(divided.output[0])
    [above] = graph.users(error.output[0])
    [halved] = graph.users(above.output[0])
    [gelu] = graph.users(halved.output[0])
    [gated] = graph.users(gelu.output[0])
    whole = graph.add("Mul", [taken, above.output[0]], f"{name}.twice_gelu")
    graph.add("Mul", [whole, made[1]], gated.output[0])
