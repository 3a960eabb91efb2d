"""One input on its way through a network, watched on the glass engine: layer by layer, operation by operation.

    dg.load("runs/iris").trace("flower.csv", backward=True)["steps"]

Layers tell of themselves through hooks. Operations are on the engine's tape, numbered as they were computed, so an
operation belongs to the innermost layer that was open when its number was given; what carries no gradient, such as a
mask, is not on it. The gradients come from one pass back along the same tape. Everything runs in evaluation mode: what
is traced is what `predict` computes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass import glass
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.data.examples import Batch
from deepglass.glass.autograd import Node, counter, run_backward
from deepglass.tasks import BaseTask
from deepglass.zoo.bag import Bag
from deepglass.zoo.on_glass import to_glass

Gradients = dict[Any, np.ndarray]  # of operations on the tape and of weights


def trace(run: Any, inputs: Any, backward: bool = False) -> dict[str, Any]:
    """Walk one example through the network of a run.

    Args:
        run: A trained model.
        inputs: As for `predict`; the first row, picture, text or window is taken.
        backward: Also the gradients of the task's loss: against the target where the input has one, else against
            the prediction (classes) or the mean of the training data (values).

    Returns:
        run, task, model, then `steps` in the order of the computation. A layer has name, class, inputs (shapes), shape
        (of its output) and parameters; an operation has name, layer and shape; both have depth, mean, std, min, max,
        zeros (a share) and, with `backward`, the norm of their gradient, a layer also that of its weights.

    Raises:
        DataError: If the input does not fit the schema.
        RunError: If the run has no weights yet.
    """
    batch, has_target = first_example(run.task, inputs)
    return trace_batch(run, batch, has_target, backward)


def trace_batch(run: Any, batch: Batch, has_target: bool, backward: bool = False) -> dict[str, Any]:
    """The same of a batch of one example, which ends in its target, or in one that counts for nothing.

    Raises:
        RunError: If the run has no weights yet.
    """
    own, network = run.network, run.build_model("glass")
    first = own.networks[0] if isinstance(own, Bag) else own
    network.load_state_dict(to_glass(first.state_dict()))
    walk = Walk(network.eval())
    answer = network(*map(watched, batch[:-1]))
    steps = walk.steps(answer)
    result: dict[str, Any] = {"run": str(run.path), "task": run.config["task"], "model": run.config["model"]}
    if isinstance(own, Bag) or run.model is not own:
        result["part"] = _part_of(own, run.metrics.get("blend"))
    if backward:
        target = batch[-1] if has_target else stand_in(batch[-1], torch.tensor(answer.detach().numpy()))
        result["against"] = "target" if has_target else "mean" if target.is_floating_point() else "prediction"
        result["loss"], start = loss_and_gradient(run, (*batch[:-1], target), answer)
        found = run_backward([answer.tape()], [start], wanted={step.node for step in steps})
        for step in steps:
            step.record |= step.gradients(found)
    return result | {"steps": [step.record for step in steps]}


def _part_of(network: Any, blend: dict[str, Any] | None) -> str:
    """What is followed where it is not all that answers."""
    words = f"the first of {len(network.networks)} networks" if isinstance(network, Bag) else "the network"
    return words + (f" of a blend with {', '.join(list(blend['weights'])[1:])}" if blend else "")


# -- what goes in ---------------------------------------------------------------------------------------------------


def first_example(task: BaseTask, inputs: Any) -> tuple[Batch, bool]:
    """The first example as a batch of one, and whether it carries its target.

    Raises:
        OptionError: If nothing of the data goes into the network.
    """
    if not task.PREDICTS:
        raise OptionError(
            f"{task.name} answers no inputs, it draws samples: there is none to follow through the network"
        )
    try:
        examples, _ = task.read(inputs, with_target=True)
        has_target = True
    except DeepglassError:  # no target in it, or nothing that can be read at all: then the next line says so
        examples, _ = task.read(inputs, with_target=False)
        has_target = False
    return examples.batch(torch.tensor([0])), has_target


def stand_in(target: Tensor, answer: Tensor) -> Tensor:
    """In place of an absent target: the class that was predicted, or zero, the mean of standardised values."""
    if target.is_floating_point():
        return torch.zeros_like(target)
    shares = answer.softmax(dim=-1)  # (1, K), or (1, members, K) of an ensemble
    return (shares.mean(dim=1) if shares.dim() == 3 else shares).argmax(dim=-1)


def loss_and_gradient(run: Any, batch: Batch, answer: glass.Tensor) -> tuple[float, np.ndarray]:
    """The task's own loss of an answer, and its gradient at the answer."""
    said = torch.tensor(answer.detach().numpy(), requires_grad=True)
    model = run.build_model().eval()
    model.forward = lambda *inputs: said  # the loss asks a model; this one repeats what the glass engine answered
    loss = run.task.loss(model, batch)
    loss.backward()
    assert said.grad is not None
    return loss.item(), said.grad.numpy()


def watched(tensor: Tensor) -> glass.Tensor:
    """An input of the network; numbers ask for a gradient, so that the tape records all that is done to them."""
    return glass.from_numpy(tensor.numpy()).requires_grad_(tensor.is_floating_point())


# -- what passes through --------------------------------------------------------------------------------------------


@dataclass
class Layer:
    """One call of a module; operations whose numbers lie between start and end are its own or its children's."""

    name: str
    module: glass.nn.Module
    depth: int
    start: int
    inputs: list[list[int]]
    end: int = 0
    output: Any = None


@dataclass
class Step:
    """A layer or an operation: where it is on the tape, and what is told of it."""

    order: int
    node: Node | None  # that gave its output
    record: dict[str, Any]
    parameters: list[Any] | None = None  # of a layer

    def gradients(self, found: Gradients) -> dict[str, float | None]:
        """Norms of ∂L/∂output and, for a layer, of ∂L/∂weights, all of them together."""
        norms = {"gradient": norm([self.node], found)}
        return norms if self.parameters is None else norms | {"weight_gradient": norm(self.parameters, found)}


class Walk:
    """Notes every layer of a network as it is called.

    Args:
        network: It keeps the hooks, so it should be nobody else's.
    """

    def __init__(self, network: glass.nn.Module):
        self.layers: list[Layer] = []
        self.open: list[Layer] = []
        for name, module in network.named_modules():
            module.register_forward_pre_hook(lambda module, inputs, name=name: self._enter(name, module, inputs))
            module.register_forward_hook(self._leave)

    def steps(self, answer: glass.Tensor) -> list[Step]:
        """Layers and operations behind the answer, in the order in which they began."""
        operations = [self._operation(node) for node in operations_behind(answer)]
        return sorted([*map(as_step, self.layers), *operations], key=lambda step: step.order)

    def _enter(self, name: str, module: glass.nn.Module, inputs: tuple[Any, ...]) -> None:
        shapes = [list(x.shape) for x in inputs if isinstance(x, glass.Tensor)]
        self.open.append(Layer(name, module, len(self.open), next(counter), shapes))
        self.layers.append(self.open[-1])

    def _leave(self, module: glass.nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        layer = self.open.pop()
        layer.output = output[0] if isinstance(output, tuple) else output
        layer.end = next(counter)

    def _operation(self, node: Node) -> Step:
        around = [layer for layer in self.layers if layer.start < node.order < layer.end]
        layer = max(around, key=lambda layer: layer.start)  # the innermost
        place = {"kind": "operation", "name": node.name, "layer": layer.name, "depth": layer.depth + 1}
        return Step(node.order, node, {**place, "shape": list(node.value.shape), **statistics(node.value)})


def as_step(layer: Layer) -> Step:
    """A layer as plain data."""
    parameters = list(layer.module.parameters())
    record = {
        "kind": "layer",
        "name": layer.name,
        "class": type(layer.module).__name__,
        "depth": layer.depth,
        "inputs": layer.inputs,
        "shape": list(layer.output.shape),
        "parameters": sum(p.numel() for p in parameters),
        **statistics(layer.output.detach().numpy()),
    }
    return Step(layer.start, layer.output.tape(), record, parameters)


def operations_behind(tensor: glass.Tensor) -> list[Node]:
    """Every operation from which a tensor was computed, in the order of the tape."""
    found: set[Node] = set()
    waiting = [tensor.tape()]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Node) and node not in found:
            found.add(node)
            waiting += [before for before, _ in node.next_functions]
    return list(found)


# -- numbers --------------------------------------------------------------------------------------------------------


def statistics(values: np.ndarray) -> dict[str, float | None]:
    """Mean, standard deviation, extremes and the share of exact zeros; None where there is nothing."""
    if not values.size:
        return dict.fromkeys(("mean", "std", "min", "max", "zeros"))
    x = values.astype(np.float64)
    numbers = {"mean": x.mean(), "std": x.std(), "min": x.min(), "max": x.max(), "zeros": (x == 0).mean()}
    return {name: float(number) for name, number in numbers.items()}


def norm(places: list[Any], found: Gradients) -> float | None:
    """√Σg² over the gradients at some places together; None where none arrived."""
    squares = [np.square(found[place], dtype=np.float64).sum() for place in places if place in found]
    return float(np.sqrt(sum(squares))) if squares else None
