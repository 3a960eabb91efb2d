"""Private training (DP-SGD): a step of learning that tells little of any single example, and what it has spent.

    draw each example with probability q   →   Σ clipped gradients + noise   →   divided by the expected batch

The order, the clipping and the noise are what is promised; optimiser, schedule and everything after the step only look
at the noisy sum. What is drawn, batches and noise, comes from a secret of the system, since whoever knows it can take
the noise away: it is kept in the checkpoint, for a resumed training goes on to the bit, and forgotten at the end.

References:
    Abadi et al. (2016), Deep Learning with Differential Privacy, https://arxiv.org/abs/1607.00133
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.data.examples import Batch
from deepglass.training.config import TrainConfig
from deepglass.training.plan import Plan
from deepglass.training.private.accountant import epsilon, noise_for
from deepglass.training.private.gradients import ExampleGradients
from deepglass.training.update import ActiveUpdate

NAME = "private"  # among the hooks of a checkpoint
BATCHES, NOISE = 1, 2  # what is drawn
ROOM = 1e-6  # relative, for an ε that was rounded on its way
OWN = ("delta", "clip_example", "noise_seed")  # options that say how
OFF = {"mixup": 0.0, "cutmix": 0.0, "clip_gradient": None, "class_weights": "none"}  # where a task would choose them


class PrivateLearning:
    """What replaces the gradient of a step, and follows every step.

    Args:
        model: Whose examples do not see each other.
        config: `private` is not None.
        count: Training examples.
        steps_per_epoch: Whose inverse is the chance to be drawn into a batch.
        device: Of the weights.

    Raises:
        OptionError: If the model has layers that mix examples, or no noise keeps the promise.
    """

    def __init__(self, model: nn.Module, config: TrainConfig, count: int, steps_per_epoch: int, device: torch.device):
        require_apart(model)
        self.target, self.clip, self.device = float(config.private or 0), config.clip_example, device
        self.count, self.rate = count, 1 / steps_per_epoch
        self.delta = delta_of(config, count)
        self.total_steps = Plan.of(config.epochs or 1, steps_per_epoch, None).total_steps
        try:
            self.noise = noise_for(self.target, self.rate, self.total_steps, self.delta)
        except ValueError as error:
            raise OptionError(f"--private {self.target:g}: {error}: raise it, or train fewer --epochs") from None
        self.secret = secrets.randbits(63) if config.noise_seed is None else config.noise_seed
        self.steps = 0
        self.examples: ExampleGradients | None = None

    # -- a step -------------------------------------------------------------------------------------------------

    def batches(self, epoch: int) -> tuple[Tensor, ...]:
        """The indices of every batch of an epoch: each example takes part in each with the same chance."""
        generator = self._generator(BATCHES, epoch, torch.device("cpu"))
        number = round(1 / self.rate)
        drawn = (torch.rand(self.count, generator=generator) < self.rate for _ in range(number))
        return tuple(torch.nonzero(mask)[:, 0] for mask in drawn)

    def learn(self, update: ActiveUpdate, model: nn.Module, batch: Batch) -> Tensor:
        """Put the noisy gradient where the optimiser looks for it; returns the mean loss ()."""
        sums, losses = self._clipped(update, model, batch)
        generator, expected = self._generator(NOISE, self.steps, self.device), self.count * self.rate
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                noise = torch.randn(parameter.shape, generator=generator, device=self.device)
                total = sums[name] if name in sums else torch.zeros_like(parameter)
                parameter.grad = (total + self.noise * self.clip * noise.to(total.dtype)) / expected
        return losses.mean() if len(losses) else torch.zeros((), device=self.device)

    def _clipped(self, update: ActiveUpdate, model: nn.Module, batch: Batch) -> tuple[dict[str, Tensor], Tensor]:
        """A batch may be empty: then the step is noise alone, as the promise wants it."""
        if not batch or not len(batch[0]):
            return {}, torch.zeros(0)
        if self.examples is None:
            self.examples = ExampleGradients(model, update.loss)
        return self.examples.clipped_sum(batch, self.clip)

    def _generator(self, what: int, number: int, device: torch.device) -> torch.Generator:
        """Of what is drawn in an epoch or step; it depends on the secret and the number alone, so a resume repeats."""
        seed = np.random.SeedSequence([self.secret, what, number]).generate_state(1, np.uint64)[0]
        return torch.Generator(device).manual_seed(int(seed) % 2**63)

    # -- after a step (`StepHook`) ------------------------------------------------------------------------------

    def update(self) -> None:
        """A step was taken."""
        self.steps += 1

    def state_dict(self) -> dict[str, Any]:
        """What a resumed training needs; the secret is forgotten when there is nothing to resume."""
        is_over = self.steps >= self.total_steps
        return {"steps": self.steps, "noise": self.noise, "rate": self.rate, "secret": 0 if is_over else self.secret}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the noise of the checkpoint.

        Raises:
            OptionError: If what is asked for now would break the promise.
        """
        if state["rate"] != self.rate:
            raise OptionError(
                f"--batch-size: the private training drew each example with a chance of {state['rate']:.4g}, now it "
                f"would be {self.rate:.4g}: resume with the same data and batch size"
            )
        self.steps, self.noise, self.secret = state["steps"], state["noise"], state["secret"]
        if (spent := self.spent(self.total_steps)) > self.target * (1 + ROOM):
            raise OptionError(
                f"--epochs: with the noise of this training {self.total_steps:,} steps spend ε = {spent:.3g}, more "
                f"than --private {self.target:g}: leave --epochs out, or begin anew"
            )

    # -- what is told -------------------------------------------------------------------------------------------

    def spent(self, steps: int | None = None) -> float:
        """ε of the steps so far, or of so many."""
        return epsilon(self.noise, self.rate, self.steps if steps is None else steps, self.delta)

    def record(self) -> dict[str, Any]:
        """What was asked, how, and what was spent."""
        return {
            "epsilon": self.target,
            "spent": self.spent(),
            "delta": self.delta,
            "noise_multiplier": self.noise,
            "clip": self.clip,
            "sample_rate": self.rate,
            "steps": self.steps,
            "accountant": "RDP of the sampled Gaussian mechanism",
        }

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"private: ε = {self.target:g} at δ = {self.delta:.2g}, noise of {self.noise:.3g} on gradients clipped to "
            f"{self.clip:g}, each example drawn with a chance of {self.rate:.3g}"
        )


def delta_of(config: TrainConfig, count: int) -> float:
    """δ: as asked for, or a tenth of the chance of one example in all."""
    return config.delta if config.delta is not None else 1 / (10 * count)


def require_apart(model: nn.Module) -> None:
    """Raises OptionError if a layer lets the examples of a batch see each other."""
    if mixing := [name or type(layer).__name__ for name, layer in model.named_modules() if mixes(layer)]:
        raise OptionError(
            f"--private: {mixing[0]} is batch norm, which mixes the examples of a batch, so no example has a gradient "
            "of its own: put nn.GroupNorm or nn.LayerNorm in its place"
        )


def mixes(layer: nn.Module) -> bool:
    """Whether a layer is batch norm of any kind."""
    return isinstance(layer, nn.modules.batchnorm._BatchNorm)


def unused_options(asked: Mapping[str, Any], config: TrainConfig, processes: int, is_native: bool) -> Iterator[Unused]:
    """What belongs to private training where there is none, and what has no place in one."""
    if config.private is None:
        for name in set(OWN) & asked.keys():
            yield Unused(name, "it says how a private training adds noise", "leave it out, or add --private EPSILON")
        return
    if processes > 1:
        yield Unused("private", "it draws the batches of one process", "train without torchrun")
    if not is_native:
        yield Unused("private", "gradients of single examples need PyTorch", "leave --engine glass out")
    for name, (why, advice) in REFUSED.items():
        if name == "learning_rate" and asked.get(name) != "auto":
            continue
        if name in asked and asked[name] not in HARMLESS.get(name, (False, None)):
            yield Unused(name, why, advice)


HARMLESS = {"bags": (1,), "compile": ("off", "auto"), "cuda_graphs": ("off", "auto"), "class_weights": ("none",)}
REFUSED = {
    "budget": ("the noise is made for a number of steps that is known before", "leave it out and give --epochs"),
    "mixup": ("a mixed example belongs to two, and clipping bounds one", "leave it out, or leave --private out"),
    "cutmix": ("a mixed example belongs to two, and clipping bounds one", "leave it out, or leave --private out"),
    "adversarial": ("an attacked example has no gradient of its own to bound", "leave it out, or leave --private out"),
    "clip_gradient": ("a private training clips the gradient of each example", "pass --clip-example"),
    "class_weights": ("each example is drawn and bounded alike", "leave it out, or leave --private out"),
    "learning_rate": ("the range test would look at the examples without noise", "name a --learning-rate"),
    "compile": ("gradients of single examples are not compiled", "leave it out"),
    "cuda_graphs": ("the size of a batch is drawn anew at every step", "leave it out"),
    "shard": ("the gradient of an example would lie in pieces", "leave it out"),
    "folds": ("every fold would spend ε once more", "leave it out, or leave --private out"),
    "bags": ("it would be one network for rows that are drawn", "leave it out, or leave --private out"),
    "blend": ("the simple models learn from the rows without noise", "leave it out, or leave --private out"),
    "refit": ("it learns from rows without noise", "leave it out, or leave --private out"),
}
