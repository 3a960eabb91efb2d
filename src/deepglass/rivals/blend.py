"""The network and simple models, mixed: where they err differently, their mean is better than each of them.

    p = Σ wᵢ · pᵢ          Σ wᵢ = 1, wᵢ ≥ 0

The weights are those that would have been best on the held-out rows. A blend is a network like any other: it answers,
explains, exports and is served as one.

Wolpert (1992), Stacked Generalization, https://doi.org/10.1016/S0893-6080(05)80023-1; Breiman (1996), Stacked
Regressions, https://doi.org/10.1007/BF00117832 (weights that are not negative); Guo et al. (2017), On Calibration of
Modern Neural Networks, https://arxiv.org/abs/1706.04599 (temperature).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.core.state import require
from deepglass.rivals import LEAST_SHARE, Part, Rival, loss_of

PRIOR = 5.0  # rows that speak for the network before any is looked at
WORTH = 1.0  # standard errors by which a blend must be better than the network alone on the held-out rows
LEAST_WEIGHT = 0.03  # of a part; what is less is left out
STEPS = 300  # of the search for weights
TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(2.5), 61))
SETTINGS, TENSORS = "blend.json", "blend.safetensors"
FIELDS = ("weights", "temperature", "has_classes", "parts")  # of the settings


@dataclass
class Choice:
    """What the held-out rows say.

    weights: Of the network first, then of the rivals; they sum to 1.
    temperature: What the logits of the network are divided by.
    gain: How much the loss of the held-out rows falls against the network alone, and its standard error.
    held_out: The answers of the blend for them.
    """

    weights: np.ndarray
    temperature: float
    gain: tuple[float, float]
    held_out: np.ndarray


def choose(network: np.ndarray, rivals: list[Rival], target: np.ndarray, num_classes: int | None) -> Choice:
    """Weights and temperature, or the network alone where the held-out rows do not clearly ask for more.

    Args:
        network: Its answers for the held-out rows.
        rivals: With answers for the same rows.
        target: The truth.
        num_classes: K, or None for values.
    """
    temperature = 1.0 if num_classes is None else _temperature(network, target)
    alone = network if num_classes is None else tempered(network, temperature)
    answers = np.stack([alone, *(rival.held_out for rival in rivals)])  # (parts, N, …)
    find = _mixture_weights if num_classes else _least_squares_weights
    weights = _without_small_ones(find(answers, target))
    blended = np.tensordot(weights, answers, 1)
    better = loss_of(alone, target, num_classes) - loss_of(blended, target, num_classes)  # (N,)
    error = float(better.std() / np.sqrt(len(better)))
    if weights[0] == 1 or better.mean() <= WORTH * error:
        only = np.eye(len(answers))[0]
        return Choice(only, temperature, (0.0, 0.0), alone)
    return Choice(weights, temperature, (float(better.mean()), error), blended)


def mixed(
    network: nn.Module, name: str, rivals: list[Rival], chosen: Choice, num_classes: int | None
) -> tuple["Blend", dict[str, float]] | None:
    """The blend that was chosen and the weights of its parts by name; None where the network answers alone.

    Args:
        network: Called `name` among the weights, which are left out where only its temperature was chosen.
        rivals: In the order of the weights.
        chosen: By `choose`.
        num_classes: K, or None for values.
    """
    if chosen.weights[0] == 1 and chosen.temperature == 1:
        return None
    own, *others = chosen.weights.tolist()
    kept = [(rival, weight) for rival, weight in zip(rivals, others, strict=True) if weight]
    weights = [own, *(weight for _, weight in kept)]
    blend = Blend(network, [rival.part for rival, _ in kept], weights, chosen.temperature, num_classes is not None)
    return blend.eval(), {name: own} | {rival.name: weight for rival, weight in kept} if kept else {}


def tempered(probs: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities (N, K) whose logits are divided by a temperature."""
    powers = np.clip(probs, LEAST_SHARE, 1) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def _temperature(probs: np.ndarray, target: np.ndarray) -> float:
    """That under which the held-out rows are likeliest; a prior keeps that of few rows near 1."""
    losses = [
        float(loss_of(tempered(probs, t), target, probs.shape[1]).sum()) + PRIOR * np.log(t) ** 2 for t in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def _mixture_weights(answers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Of a mixture of distributions, by expectation and maximisation; the network begins with `PRIOR` rows."""
    likelihood = np.clip(answers[:, np.arange(len(target)), target], LEAST_SHARE, 1)  # (parts, N)
    weights = np.full(len(answers), 1 / len(answers))
    for _ in range(STEPS):
        shares = weights[:, None] * likelihood
        counts = (shares / shares.sum(axis=0)).sum(axis=1)
        counts[0] += PRIOR
        weights = counts / counts.sum()
    return weights


def _least_squares_weights(answers: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Those of the smallest squared error among weights that sum to 1 and are not negative."""
    from scipy.optimize import nnls

    errors = answers - target  # (parts, N): where weights sum to 1, the error of the blend is the blend of the errors
    scale = np.sqrt(np.mean(errors[0] ** 2)) or 1.0
    prior = np.sqrt(PRIOR) * np.eye(len(answers))[1:]  # pulls the weights of the rivals to 0
    is_one = 1e3 * np.sqrt(len(target)) * np.ones((1, len(answers)))  # a strong wish that the sum be 1
    aims = np.concatenate([np.zeros(len(target) + len(prior)), is_one[0, :1]])
    weights = nnls(np.concatenate([errors.T / scale, prior, is_one]), aims)[0]
    return weights / weights.sum()


def _without_small_ones(weights: np.ndarray) -> np.ndarray:
    kept = np.where(weights < LEAST_WEIGHT, 0.0, weights)
    return kept / kept.sum()


# -- the blend as a network -----------------------------------------------------------------------------------------


class Blend(nn.Module):
    """A weighted mean of what a network and simple models say.

    Args:
        network: Logits (B, K) or (B, M, K), or values (B, 1) or (B, M, 1).
        parts: The simple models: logits (B, K) or value (B, 1).
        weights: Of the network first, then of the parts.
        temperature: What the logits of the network are divided by.
        has_classes: Whether logits or values are mixed.

    Shape:
        - inputs: Those of the network, and of a bag optionally the fold.
        - output: (B, K) logarithms of probabilities, or (B, 1)
    """

    def __init__(
        self, network: nn.Module, parts: list[Part], weights: list[float], temperature: float, has_classes: bool
    ):
        super().__init__()
        self.network, self.parts = network, nn.ModuleList(parts)
        self.weights, self.temperature, self.has_classes = weights, temperature, has_classes
        self.num_inputs = getattr(network, "num_inputs", None)  # a bag takes a fold behind them; None takes all

    def forward(self, *inputs: Tensor) -> Tensor:
        said, own = [self.of_network(self.network(*inputs).float())], inputs[: self.num_inputs]
        said += [part(*own).softmax(dim=1) if self.has_classes else part(*own) for part in self.parts]
        total = sum(weight * answer for weight, answer in zip(self.weights, said, strict=True))
        return total.clamp(min=torch.finfo(total.dtype).tiny).log() if self.has_classes else total  # type: ignore[union-attr,return-value]

    def of_network(self, answers: Tensor) -> Tensor:
        """The mean over the members, as tempered probabilities or as values."""
        if not self.has_classes:
            return answers.flatten(1).mean(dim=1, keepdim=True)  # (B, 1)
        probs = answers.softmax(dim=-1)
        probs = probs.mean(dim=1) if probs.dim() == 3 else probs  # (B, K)
        return (probs.clamp(min=LEAST_SHARE).log() / self.temperature).softmax(dim=1)


def save(folder: RunFolder, blend: Blend) -> None:
    """Write what is not the network's own: weights and temperature, and the simple models."""
    from safetensors.torch import save

    folder.write_bytes(TENSORS, save({name: t.contiguous() for name, t in blend.parts.state_dict().items()}))
    parts = [{"kind": type(part).__name__, **part.settings} for part in blend.parts]  # type: ignore[dict-item]
    content = {"weights": blend.weights, "temperature": blend.temperature, "has_classes": blend.has_classes}
    folder.write(SETTINGS, content | {"parts": parts})


def remove(folder: RunFolder) -> None:
    """The network of a run answers alone: nothing is beside it any longer."""
    for name in (SETTINGS, TENSORS):
        folder.remove(name)


def _class_of(kind: str) -> type[Part]:
    """A simple model by name: the file of this folder is called alike."""
    if kind.lower() not in catalogue.entries("rivals"):
        raise RunError(f"a simple model of kind {kind!r}: expected {', '.join(catalogue.entries('rivals'))}")
    return getattr(catalogue.load("rivals", kind.lower()), kind)


def load(folder: RunFolder, network: nn.Module, inputs: tuple[Tensor, ...]) -> nn.Module:
    """The network with what is beside it in the folder; alone where nothing does.

    Args:
        folder: Of the run.
        network: As it was trained.
        inputs: That it takes (`BaseTask.extremes`); the blend is tried with them.

    Raises:
        RunError: If a file is damaged.
    """
    if not folder.has(SETTINGS):
        return network
    from safetensors.torch import load

    content, held = folder.require_record(SETTINGS, *FIELDS), folder.read_bytes(TENSORS)
    with folder.understanding(SETTINGS, TENSORS):
        blend = _blend_of(network, content, load(held))
        _require_fit(blend, inputs)
        return blend


@torch.no_grad()
def _require_fit(blend: Blend, inputs: tuple[Tensor, ...]) -> None:
    """Raises if a part cannot answer what the network answers."""
    for part in blend.parts:
        part.require_fit(*inputs)  # type: ignore[operator]
    own, said = blend.network(*inputs), blend(*inputs)
    require(said.shape == (len(own), own.shape[-1]), f"answers of {own.shape[-1]} values", tuple(said.shape))


def _blend_of(network: nn.Module, content: dict[str, Any], tensors: dict[str, Tensor]) -> Blend:
    """The blend whose settings and tensors were kept; whatever does not fit raises."""
    parts: list[Any] = []
    for i, settings in enumerate(content["parts"]):
        own = {name.partition(".")[2]: t for name, t in tensors.items() if name.startswith(f"{i}.")}
        parts.append(_class_of(settings["kind"]).of(own, settings))
    weights, temperature = [float(weight) for weight in content["weights"]], float(content["temperature"])
    if len(weights) != len(parts) + 1 or min(weights) < 0 or not abs(sum(weights) - 1) < 1e-3:
        raise ValueError(f"weights {weights} of {len(parts)} parts and the network")
    if not (temperature > 0 and np.isfinite(temperature) and isinstance(content["has_classes"], bool)):
        raise ValueError(f"a temperature of {temperature}")
    return Blend(network, parts, weights, temperature, content["has_classes"]).eval()
