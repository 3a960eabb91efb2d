"""What a model costs: parameters, arithmetic, memory and time, layer by layer.

    summary = summarize(architectures.entry("resnet18"))
    summary.parameters, summary.flops                       # 11,689,512 and 3.63 · 10⁹

Counting takes place on PyTorch's meta device, where tensors have shapes and no numbers: no memory is needed, and
kernels that a processor fuses (an LSTM is one) are taken apart and seen. A layer's numbers are its own, without
those of the layers inside it, so each column adds up to the whole.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from deepglass.core.errors import OptionError
from deepglass.zoo import architectures
from deepglass.zoo.example_inputs import Example, example_for
from deepglass.zoo.without_memory import without_memory

ADAMW_COPIES = 4  # of the weights: themselves, the gradient, and two moments
PASSES = 5  # that are timed after one that is not; the median of five forgives two disturbances

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One module: what it reads and gives, what it holds and computes by itself, its share of the time."""

    name: str
    kind: str
    shape_in: Shape | None  # None: its weights are used, but it is never called
    shape_out: Shape | None
    calls: int
    parameters: int
    flops: int
    time_share: float | None = None


@dataclass(frozen=True)
class Summary:
    """A model and what one batch through it costs.

    FLOPs are those of matrix products and convolutions, a multiplication and an addition are two; bytes are of float32.
    """

    example: str
    layers: list[Layer]
    parameters: int
    flops: int
    weights_bytes: int
    activations_bytes: int  # what the forward pass keeps for the backward pass; masks of dropout are left out
    milliseconds: float | None = None

    @property
    def training_bytes(self) -> int:
        """Memory of a training step with AdamW."""
        return ADAMW_COPIES * self.weights_bytes + self.activations_bytes


def summarize(entry: architectures.ModelEntry, task: str | None = None, **values: Any) -> Summary:
    """Count parameters, FLOPs and memory of a model without giving it any memory.

    Args:
        entry: The model.
        task: Which of its tasks is meant, where its input depends on it.
        values: Settings of the model, and fields of `_examples.Sizes`.

    Raises:
        OptionError: If settings or sizes do not fit each other or the model.
    """
    with without_memory():
        model, example = build(entry, task, values)
    weights = {id(p): p for p in model.parameters()}.values()
    kept = Kept(model)
    with FlopCounterMode(display=False) as counter, saved_tensors_hooks(kept.pack, kept.unpack):
        walk = Walk(model, counter.get_total_flops)
        run(model, example, entry)
    return Summary(
        example=example.words,
        layers=walk.layers(),
        parameters=sum(weight.numel() for weight in weights),
        flops=counter.get_total_flops(),
        weights_bytes=sum(weight.nbytes for weight in weights),
        activations_bytes=kept.bytes,
    )


def build(entry: architectures.ModelEntry, task: str | None, values: dict[str, Any]) -> tuple[nn.Module, Example]:
    """A model in evaluation mode and an example for it, both on the current default device."""
    names = {setting.name for setting in entry.settings}
    sizes = {name: value for name, value in values.items() if name not in names}
    task = task or next(iter(entry.tasks), None)
    example = example_for(entry, task, **sizes)
    settings = {name: value for name, value in values.items() if name in names and value is not None}
    return architectures.load(entry.name, task=task, **example.dims, **settings).eval(), example


def run(model: nn.Module, example: Example, entry: architectures.ModelEntry) -> None:
    """A forward pass; what the model says of sizes that it cannot take becomes a message.

    Raises:
        OptionError: If the model cannot take these sizes.
    """
    try:
        model(*example.inputs)
    except (ValueError, RuntimeError) as error:
        raise OptionError(f"{entry.name} cannot read {example.words}: {error}") from error


# -- time -----------------------------------------------------------------------------------------------------------


def with_time(
    summary: Summary, entry: architectures.ModelEntry, device: torch.device, task: str | None = None, **values: Any
) -> Summary:
    """`summary` with milliseconds and each layer's share of them, measured on a device: the median of five passes."""
    with torch.device(device), torch.random.fork_rng():
        model, example = build(entry, task, values)
    run(model, example, entry)  # the first pass finds its memory and its kernels
    passes = [timed(model, example, device) for _ in range(PASSES)]
    seconds = {name: median(each[name] for each in passes) for name in passes[0]}
    total = sum(seconds.values())
    layers = [replace(layer, time_share=seconds.get(layer.name, 0.0) / total) for layer in summary.layers]
    return replace(summary, layers=layers, milliseconds=1000 * total)


def has_room(summary: Summary) -> bool:
    """Whether this machine's memory holds the weights and as much again."""
    return 2 * summary.weights_bytes < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@torch.no_grad()
def timed(model: nn.Module, example: Example, device: torch.device) -> dict[str, float]:
    """The seconds that each layer took by itself in one pass."""
    walk = Walk(model, clock_of(device))
    model(*example.inputs)
    walk.leave()
    return walk.own


def clock_of(device: torch.device) -> Callable[[], float]:
    """A clock that waits until the device has done what it was told."""
    if device.type == "cpu":
        return time.perf_counter

    def clock() -> float:
        torch.accelerator.synchronize(device)
        return time.perf_counter()

    return clock


# -- what a forward pass passes through -----------------------------------------------------------------------------


@dataclass
class Call:
    """A layer that is running: what the meter showed at its start, and what ran inside it since."""

    start: float
    inside: float = 0.0


@dataclass
class Walk:
    """Attributes what a meter gains during a forward pass to the layer that was running.

    Containers that only call one layer after the other are not layers.

    Args:
        model: The network; hooks stay on it until `leave`.
        meter: A number that grows: arithmetic done, or time.
    """

    model: nn.Module
    meter: Callable[[], float]
    own: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, tuple[Shape | None, Shape | None]] = field(default_factory=dict)  # of the first call
    running: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        modules = [(name, m) for name, m in self.model.named_modules() if not isinstance(m, nn.Sequential)]
        self.hooks = [m.register_forward_pre_hook(self.enter) for _, m in modules]
        self.hooks += [m.register_forward_hook(self.exit_of(name), with_kwargs=True) for name, m in modules]

    def leave(self) -> None:
        """Take the hooks off."""
        for hook in self.hooks:
            hook.remove()

    def enter(self, module: nn.Module, inputs: Any) -> None:
        self.running.append(Call(self.meter()))

    def exit_of(self, name: str) -> Callable[..., None]:
        """The hook that closes a call of the layer of this name."""

        def exit(module: nn.Module, inputs: Any, named_inputs: dict[str, Any], output: Any) -> None:
            call = self.running.pop()
            total = self.meter() - call.start
            self.own[name] = self.own.get(name, 0) + total - call.inside
            self.calls[name] = self.calls.get(name, 0) + 1
            self.shapes.setdefault(name, (first_shape((*inputs, *named_inputs.values())), first_shape(output)))
            if self.running:
                self.running[-1].inside += total

        return exit

    def layers(self) -> list[Layer]:
        """What was met, in the order of definition; shared weights count where they come first."""
        found, seen = [], set()
        for name, module in self.model.named_modules():
            weights = [p for p in module.parameters(recurse=False) if not (id(p) in seen or seen.add(id(p)))]
            if name in self.own or weights:
                shape_in, shape_out = self.shapes.get(name, (None, None))
                parameters, flops = sum(p.numel() for p in weights), int(self.own.get(name, 0))
                calls = self.calls.get(name, 0)
                found.append(Layer(name, type(module).__name__, shape_in, shape_out, calls, parameters, flops))
        return found


def first_shape(value: Any) -> Shape | None:
    """The shape of a tensor, or of the first one in a tuple."""
    if isinstance(value, Tensor):
        return tuple(value.shape)
    if isinstance(value, list | tuple):
        return next((shape for shape in map(first_shape, value) if shape is not None), None)
    return None


class Kept:
    """What autograd keeps for the backward pass: each piece of memory once, the model's own apart."""

    def __init__(self, model: nn.Module):
        own = [*model.parameters(), *model.buffers()]
        self.own = {tensor.untyped_storage()._cdata for tensor in own}
        self.storages: dict[int, torch.UntypedStorage] = {}  # held, so that no address is given twice

    def pack(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self.own:
            self.storages[storage._cdata] = storage
        return tensor

    def unpack(self, tensor: Tensor) -> Tensor:
        return tensor

    @property
    def bytes(self) -> int:
        return sum(storage.nbytes() for storage in self.storages.values())
