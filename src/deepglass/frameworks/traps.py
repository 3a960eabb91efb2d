"""The same network, and yet other numbers: where frameworks differ, what that costs, and the cure.

Each function falls into one trap with the weights and pictures of `running`, in NumPy, as the other framework would,
and gives three arrays: what comes out in the trap, what comes out after the cure, and what PyTorch says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from deepglass.frameworks.running import pictures, weights

SOME = 64  # pictures that are asked
Three = tuple[Any, Any, Any]


@dataclass(frozen=True)
class Trap:
    """Where it lies, what one reads in the other framework, and what to do.

    Args:
        falls: Gives what comes out in the trap, after the cure, and in PyTorch.
    """

    title: str
    pytorch: str
    others: str
    cure: str
    falls: Callable[[], Three]

    def off(self) -> float:
        """The largest difference from PyTorch in the trap."""
        trapped, _, right = self.falls()
        return float(np.abs(trapped - right).max())

    def left(self) -> float:
        """The largest difference after the cure."""
        _, cured, right = self.falls()
        return float(np.abs(cured - right).max())


def given(network: str) -> tuple[Any, dict[str, Any]]:
    """Some pictures (64, 64) and the weights of a network, in float64."""
    return pictures()[0][:SOME].astype(np.float64), {k: w.astype(np.float64) for k, w in weights(network).items()}


def flatten_order() -> Three:
    """A picture of channels is flattened as (H, W, C) and meets weights that were learnt for (C, H, W)."""
    x, w = given("cnn")
    maps = F.conv2d(torch.tensor(x).reshape(-1, 1, 8, 8), torch.tensor(w["1.weight"]), torch.tensor(w["1.bias"]), 1, 1)
    maps = F.conv2d(maps.relu(), torch.tensor(w["3.weight"]), torch.tensor(w["3.bias"]), 2, 1).relu()  # (B, 16, 4, 4)
    last = maps.permute(0, 2, 3, 1).reshape(SOME, 256).numpy()  # as where the channels come last
    moved = w["6.weight"].reshape(10, 16, 4, 4).transpose(0, 2, 3, 1).reshape(10, 256)
    right = maps.reshape(SOME, 256).numpy() @ w["6.weight"].T + w["6.bias"]
    return last @ w["6.weight"].T + w["6.bias"], last @ moved.T + w["6.bias"], right


def same_padding() -> Three:
    """ "SAME" with a stride of 2 on 8 pixels pads one row and column, at the end; PyTorch's 1 pads both ends."""
    x, w = given("cnn")
    image, kernel = torch.tensor(x).reshape(-1, 1, 8, 8), torch.tensor(w["1.weight"])
    right = F.conv2d(image, kernel, stride=2, padding=1)
    at_end, both = (
        F.conv2d(F.pad(image, (0, 1, 0, 1)), kernel, stride=2),
        F.conv2d(F.pad(image, (1, 1, 1, 1)), kernel, stride=2),
    )
    return at_end.numpy(), both.numpy(), right.numpy()


def flipped_kernel() -> Three:
    """Theano convolved as mathematics does, with the kernel turned round; everybody else correlates."""
    x, w = given("cnn")
    image, kernel = torch.tensor(x).reshape(-1, 1, 8, 8), torch.tensor(w["1.weight"])
    turned = kernel.flip(2, 3)
    right = F.conv2d(image, kernel, padding=1)
    return (
        F.conv2d(image, turned, padding=1).numpy(),
        F.conv2d(image, turned.flip(2, 3), padding=1).numpy(),
        right.numpy(),
    )


def gates(x: Any, w: dict[str, Any], order: tuple[int, int], reset_after: bool = True) -> Any:
    """The last state of a GRU (B, 16); `order` says where the reset and the update gate lie in the weights."""
    h = np.zeros((len(x), 16))
    parts = {name: np.split(w[f"gru.{name}_l0"], 3) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
    for row in x.reshape(len(x), -1, 8).swapaxes(0, 1):
        seen = [row @ a.T + b for a, b in zip(parts["weight_ih"], parts["bias_ih"])]
        kept = [h @ a.T + b for a, b in zip(parts["weight_hh"], parts["bias_hh"])]
        reset, update = (1 / (1 + np.exp(-seen[k] - kept[k])) for k in order)
        inner = reset * kept[2] if reset_after else (reset * h) @ parts["weight_hh"][2].T + parts["bias_hh"][2]
        h = (1 - update) * np.tanh(seen[2] + inner) + update * h
    return h


def truth_of_gru(x: Any, w: dict[str, Any]) -> Any:
    """What `nn.GRU` remembers in the end."""
    gru = nn.GRU(8, 16, batch_first=True).double()
    gru.load_state_dict({name.removeprefix("gru."): torch.tensor(v) for name, v in w.items() if "gru" in name})
    with torch.no_grad():
        return gru(torch.tensor(x).reshape(-1, 8, 8))[1][0].numpy()


def gate_order() -> Three:
    """Keras' GRU has update, reset, new; PyTorch and MXNet reset, update, new."""
    x, w = given("gru")
    return gates(x, w, (1, 0)), gates(x, w, (0, 1)), truth_of_gru(x, w)


def reset_before() -> Three:
    """The GRU of the paper resets the state and then multiplies; PyTorch multiplies and then resets."""
    x, w = given("gru")
    return gates(x, w, (0, 1), reset_after=False), gates(x, w, (0, 1)), truth_of_gru(x, w)


def softmax_twice() -> Three:
    """The loss of Keras expects probabilities unless it is told otherwise; given logits, it clips them as such."""
    x, w = given("mlp")
    y = pictures()[1][:SOME]
    logits = np.maximum(x @ w["0.weight"].T + w["0.bias"], 0) @ w["2.weight"].T + w["2.bias"]
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    as_probs = np.clip(logits / logits.sum(1, keepdims=True), 1e-7, 1 - 1e-7)
    right = F.cross_entropy(torch.tensor(logits), torch.tensor(y), reduction="none").numpy()
    return -np.log(as_probs[range(SOME), y]), -np.log(probs[range(SOME), y]), right


def slopes() -> Any:
    """Gradients of a weight in ten steps, large at first and tiny in the end."""
    return np.array([1.0, -0.5, 0.3, 0.2, -0.1, 1e-3, -1e-4, 1e-5, 1e-6, 1e-7])


def in_pytorch(make: Callable[[Any], Any], rates: Any) -> Any:
    """The path of one weight under an optimiser of PyTorch."""
    weight, path = torch.zeros(1, dtype=torch.float64), []
    optimizer = make([weight])
    for slope, rate in zip(slopes(), rates):
        weight.grad = torch.tensor([slope], dtype=torch.float64)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        path.append(weight.item())
    return np.array(path)


def momentum(rates: Any, rate_inside: bool) -> Any:
    """SGD with momentum: v ← 0.9·v + g, w ← w − rate·v; or v ← 0.9·v − rate·g, w ← w + v."""
    w = v = 0.0
    path = []
    for slope, rate in zip(slopes(), rates):
        v = 0.9 * v - rate * slope if rate_inside else 0.9 * v + slope
        w = w + v if rate_inside else w - rate * v
        path.append(w)
    return np.array(path)


def momentum_form() -> Three:
    """With one rate both forms walk alike. When the rate falls, Keras' velocity still has the old one in it."""
    rates = [0.1] * 5 + [0.01] * 5
    right = in_pytorch(lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9), rates)
    return momentum(rates, rate_inside=True), momentum(rates, rate_inside=False), right


def adam(slopes: Any, epsilon: float, outside: bool = True, corrected: bool = True) -> Any:
    """Adam's path; `outside`: epsilon is added after the correction of v, as in the paper's algorithm."""
    w = m = v = 0.0
    path = []
    for t, g in enumerate(slopes, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        first, second = (1 - 0.9**t, 1 - 0.999**t) if corrected else (1.0, 1.0)
        root = np.sqrt(v / second) + epsilon if outside else np.sqrt(v / second) + epsilon / np.sqrt(second)
        w -= 0.01 * m / first / root
        path.append(w)
    return np.array(path)


def epsilon() -> Three:
    """Keras' Adam adds 1e-7 before it corrects v, PyTorch's 1e-8 afterwards; it shows where gradients are tiny."""
    tiny = 1e-6 * slopes()
    weight = torch.zeros(1, dtype=torch.float64)
    optimizer, right = torch.optim.Adam([weight], lr=0.01), []
    for slope in tiny:
        weight.grad = torch.tensor([slope], dtype=torch.float64)
        optimizer.step()
        right.append(weight.item())
    return adam(tiny, 1e-7, outside=False), adam(tiny, 1e-8), np.array(right)


def bias_correction() -> Three:
    """Written by hand, the correction of Adam's first steps is easily forgotten: they come out too long."""
    right = in_pytorch(lambda weights: torch.optim.Adam(weights, lr=0.01), [0.01] * len(slopes()))
    return adam(slopes(), 1e-8, corrected=False), adam(slopes(), 1e-8), right


def batch_norm_momentum() -> Three:
    """PyTorch's momentum 0.1 is the share of the new batch, Keras' 0.99 that of the old ones."""
    x, _ = given("mlp")
    layer = nn.BatchNorm1d(64, momentum=0.01).double()
    layer(torch.tensor(x))
    new = x.mean(axis=0)
    return 0.01 * 0 + 0.99 * new, 0.99 * 0 + 0.01 * new, layer.state_dict()["running_mean"].numpy()


TRAPS = (
    Trap(
        "flattening",
        "(C, H, W)",
        "TensorFlow, Keras: (H, W, C)",
        "permute the weights of the next layer, or the maps",
        flatten_order,
    ),
    Trap(
        "padding",
        "padding=1, both ends",
        'TensorFlow, Keras, JAX: "SAME" pads (0, 1) at stride 2',
        "pad explicitly",
        same_padding,
    ),
    Trap("convolution", "correlates", "Theano: turned the kernel round", "flip the kernel", flipped_kernel),
    Trap(
        "gate order of a GRU",
        "reset, update, new",
        "Keras: update, reset, new",
        "exchange the first two thirds",
        gate_order,
    ),
    Trap(
        "where a GRU resets",
        "after the product",
        "Keras with reset_after=False: before it",
        "reset_after=True",
        reset_before,
    ),
    Trap("what the loss expects", "logits", "Keras: probabilities", "from_logits=True", softmax_twice),
    Trap(
        "form of momentum",
        "rate outside of v",
        "Keras, MXNet: rate inside of v",
        "none is needed while the rate is constant; else scale v when it changes",
        momentum_form,
    ),
    Trap(
        "Adam's epsilon", "1e-8, after the correction", "Keras: 1e-7, before it", "epsilon=1e-8 · √(1 − β₂ᵗ)", epsilon
    ),
    Trap("Adam's correction", "m and v are divided by 1 − βᵗ", "own code: forgotten", "divide", bias_correction),
    Trap(
        "momentum of batch norm",
        "0.1: share of the new",
        "Keras: 0.99: share of the old",
        "1 − momentum; epsilon too: 1e-5 against 1e-3",
        batch_norm_momentum,
    ),
)
