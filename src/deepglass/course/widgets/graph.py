"""The engine's tape as a picture that plays: values run forward, gradients run back."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from deepglass.course.widgets.widget import Widget, on_page, state
from deepglass.glass import graph as glass_graph


class Graph(Widget):
    """State of the picture; `nodes` come from `nodes_of`."""

    nodes = state([])
    seconds = state(0.9)


def graph(
    result: Any, names: Mapping[str, Any] | None = None, *, name: str = "", label: str = "", seconds: float = 0.9
) -> Any:
    """The graph behind a tensor of the glass engine, played step by step; `.nodes = nodes_of(…)` shows another.

    Args:
        result: A scalar computed from tensors that require grad, before `backward`.
        names: What tensors of it are called: {"w₁": w1}; the others go by their operation.
        name: Under which other widgets follow its steps.
        label: What is seen, for those who cannot see it.
        seconds: A step.
    """
    return on_page(Graph(nodes=nodes_of(result, names), name=name, label=label, seconds=seconds))


def nodes_of(result: Any, names: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The steps behind a tensor as plain data: title, inputs, shape, value, gradient."""
    called = {id(tensor.detach().numpy()): title for title, tensor in (names or {}).items()}
    return [
        {
            "title": called.get(id(step.value)) or OPERATIONS.get(step.operation, step.operation),
            "inputs": list(step.inputs),
            "shape": list(step.shape),
            "value": brief(step.value),
            "gradient": None if step.gradient is None else brief(step.gradient),
        }
        for step in glass_graph(result)
    ]


OPERATIONS = {"mul": "×", "add": "+", "sub": "−", "div": "÷", "pow": "power", "neg": "negate", "matmul": "matrix ×"}


def brief(array: np.ndarray) -> str:
    """Few numbers whole, many as their first."""
    numbers = [f"{value:.3g}".replace("-", "−") for value in np.asarray(array).reshape(-1).tolist()]
    if len(numbers) == 1:
        return numbers[0]
    return ", ".join(numbers[:2]) + (" …" if len(numbers) > 2 else "")
