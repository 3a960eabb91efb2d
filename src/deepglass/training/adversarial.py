"""Adversarial training: learn from the worst inputs in a ball instead of the inputs themselves.

    min over weights of the mean of   max over |δ| ≤ ε of   loss(x + δ, y)

The inner maximum is a few steps of PGD, or one step from a random start ("fast"). In the first part of the training ε
rises from a third: a network that meets the whole of a large ball before it knows anything gives everything the same
answer, and stays so. One step may suddenly teach it to resist that step and nothing else: its accuracy under many steps
falls to nothing within an epoch (catastrophic overfitting). So every epoch is judged by many steps on validation
examples, the best epoch by that is kept, and where the figure suddenly falls, training stops and goes back to it.

References:
    Madry et al. (2018), Towards Deep Learning Models Resistant to Adversarial Attacks, https://arxiv.org/abs/1706.06083
    Wong, Rice & Kolter (2020), Fast is better than free, https://arxiv.org/abs/2001.03994
    Rice, Wong & Kolter (2020), Overfitting in adversarially robust deep learning, https://arxiv.org/abs/2002.11569
    (the best epoch is not the last one)
    Cai, Du, Liu & Song (2018), Curriculum Adversarial Training, https://arxiv.org/abs/1805.04807 (from weak to strong)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.attacks import with_gradient
from deepglass.attacks.ball import Ball
from deepglass.attacks.fgsm import LONGER
from deepglass.attacks.pgd import REACH
from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.data.examples import Batch, Examples
from deepglass.training.config import TrainConfig

JUDGING_STEPS = 10  # of PGD on the validation examples
JUDGED = 300  # of these at most
FALL = 0.5  # of the best figure: below, it has fallen suddenly
ENOUGH = 0.1  # gain over guessing from which on a figure can fall
FIRST, RISE = 1 / 3, 0.3  # of ε, at which the attack begins; of the training, in which it grows to its full size
TIE_BREAK = 1e-3  # weight of the loss beside the accuracy: it only decides between equals


class AdversarialLearner:
    """A learner that meets the worst inputs of a ball; all else is that of the learner itself.

    Args:
        learner: Gives loss, outputs and validation metrics, and says by `room` what of its inputs may change.
        epsilon: Of the ball, in the user's units, once it has grown.
        steps: Of PGD in a step of the training; 1 is FGSM from a random start.
    """

    monitor, better = "robust_score", "higher"
    steps_repeat = False

    def __init__(self, learner: Any, epsilon: float, steps: int):
        self.learner, self.epsilon, self.steps = learner, epsilon, steps
        self.grown = 1.0  # share of ε that the attack of the training has now

    def __getattr__(self, name: str) -> Any:
        return getattr(self.learner, name)

    def on_progress(self, share: float) -> None:
        """The attack grows evenly with what is done, and has its full size after the first part."""
        self.grown = min(1.0, FIRST + (1 - FIRST) * share / RISE)
        self.learner.on_progress(share)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Of the batch after the attack; where nothing is learnt, of the batch as it is."""
        if not model.training:
            return self.learner.loss(model, batch)
        return self.learner.loss(model, self.worst(model, batch, self.steps, self.grown * self.epsilon))

    def worst(
        self,
        model: nn.Module,
        batch: Batch,
        steps: int,
        epsilon: float | None = None,
        generator: torch.Generator | None = None,
    ) -> Batch:
        """The batch with inputs for which the loss is larger, as the network answers outside of training.

        Args:
            epsilon: Of the ball; None takes that of the whole training.
        """
        *inputs, target = batch
        room = self.learner.room(tuple(inputs))
        if room is None:
            return batch
        was_training = model.training
        model.eval()
        try:
            size = self.epsilon if epsilon is None else epsilon
            points = self._attacked(model, batch, room.ball(tuple(inputs), size), room.place, steps, generator)
        finally:
            model.train(was_training)
        return (*(points if place == room.place else x for place, x in enumerate(inputs)), target)

    def _attacked(
        self, model: nn.Module, batch: Batch, ball: Ball, at: int, steps: int, generator: torch.Generator | None
    ) -> Tensor:
        def losses(points: Tensor, rows: Tensor) -> Tensor:
            """The mean loss, once for each example: the sign of each gradient is all that counts."""
            parts = (points if place == at else x for place, x in enumerate(batch))
            return self.learner.loss(model, tuple(parts)).float().expand(len(points))

        size = ball.epsilon * (LONGER if steps == 1 else REACH / steps)
        points = ball.random(generator)
        for _ in range(steps):
            points = ball.step(points, with_gradient(losses, points)[1], size)
        return points

    def outputs(self, model: nn.Module, examples: Examples) -> Any:
        """As the learner gives them, and those of some examples after an attack of many steps."""
        own = self.learner.outputs(model, examples)
        rows = torch.linspace(0, len(examples) - 1, min(JUDGED, len(examples))).long()
        batch = tuple(part.to(device_of(model)) for part in examples.batch(rows))
        generator = torch.Generator().manual_seed(0)  # every epoch is judged by the same attack
        with torch.enable_grad():
            attacked = self.worst(model, batch, JUDGING_STEPS, generator=generator)
        return own, self.learner.outputs(model, _Held(attacked))

    def validate(self, outputs: Any) -> dict[str, float]:
        """Those of the learner, the same after the attack as `robust_…`, and the score that chooses the epoch.

        The attack that judges always has its full size; `epsilon` is that of the training by now, and an epoch that
        met less of it scores less, so that nobody loses patience, or keeps a network, before the attack has grown.
        """
        own, attacked = outputs
        robust = self.learner.validate(attacked)
        score = robust.get("accuracy", 0.0) - (TIE_BREAK if "accuracy" in robust else 1.0) * robust["loss"]
        score -= 1.0 - self.grown
        named = {f"robust_{name}": value for name, value in robust.items() if name in ("loss", "accuracy", "rmse")}
        return self.learner.validate(own) | named | {"robust_score": score, "epsilon": self.grown * self.epsilon}

    def why_over(self, history: Sequence[Mapping[str, Any]]) -> str:
        """Why training ends before its time: what withstood many steps suddenly does not; empty otherwise.

        Asked from the epoch on in which the attack has its full size: before, nobody has learnt to withstand it.
        """
        grown = [record for record in history if record.get("val_epsilon", self.epsilon) >= self.epsilon]
        return sudden_fall([record["val_robust_accuracy"] for record in grown if "val_robust_accuracy" in record])


def sudden_fall(shares: Sequence[float]) -> str:
    """Of the last share of right answers under attack against the best before it, in words; empty where there is none.

    Example:
        >>> sudden_fall([0.5, 0.6, 0.1])
        'right answers under 10 steps of PGD fell from 60 to 10 %: catastrophic overfitting'
        >>> sudden_fall([0.5, 0.6, 0.55])
        ''
    """
    if len(shares) < 2 or max(shares[:-1]) < ENOUGH or shares[-1] >= FALL * max(shares[:-1]):
        return ""
    best, last = (f"{100 * share:.0f}" for share in (max(shares[:-1]), shares[-1]))
    return f"right answers under {JUDGING_STEPS} steps of PGD fell from {best} to {last} %: catastrophic overfitting"


class _Held:
    """A batch as examples."""

    def __init__(self, batch: Batch):
        self.tensors = batch

    def __len__(self) -> int:
        return len(self.tensors[0])

    def batch(self, indices: Tensor) -> Batch:
        return tuple(part.index_select(0, indices.to(part.device)) for part in self.tensors)

    def to(self, device: torch.device) -> "_Held":
        return _Held(tuple(part.to(device) for part in self.tensors))


def learner_for(learner: Any, config: TrainConfig) -> Any:
    """The learner, or one that meets attacks where `--adversarial` asks for it."""
    return AdversarialLearner(learner, config.adversarial, config.adversarial_steps) if config.adversarial else learner


def unused_options(asked: Mapping[str, Any], config: TrainConfig, around: Any) -> Iterator[Unused]:
    """Steps without an attack, and an attack where no gradient of the inputs is to be had.

    Args:
        asked: Options that are not as by default.
        config: With every field resolved.
        around: The `Circumstances` of the training.
    """
    if "adversarial_steps" in asked and not config.adversarial:
        why = "it counts the steps of the attack of --adversarial"
        yield Unused("adversarial_steps", why, "leave it out, or pass --adversarial 0.1")
    if not config.adversarial:
        return
    if not around.knows_inputs:
        yield Unused(
            "adversarial", "nothing says by how much these inputs may change", "use dg.train or deepglass train"
        )
    if not around.is_native:
        why = "the glass engine learns weights and gives no gradient of the inputs"
        yield Unused("adversarial", why, "use --engine torch")
    if around.processes > 1:
        yield Unused("adversarial", "several processes would each attack a network of their own", "start one process")
    for name in {"compile", "cuda_graphs"} & asked.keys():
        if asked[name] == "on":
            yield Unused(name, "the steps of an attack are not recorded", "leave it out, or leave --adversarial out")
