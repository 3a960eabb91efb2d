"""Where each layer of a model is below the roofs of a machine, forward and backward pass together.

    placed = place(architectures.entry("resnet18"), roofs, device, "float32", batch_size=64)
    placed.layers[0].intensity, placed.layers[0].bound

Two passes are taken: one counts FLOPs and bytes (`flop_counter.py`), the others are timed. Both are attributed to the
layer that was running; in the backward pass to the layer during whose forward pass autograd took its note. The loss
and the optimiser are left out: the gradient of the outputs is one everywhere. So are the sums that autograd makes
where two gradients meet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

from deepglass.core.device import autocast
from deepglass.core.roofline import Roofs
from deepglass.zoo import architectures
from deepglass.zoo.flop_counter import counted, tensors_in
from deepglass.zoo.summary import Walk, build, clock_of, run

PASSES = 5  # that are timed at most; the median of them
PATIENCE = 4.0  # seconds that they may take together

Meter = Callable[[], Any]  # a number, or an array of several, that grows


@dataclass(frozen=True)
class PlacedLayer:
    """One layer under the roofs.

    bound: "compute", "memory" or "launch", whichever of the three alone would take longest.
    attainable, measured: FLOP/s; seconds: of its forward and backward pass.
    """

    name: str
    kind: str
    flops: int
    bytes: int
    operations: int
    seconds: float
    attainable: float
    bound: str

    @property
    def intensity(self) -> float:
        """FLOPs per byte moved."""
        return self.flops / max(1, self.bytes)

    @property
    def measured(self) -> float:
        """FLOP/s."""
        return self.flops / max(1e-12, self.seconds)


@dataclass(frozen=True)
class LayerRoofline:
    """A model's step under the roofs: its layers, and all of them together."""

    model: str
    example: str
    batch_size: int
    precision: str
    layers: list[PlacedLayer]
    whole: PlacedLayer

    def share(self, bound: str) -> float:
        """Part of the time that goes into layers with this bound."""
        return sum(layer.seconds for layer in self.layers if layer.bound == bound) / max(1e-12, self.whole.seconds)


def place(
    entry: architectures.ModelEntry,
    roofs: Roofs,
    device: torch.device,
    precision: str,
    task: str | None = None,
    batch_size: int = 16,
    **values: Any,
) -> LayerRoofline:
    """Count and time a training step of a model, layer by layer.

    Args:
        entry: The model.
        roofs: Of the same device.
        device: Where to compute.
        precision: "float32" or "bfloat16" (by autocast, as in training).
        task: Which of its tasks is meant, where its input depends on it.
        batch_size: Examples that go through at once.
        values: Settings of the model, and sizes as for `_summary.summarize`.

    Raises:
        OptionError: If settings or sizes do not fit each other or the model.
    """
    with torch.device(device), torch.random.fork_rng():
        model, example = build(entry, task, {**values, "batch_size": batch_size})
    with torch.no_grad():
        run(model, example, entry)  # sizes that do not fit show themselves here
    model.train()
    with torch.random.fork_rng():
        counts = counts_of(model, example.inputs, precision)
        seconds = seconds_of(model, example.inputs, precision, device)
    kinds = {name: type(module).__name__ for name, module in model.named_modules()}
    names = [name for name in kinds if name in counts and counts[name][2]]  # without those that do nothing
    layers = [under(roofs, precision, name, kinds[name], counts[name], seconds.get(name, 0.0)) for name in names]
    whole = under(roofs, precision, "", entry.name, sum(counts.values()), sum(layer.seconds for layer in layers))
    return LayerRoofline(entry.name, example.words, batch_size, precision, layers, whole)


def under(roofs: Roofs, precision: str, name: str, kind: str, counts: Any, seconds: float) -> PlacedLayer:
    """What was counted and timed, held against the roofs."""
    flops, moved, operations = (int(count) for count in counts)
    alone = {
        "compute": flops / roofs.flops[precision],
        "memory": moved / roofs.bandwidth,
        "launch": operations * roofs.launch["forward"],
    }
    attainable = roofs.attainable(flops / max(1, moved), precision)
    bound = max(alone, key=lambda roof: alone[roof])
    return PlacedLayer(name, kind, flops, moved, operations, seconds, attainable, bound)


# -- a step, measured -----------------------------------------------------------------------------------------------


def counts_of(model: nn.Module, inputs: tuple[Tensor, ...], precision: str) -> dict[str, Any]:
    """FLOPs, bytes and operations of each layer, as arrays of three."""
    with counted(model) as traffic:
        return step(model, inputs, precision, lambda: np.array([traffic.flops, traffic.bytes, traffic.operations]))


def seconds_of(model: nn.Module, inputs: tuple[Tensor, ...], precision: str, device: torch.device) -> dict[str, float]:
    """Seconds of each layer: the median of several steps after one that is not looked at."""
    clock = clock_of(device)
    step(model, inputs, precision, clock)
    started, steps = clock(), []
    while not steps or (len(steps) < PASSES and clock() - started < PATIENCE):
        steps.append(step(model, inputs, precision, clock))
    return {name: median(each[name] for each in steps) for name in steps[0]}


def step(model: nn.Module, inputs: tuple[Tensor, ...], precision: str, meter: Meter) -> dict[str, Any]:
    """What a meter gained in each layer over one forward and one backward pass."""
    walk = StepWalk(model, meter)
    try:
        with autocast(precision, inputs[0].device):
            outputs = [tensor for tensor in tensors_in(model(*inputs)) if tensor.requires_grad]
        walk.follow_backward()
        torch.autograd.backward(outputs, [torch.ones_like(tensor) for tensor in outputs])
    finally:
        walk.leave()
        model.zero_grad(set_to_none=True)
    return walk.own


class StepWalk(Walk):
    """A walk that goes back as well: what autograd noted while a layer was running is that layer's."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.owner: dict[Node, str] = {}
        self.entered: list[set[Node]] = []  # for each running layer, the notes that its inputs came with

    def enter(self, module: nn.Module, inputs: Any) -> None:
        self.entered.append({tensor.grad_fn for tensor in tensors_in(inputs) if tensor.grad_fn is not None})
        super().enter(module, inputs)

    def exit_of(self, name: str) -> Callable[..., None]:
        close = super().exit_of(name)

        def exit(module: nn.Module, inputs: Any, named_inputs: dict[str, Any], output: Any) -> None:
            close(module, inputs, named_inputs, output)
            self.claim(name, output, self.entered.pop())

        return exit

    def claim(self, name: str, output: Any, before: set[Node]) -> None:
        """Give a layer the notes between its output and its inputs that no layer inside it has taken."""
        left, seen = [tensor.grad_fn for tensor in tensors_in(output)], {None, *before}
        while left:
            node = left.pop()
            if node not in seen:
                seen.add(node)
                self.owner.setdefault(node, name)  # type: ignore[arg-type]
                left += [earlier for earlier, _ in node.next_functions]  # type: ignore[union-attr]

    def follow_backward(self) -> None:
        """Read the meter before and after each note is worked off."""
        for node, name in self.owner.items():
            node.register_prehook(self.begin)
            node.register_hook(lambda *_, name=name: self.end(name))

    def begin(self, *_: Any) -> None:
        self.start = self.meter()

    def end(self, name: str) -> None:
        self.own[name] = self.own.get(name, 0) + self.meter() - self.start
