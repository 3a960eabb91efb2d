"""The tape made visible: every operation behind a tensor with its shape, its value and its gradient.

`str(graph(loss))` is text for a terminal; in a notebook the graph draws itself as SVG, inputs on the left, the result
on the right. Ask before `backward`, which frees the tape (or call it with `retain_graph=True`).
"""

import html
from dataclasses import dataclass, field

import numpy as np

from .autograd import reachable, run_backward
from .tensor import Tensor

WIDTH, HEIGHT, GAP_X, GAP_Y = 224, 66, 36, 18  # of a box, and between boxes, in pixels


@dataclass
class Step:
    """One operation, or one leaf.

    Attributes:
        operation: Its name; 'leaf' for a tensor that was not computed.
        shape: Shape of the value.
        value: The array that came out.
        gradient: ∂result/∂value, None where the result is not a scalar.
        inputs: Numbers of the steps that it was computed from.
    """

    operation: str
    shape: tuple
    value: np.ndarray
    gradient: np.ndarray | None = None
    inputs: list = field(default_factory=list)


class Graph:
    """All steps behind one tensor, inputs first."""

    def __init__(self, steps):
        self.nodes = steps

    def __len__(self):
        return len(self.nodes)

    def __iter__(self):
        return iter(self.nodes)

    def __str__(self):
        names = [f"{i}: {step.operation}({', '.join(map(str, step.inputs))})" for i, step in enumerate(self.nodes)]
        width = max(map(len, names), default=0)
        return "\n".join(
            f"{name:{width}}  {_shape(step):12}  value {_brief(step.value):24}  gradient {_brief(step.gradient)}"
            for name, step in zip(names, self.nodes)
        )

    def _repr_svg_(self):
        places, size = _places(self.nodes)
        lines = [_line(places[i], places[j]) for j, step in enumerate(self.nodes) for i in step.inputs]
        boxes = [_box(i, step, *places[i]) for i, step in enumerate(self.nodes)]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" role="img" '
            f'aria-label="graph of {len(self)} operations" viewBox="0 0 {size[0]} {size[1]}" '
            'style="max-width: 100%; height: auto" '
            'font-family="ui-monospace, monospace" font-size="11" fill="currentColor">'
            + "".join(lines + boxes)
            + "</svg>"
        )


def graph(tensor):
    """The steps by which a tensor was computed, with their values and, for a scalar, its gradient at each of them.

    Raises:
        RuntimeError: If the tensor has no history, or its tape has been freed by `backward`.

    Example:
        >>> x = Tensor([1.0, 2.0]).requires_grad_()
        >>> [(step.operation, step.gradient.tolist()) for step in graph((x * x).sum())]
        [('leaf', [2.0, 4.0]), ('mul', [1.0, 1.0]), ('sum', 1.0)]
    """
    root = tensor.tape()
    try:
        order = _inputs_first(root)
    except (RuntimeError, AttributeError):
        raise RuntimeError(
            "graph: expected a tensor whose tape is still there, got one "
            + ("without history" if root is None else "freed by backward()")
            + "; call graph before backward, on the result of tensors that require grad"
        ) from None
    numbers = {place: i for i, place in enumerate(order)}
    gradients = {}
    if root.value.size == 1:
        start = np.ones_like(root.value)
        gradients = run_backward([root], [start], retain_graph=True, wanted=set(order))
    return Graph([_step(place, numbers, gradients.get(place)) for place in order])


def _inputs_first(root):
    """Every place behind the root, in the order of computation; a leaf just before the first operation that used it."""
    order = {}
    for node in reversed(reachable([root])):
        order |= dict.fromkeys(target for target, _ in node.edges if isinstance(target, Tensor))
        order[node] = None
    return list(order)


def _step(place, numbers, gradient):
    if isinstance(place, Tensor):
        return Step("leaf", place.array.shape, place.array, gradient)
    inputs = [numbers[target] for target, _ in place.edges]
    return Step(place.name, place.value.shape, place.value, gradient, inputs)


def _places(steps):
    """Where each box is drawn: an operation as far right as the longest way to it, a leaf just before its first use."""
    column = []
    for step in steps:
        column.append(max((column[i] + 1 for i in step.inputs), default=0))
    first_use = {}
    for at, step in zip(column, steps):
        first_use |= {i: min(first_use.get(i, at), at) for i in step.inputs}
    column = [at if step.inputs else first_use.get(i, 1) - 1 for i, (at, step) in enumerate(zip(column, steps))]
    rows, places = [-1] * (max(column) + 1), [None] * len(steps)
    for i in sorted(range(len(steps)), key=lambda i: not steps[i].inputs):  # operations on top, leaves below
        rows[column[i]] += 1
        places[i] = 10 + column[i] * (WIDTH + GAP_X), 10 + rows[column[i]] * (HEIGHT + GAP_Y)
    return places, (max(x for x, _ in places) + WIDTH + 10, max(y for _, y in places) + HEIGHT + 10)


def _line(start, end):
    x1, y1, x2, y2 = start[0] + WIDTH, start[1] + HEIGHT / 2, end[0], end[1] + HEIGHT / 2
    middle = (x1 + x2) / 2
    return (
        f'<path d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}" fill="none" stroke="currentColor" opacity=".45"/>'
        f'<circle cx="{x2}" cy="{y2}" r="3"/>'
    )


def _box(number, step, x, y):
    style = ' stroke-dasharray="4 3"' if step.operation == "leaf" else ""
    rows = (f"{step.operation} {_shape(step)}", f"= {_brief(step.value)}", f"∂ {_brief(step.gradient)}")
    text = "".join(
        f'<text x="{x + 8}" y="{y + 20 + 17 * i}" font-weight="{400 if i else 700}">{html.escape(row)}</text>'
        for i, row in enumerate(rows)
    )
    frame = f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="none" stroke="currentColor"{style}/>'
    return f"<g><title>{number}: {html.escape(step.operation)}</title>{frame}{text}</g>"


def _shape(step):
    return "(" + ", ".join(map(str, step.shape)) + ")"


def _brief(array):
    """A few numbers whole, many as mean ± standard deviation."""
    if array is None:
        return "–"
    if array.size <= 4:
        return "[" + ", ".join(f"{x:.3g}" for x in array.reshape(-1).tolist()) + "]"
    return f"{array.mean():.3g} ± {array.std():.3g}"
