"""Layer by layer: what comes out of each on validation examples, and the gradient that comes back to it.

One forward and one backward pass of the run's own loss, in evaluation mode. Units that are zero for every example are
dead: no gradient reaches what feeds them. Beside the best weights stand those of the last step, where they differ.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core.hooks import hooked
from deepglass.draw.curves import curves
from deepglass.draw.tables import table
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import CHECKPOINT, Opened

PLACE = 4
TITLE = "Layer by layer"
QUESTION = "How large is what passes through each layer, and does the gradient find its way back?"
LESSON = "15_initialisation"
READ = ("see/panels/layers.py", "glass/autograd.py")
IS_QUICK = False

MOST_ROWS, MOST_LAYERS = 128, 60


@dataclass
class Passed:
    """What passed through one layer: of its last call, where it is called more than once."""

    name: str
    kind: str
    shape: list[int]
    mean: float
    std: float
    zeros: float  # share of exact zeros
    dead: float  # share of units that are zero for every example
    calls: int = 1
    gradient: float | None = None  # √Σ(∂L/∂output)²
    weights: float | None = None  # √Σw²
    weight_gradient: float | None = None  # √Σ(∂L/∂w)²
    module: nn.Module | None = field(default=None, repr=False)

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {name: value for name, value in vars(self).items() if name != "module"}


def statistics(network: nn.Module, updates: Sequence[Any], batch: tuple[Tensor, ...]) -> list[Passed]:
    """What passes through every layer without children, in the order of the first call.

    Args:
        network: In evaluation mode; its gradients are cleared.
        updates: Whose losses are followed back, each to its own weights.
        batch: Examples with their targets.
    """
    found: dict[nn.Module, Passed] = {}
    learnt: dict[nn.Module, tuple[float | None, float | None]] = {}
    for update in updates:
        network.zero_grad(set_to_none=True)
        with watching(network, found), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # of losses that draw noise
            update.loss(network, batch).backward()
        own = {id(parameter) for parameter in update.parameters}
        for passed in found.values():
            mine = [p for p in passed.module.parameters() if id(p) in own]  # type: ignore[union-attr]
            if mine:
                learnt[passed.module] = norm(mine), norm([p.grad for p in mine if p.grad is not None])  # type: ignore[index]
    for module, norms in learnt.items():
        found[module].weights, found[module].weight_gradient = norms
    network.zero_grad(set_to_none=True)
    return list(found.values())


@contextmanager
def watching(network: nn.Module, found: dict[nn.Module, Passed]) -> Iterator[None]:
    """Every layer without children notes what it gives, and what comes back."""
    names = {module: name for name, module in network.named_modules()}

    def note(module: nn.Module, inputs: Any, output: Any) -> None:
        said = output[0] if isinstance(output, tuple) else output
        if not isinstance(said, Tensor) or not said.is_floating_point() or not said.numel():
            return
        before = found.get(module)
        passed = Passed(names[module], type(module).__name__, list(said.shape), *numbers(said.detach()), module=module)
        passed.calls = before.calls + 1 if before else 1
        found[module] = passed
        if said.requires_grad:
            said.register_hook(lambda gradient: setattr(passed, "gradient", norm([gradient])))

    with hooked([module for module in network.modules() if not any(True for _ in module.children())], note):
        yield


def numbers(x: Tensor) -> tuple[float, float, float, float]:
    """Mean, standard deviation, share of zeros, share of dead units; of pictures (B, C, H, W) a unit is a channel."""
    is_zero = x == 0
    unit = 1 if x.dim() == 4 else x.dim() - 1
    others = [d for d in range(x.dim()) if d != unit]
    dead = is_zero.all(dim=others) if others else is_zero
    double = x.double()
    return (
        double.mean().item(),
        double.std(correction=0).item(),
        is_zero.double().mean().item(),
        dead.double().mean().item(),
    )


def norm(tensors: Sequence[Tensor]) -> float | None:
    """√Σx² over all of them; None without any."""
    if not tensors:
        return None
    return math.sqrt(sum(float(t.detach().double().square().sum()) for t in tensors))


def show(opened: Opened, asked: Asked) -> View:
    """Curves of spread and gradient over the layers, and a table of all numbers.

    Raises:
        NotForThisRun: If no layer gives numbers, or an answer takes many calls.
    """
    opened.require_one_call()
    batch = opened.batch(MOST_ROWS)
    states = {"best weights": statistics(opened.network, opened.updates, batch)}
    if last := at_the_last_step(opened):
        states["last step"] = statistics(last, opened.updates_of(last), batch)
    own = states["best weights"]
    if not own:
        raise NotForThisRun("no layer of its network gives numbers")
    pictures = [
        curves(
            {f"{what}, {name}" if len(states) > 1 else what: line(layers, key) for name, layers in states.items()},
            label=title, xlabel="layer", whole=True, ylabel=what, log="y", points=len(own) == 1,
        )
        for what, key, title in (
            ("spread of its output", "std", "Standard deviation of what each layer gives"),
            ("gradient", "gradient", "Norm of the gradient that comes back to each layer's output"),
        )
        if any(len(line(layers, key)[0]) for layers in states.values())
    ]  # fmt: skip
    facts = {name: [passed.record() for passed in layers] for name, layers in states.items()}
    return View(in_words(own, len(batch[0]), opened.looks_at), [*pictures, table(rows(own))], facts)


def line(layers: Sequence[Passed], key: str) -> tuple[list[int], list[float]]:
    """Numbers of the layers from 1, and what is above zero of them."""
    points = [(i, getattr(passed, key)) for i, passed in enumerate(layers, 1)]
    kept = [(i, value) for i, value in points if value is not None and math.isfinite(value) and value > 0]
    return [i for i, _ in kept], [value for _, value in kept]


def rows(layers: Sequence[Passed]) -> list[dict[str, Any]]:
    """The table."""
    blank = lambda value: "" if value is None else value  # noqa: E731
    return [
        {
            "layer": f"{i} {passed.name or passed.kind}",
            "kind": passed.kind + f" ×{passed.calls}" * (passed.calls > 1),
            "output": " × ".join(map(str, passed.shape)), "mean": passed.mean, "spread": passed.std,
            "zeros": f"{passed.zeros:.0%}", "dead units": f"{passed.dead:.0%}", "gradient": blank(passed.gradient),
            "weights": blank(passed.weights), "gradient of weights": blank(passed.weight_gradient),
        }
        for i, passed in enumerate(layers[:MOST_LAYERS], 1)
    ]  # fmt: skip


def in_words(layers: Sequence[Passed], count: int, looks_at: str) -> str:
    """What a practitioner looks at first: dead units, and how the gradient changes on its way back."""
    words = [f"Measured on {count} examples" + (f", on {looks_at}" if looks_at else "")]
    dead = [f"{passed.name} ({passed.dead:.0%})" for passed in layers if passed.dead > 0.01]
    words.append(
        f"Units that are zero for all of them: {', '.join(dead[:6])}" if dead else "No unit is zero for all of them"
    )
    learning = [passed for passed in layers if passed.weight_gradient]
    if len(learning) > 1:
        first, last = learning[0], learning[-1]
        ratio = first.weight_gradient / last.weight_gradient  # type: ignore[operator]
        words.append(f"The gradient of the weights of {first.name} is {ratio:.3g} times that of {last.name}")
    return ". ".join(words) + "."


def at_the_last_step(opened: Opened) -> nn.Module | None:
    """The network as the last checkpoint has it; None where that is the best, or there is none."""
    from deepglass.training import checkpoint
    from deepglass.training.weights import fill

    if opened.is_bag or not opened.folder.has(CHECKPOINT):
        return None
    state = checkpoint.load(opened.folder)["model"]
    own = opened.run.network.state_dict()
    if state.keys() != own.keys() or all(torch.equal(own[name].cpu(), state[name]) for name in own):
        return None
    network = opened.run.build_model()
    fill(network, state, CHECKPOINT)
    return network.float().eval()
