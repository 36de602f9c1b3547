"""An ONNX graph whose nodes are found by what they make, and replaced."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper


class Graph:
    """The graph of a model; it changes with `finish`, and before only gets new constants."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self.maker = {name: node for node in self._graph.node for name in node.output}
        self._added: list[NodeProto] = []
        self._dims = {tensor.name: list(tensor.dims) for tensor in self._graph.initializer}

    def all_of(self, operator: str) -> list[NodeProto]:
        """Return all nodes of one kind, in order."""
        return [node for node in self._graph.node if node.op_type == operator]

    def users(self, name: str) -> list[NodeProto]:
        """Return the nodes that take an output."""
        return [node for node in self._graph.node if name in node.input]

    def users_behind(self, name: str) -> list[NodeProto]:
        """Return the nodes that take an output, or what is chosen of it."""
        found = []
        for node in self.users(name):
            found += self.users_behind(node.output[0]) if node.op_type == "Where" else [node]
        return found

    def width_of(self, name: str) -> int:
        """Return how many columns a weight has; kept as halves, it is cast first."""
        width: int = self._dims[self.back(name, "Cast")][-1]
        return width

    def back(self, name: str, operators: str) -> str:
        """Return what an output was made of, by nodes of these kinds, the last one first.

        Raises:
            ValueError: it was made by others; the message names them.
        """
        for operator in operators.split():
            node = self.maker[name]
            if node.op_type != operator:
                msg = f"{name} is made by {node.op_type}, not by {operator}"
                raise ValueError(msg)
            name = node.input[0]
        return name

    def add(self, operator: str, inputs: list[str], made: str, **attributes: object) -> str:
        """Add a node; return its output, `made`."""
        self._added.append(helper.make_node(operator, inputs, [made], name=made, **attributes))
        return made

    def constant(self, name: str, values: object, kind: type[np.generic] = np.int64) -> str:
        """Add a constant; return its name."""
        array: NDArray[np.generic] = np.array(values, kind)
        self._graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    def split(self, name: str, made: list[str], sizes: list[int], axis: int) -> list[str]:
        """Add a node that splits an output; return the parts, `made`."""
        lengths = self.constant(f"{made[0]}.sizes", sizes)
        node = helper.make_node("Split", [name, lengths], made, name=made[0], axis=axis)
        self._added.append(node)
        return made

    def apart(
        self, name: str, rows: str, weight: str, widths: list[int], made: list[str] | None = None
    ) -> list[str]:
        """Multiply rows with parts of a weight's columns; return the products."""
        parts = [f"{name}.{part}" for part in range(len(widths))]
        made = made or [f"{part}.rows" for part in parts]
        self.split(weight, [f"{part}.weight" for part in parts], widths, axis=1)
        return [
            self.add("MatMul", [rows, f"{part}.weight"], product)
            for part, product in zip(parts, made, strict=True)
        ]

    def finish(self) -> None:
        """Put the nodes in an order in which they can run; leave out what nobody asks for."""
        for node in self._added:  # They stand for the old makers of their outputs.
            self.maker |= dict.fromkeys(node.output, node)
        nodes: dict[str, NodeProto] = {}
        for output in self._graph.output:
            self._reach(output.name, nodes)
        asked = {name for node in nodes.values() for name in node.input}
        kept = [tensor for tensor in self._graph.initializer if tensor.name in asked]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(nodes.values())
        self._graph.initializer.extend(kept)

    def _reach(self, name: str, nodes: dict[str, NodeProto]) -> None:
        node = self.maker.get(name)
        if node is None or node.output[0] in nodes:
            return
        for needed in node.input:
            self._reach(needed, nodes)
        nodes[node.output[0]] = node
