"""The tape: what was computed, and how gradients run back along it.

Every operation leaves a `Node` that points to the nodes it was computed from, and carries for each of them a
vector-Jacobian product: a function that takes ∂L/∂output and gives ∂L/∂input. Nodes are numbered as they are made, so
going through them in falling order is going from the loss to the leaves, and every node has received all its
gradients when its turn comes. This is reverse-mode automatic differentiation: Linnainmaa (1970); Baydin et al.
(2018), Automatic Differentiation in Machine Learning, https://arxiv.org/abs/1502.05767.
Left out: gradients of gradients (`create_graph=True`).
"""

import itertools
import threading
from contextlib import ContextDecorator

import numpy as np

from .left_out import refuse

counter, holds = itertools.count(), {}


class Node:
    """One operation on the tape.

    Attributes:
        edges: Pairs (where from, vector-Jacobian product); where from is a `Node`, or a leaf tensor.
        name: The operation, as in `mul`.
        order: Its number: later operations have higher ones.
        value: The array that came out.
        saved: (version counter, its count, array) of what went in and came out, to notice later overwriting.
        saves: How many of these must not be overwritten whether or not a product looks at them.
        hooks: Functions that are asked about the gradient as it passes.
        keep: Is told the gradient after all hooks, for a tensor that retains it.
    """

    __slots__ = ("__weakref__", "edges", "hooks", "keep", "name", "order", "saved", "saves", "value")

    def __init__(self, name, value, edges, saved=(), saves=0):
        self.name, self.value, self.edges, self.saved, self.saves = name, value, edges, saved, saves
        self.order, self.hooks, self.keep = next(counter), None, None

    def keeps_values(self):
        """Whether a way back needs values that it frees; what needs none can be gone through again."""
        for _, vjp in self.edges:
            place = self.name, id(vjp.__code__)  # one place in the code holds the same kinds of things every time
            if place not in holds:
                holds[place] = _keeps(vjp)
            if holds[place]:
                return True
        return self.saves > 0

    @property
    def next_functions(self):
        return tuple((target, 0) for target, _ in self.edges or ())

    def __repr__(self):
        return f"<{self.name.title().replace('_', '')}Backward0>"


def run_backward(roots, gradients, retain_graph=False, wanted=(), only=False):
    """Sends gradients from the roots back to the leaves.

    Args:
        roots: Nodes, or leaf tensors, to start from.
        gradients: One array for each root, of its shape: ∂L/∂root.
        retain_graph: Keep what the operations saved, so that the pass can be run again; those that saved no values
            can be run again anyhow.
        wanted: Nodes whose gradient the caller wants to see too.
        only: Go no further than what is wanted; then leaves may be wanted too.

    Returns:
        A dictionary from every leaf that was reached, and every wanted node, to its gradient.

    Raises:
        RuntimeError: If a part of the tape was freed by an earlier pass, or a saved value was overwritten since.
    """
    nodes = reachable(roots)
    leads = _leading(nodes, wanted) if only else None
    pending, seen, summed = {}, {}, set()  # `summed`: gradients that are sums of our own, safe to add to in place
    for root, gradient in zip(roots, gradients):
        pending[root] = pending[root] + gradient if root in pending else gradient
    with np.errstate(all="ignore"):
        for node in nodes if leads is None else [node for node in nodes if node in leads]:
            gradient = _through_hooks(node, pending.pop(node))
            if node.keep:
                node.keep(gradient)
            if node in wanted:
                seen[node] = gradient
            edges = node.edges if leads is None else [edge for edge in node.edges if edge[0] in leads]
            if not edges:
                continue
            _check_saved(node)
            for target, vjp in edges:
                share = vjp(gradient)
                like = target.value if type(target) is Node else target.array
                if share.shape != like.shape or share.dtype != like.dtype:
                    share = unbroadcast(share, like.shape).astype(like.dtype, copy=False)
                if target not in pending:  # a leaf keeps its gradient for good, so it takes nobody else's memory
                    is_shared = share is gradient or share.base is not None
                    pending[target] = share.copy() if is_shared and type(target) is not Node else share
                elif target in summed:
                    pending[target] += share
                else:
                    pending[target] = pending[target] + share
                    summed.add(target)
            if not retain_graph and node.keeps_values():
                node.edges = node.value = node.saved = None
    return {leaf: _through_hooks(leaf, gradient) for leaf, gradient in pending.items()} | seen


def unbroadcast(gradient, shape):
    """Sums a gradient over the axes along which its input was repeated: ∂L/∂x = Σ over copies of x."""
    gradient = np.asarray(gradient)
    gradient = gradient.reshape((1,) * (len(shape) - gradient.ndim) + gradient.shape)
    if gradient.ndim > len(shape):
        gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    repeated = tuple(i for i, size in enumerate(shape) if size == 1 and gradient.shape[i] != 1)
    return gradient.sum(axis=repeated, keepdims=True) if repeated else np.broadcast_to(gradient, shape)


def reachable(roots):
    """Every node from which the roots were computed, later ones first.

    Raises:
        RuntimeError: If backward has already freed what a node saved.
    """
    nodes = [root for root in dict.fromkeys(roots) if type(root) is Node]
    known = set(nodes)
    for node in nodes:  # grows while we walk
        if node.edges is None:
            raise RuntimeError(
                f"backward: expected a graph that still holds its saved values, but those of '{node.name}' were freed "
                "when backward ran through it for the first time; pass retain_graph=True to that first call to go "
                "backward through the graph a second time, or compute the result again"
            )
        for target, _ in node.edges:
            if type(target) is Node and target not in known:
                known.add(target)
                nodes.append(target)
    return sorted(nodes, key=lambda node: node.order, reverse=True)


def _leading(nodes, wanted):
    """The wanted places, and all nodes on the way to them."""
    leads = set(wanted)
    for node in reversed(nodes):
        if any(target in leads for target, _ in node.edges):
            leads.add(node)
    return leads


def _through_hooks(place, gradient):
    for hook in tuple((place.hooks or {}).values()):
        gradient = hook(gradient)
    return gradient


def _check_saved(node):
    for i, (version, count, array) in enumerate(node.saved):
        if version[0] != count and (i < node.saves or any(_keeps(vjp, array) for _, vjp in node.edges)):
            raise RuntimeError(
                f"backward: one of the variables needed for gradient computation has been modified by an inplace "
                f"operation: expected '{node.name}' to find its {list(array.shape)} values at version {count}, got "
                f"version {version[0]}; use the operation without trailing underscore, or clone() first"
            )


def _keeps(held, array=None):
    """Whether what is held, a vector-Jacobian product at first, is or has values: of this array's memory, or any."""
    if isinstance(held, (np.ndarray, np.generic)):
        return array is None or np.may_share_memory(held, array)
    if type(held) is tuple:
        return any(_keeps(item, array) for item in held)
    cells = getattr(held, "__closure__", None) or ()
    return any(_keeps(cell.cell_contents, array) for cell in cells)


def has_stale_hook(view):
    """Whether a hook hangs on one of the views that led to a view, from before its last change in place."""
    node, changes = view.node, view.version[0]
    while type(node) is Node and node.edges and np.may_share_memory(node.value, view.array):
        if any(handle.changes not in (None, changes) for handle in node.hooks or ()):
            return True
        node = node.edges[0][0]
    return False


class Handle:
    """A hook in a dictionary of hooks; `remove()` takes it away again.

    Attributes:
        changes: For a hook on a view: how often its values had been changed in place when it was registered.
    """

    def __init__(self, hooks, hook, changes=None):
        self.hooks, self.changes = hooks, changes
        hooks[self] = hook

    def remove(self):
        self.hooks.pop(self, None)


class _Mode(threading.local):
    enabled = True


mode = _Mode()


class no_grad(ContextDecorator):
    """Nothing inside is recorded: for evaluation, and for an optimiser's own steps. A `with` block or a decorator."""

    enabled = False

    def __new__(cls, argument=None):  # `@no_grad` and `@no_grad()` are the same
        switch = super().__new__(cls)
        switch.before = []
        return switch(argument) if callable(argument) else switch

    def __enter__(self):
        self.before.append(mode.enabled)
        mode.enabled = self.enabled

    def __exit__(self, *error):
        mode.enabled = self.before.pop()


class enable_grad(no_grad):
    """Everything inside is recorded, even within `no_grad`."""

    enabled = True


class inference_mode(no_grad):
    """Like `no_grad`; PyTorch's further savings have no counterpart here."""

    def __init__(self, mode=True):
        self.enabled = not mode


class set_grad_enabled(no_grad):
    """Switches recording on or off at once; as a `with` block until its end."""

    def __init__(self, enabled):
        self.enabled = bool(enabled)
        super().__enter__()

    def __enter__(self):
        mode.enabled = self.enabled


def is_grad_enabled():
    """Whether operations are being recorded."""
    return mode.enabled


def start_gradient(tensor, gradient):
    """The array with which a backward pass starts at `tensor`: the given gradient, or 1 for a scalar.

    Raises:
        RuntimeError: If nothing requires a gradient, or none is given for several elements, or its shape differs.
    """
    if not tensor.requires_grad or (tensor.node is not None and tensor.node.edges == ()):
        raise RuntimeError(
            "backward: element 0 of tensors does not require grad and does not have a grad_fn: expected a result of "
            f"tensors that require grad, got one of {tensor.dtype} without history; call requires_grad_() on a "
            "floating point input, and compute outside no_grad()"
        )
    if gradient is None and tensor.array.size != 1:
        raise RuntimeError(
            "backward: grad can be implicitly created only for scalar outputs: expected one element, got shape "
            f"{list(tensor.shape)}; reduce it first, as in loss.mean(), or pass gradient="
        )
    if gradient is None:
        return np.ones_like(tensor.array)
    if gradient.array.shape != tensor.array.shape:
        raise RuntimeError(
            f"backward: mismatch in shape: expected a gradient of shape {list(tensor.shape)}, got "
            f"{list(gradient.shape)}; it must hold ∂L/∂output for every element"
        )
    return gradient.array.astype(tensor.array.dtype)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=False):
    """The gradients of outputs at inputs, which may be leaves or results; no `grad` attribute is touched.

    Raises:
        RuntimeError: If an input does not require grad, or was not used (unless allow_unused).
    """
    refuse("autograd.grad", create_graph=create_graph)
    outputs, inputs = _as_list(outputs), _as_list(inputs)
    if not all(x.requires_grad for x in inputs):
        raise RuntimeError("autograd.grad: One of the differentiated Tensors does not require grad; see requires_grad_")
    places = [x.tape() or x for x in inputs]
    starts = _as_list(grad_outputs) if grad_outputs is not None else [None] * len(outputs)
    gradients = [start_gradient(y, g) for y, g in zip(outputs, starts)]
    found = run_backward([y.tape() or y for y in outputs], gradients, retain_graph, wanted=set(places), only=True)
    if not allow_unused and any(place not in found for place in places):
        raise RuntimeError(
            "autograd.grad: One of the differentiated Tensors appears to not have been used in the graph: expected "
            "every input to lead to an output; set allow_unused=True if None is the desired answer"
        )
    return tuple(x.around(found[place]) if place in found else None for x, place in zip(inputs, places))


def _as_list(value):
    return list(value) if isinstance(value, (tuple, list)) else [value]
