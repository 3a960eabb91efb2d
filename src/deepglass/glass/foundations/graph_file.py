"""A network as data: a list of operations, each with the names of what goes in and out, and twenty lines that run it.

    {"op": "MatMul", "inputs": ["pixels", "hidden.weight"], "output": "sum"}
    {"op": "Relu",   "inputs": ["sum"],                     "output": "unit"}

A list can be written to a file, and a program in any language can run it that knows the operations by name: no Python
of ours goes with it. This is the idea of ONNX (2017, https://onnx.ai), whose names and meanings of operations are
used here; its file adds the shapes and the numbers of the weights, in another encoding (protocol buffers).
"""

import numpy as np

OPERATIONS = {  # as https://onnx.ai/onnx/operators defines them
    "MatMul": lambda a, b: a @ b,
    "Add": lambda a, b: a + b,
    "Relu": lambda a: np.maximum(a, 0),
    "Tanh": np.tanh,
    "Softmax": lambda a: np.exp(a - a.max(-1, keepdims=True)) / np.exp(a - a.max(-1, keepdims=True)).sum(-1)[..., None],
}


def dense_net(num_layers, bend="Relu"):
    """The operations of a network of linear layers: input "x", weights "0.weight" (in, out) and "0.bias", output "y".

    Example:
        >>> [node["op"] for node in dense_net(2)]
        ['MatMul', 'Add', 'Relu', 'MatMul', 'Add', 'Softmax']
    """
    nodes, value = [], "x"
    for layer in range(num_layers):
        is_last = layer == num_layers - 1
        for op, inputs in (
            ("MatMul", [value, f"{layer}.weight"]),
            ("Add", [f"{layer}.MatMul", f"{layer}.bias"]),
            ("Softmax" if is_last else bend, [f"{layer}.Add"]),
        ):
            value = "y" if is_last and op == "Softmax" else f"{layer}.{op}"
            nodes.append({"op": op, "inputs": inputs, "output": value})
    return nodes


def run(nodes, values):
    """All values by name, those that came and those that the nodes computed one after the other.

    Raises:
        ValueError: If an operation is not known, or a value is used before it is there.
    """
    values = dict(values)
    for node in nodes:
        if node["op"] not in OPERATIONS:
            raise ValueError(f"operation {node['op']!r}: this program knows {', '.join(OPERATIONS)} only")
        absent = [name for name in node["inputs"] if name not in values]
        if absent:
            raise ValueError(f"{node['op']} needs {absent[0]!r}, which nothing before it has computed")
        values[node["output"]] = OPERATIONS[node["op"]](*(values[name] for name in node["inputs"]))
    return values
