"""distil: a smaller model learns from the probabilities of the large one, which say more than the labels do.

    loss = (1 - s) · loss of the task + s · T² · KL(teacher at temperature T || student at temperature T)

At a high temperature a teacher shows which wrong answers it finds likely: that a 7 looks a little like a 1. Where the
answer is a number, the student is drawn towards the teacher's number instead.

Hinton, Vinyals & Dean (2015), Distilling the Knowledge in a Neural Network, https://arxiv.org/abs/1503.02531
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core import effects
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.hooks import hooked
from deepglass.data.examples import Batch
from deepglass.deploy.portable import answer_of
from deepglass.deploy.shrink._retrain import TaskAdapter, learn
from deepglass.deploy.shrinking.shrink_input import ShrinkInput
from deepglass.runs.again import own_job
from deepglass.runs.run import Run
from deepglass.zoo import architectures

RESULT = "run"
ADVICE = "a larger --student or settings of it, or more --epochs"
WIDTHS = ("width", "hidden_dim", "hidden_size", "embed_dim")  # settings that are halved where no student is named


@dataclass(frozen=True)
class Config:
    """Settings of the method."""

    student: str | None = None  # a model of the same task; by default the run's own at half its width
    temperature: float = 2.0  # 1 shows what the teacher would answer, more also what it finds nearly as likely
    soft_share: float = 0.7  # weight of the teacher beside the labels, 0 to 1
    epochs: float | None = None  # as many as the task takes for the student by default
    budget: str | None = None  # hard stop such as 90s; the run's own by default


def shrink(subject: ShrinkInput, config: Config, path: Path, **settings: Any) -> list[str]:
    """Train a student and write its run; returns what was done, in sentences.

    Args:
        subject: The teacher.
        config: Settings of the method.
        path: Of the student's run.
        settings: Of the student's model.

    Raises:
        OptionError: If an option is out of its range, or no student is named and none can be thought of.
    """
    _require_ranges(config)
    softens = answer_of(subject.run.task).SOFTENS
    if not softens and config.temperature != Config.temperature:
        effects.refuse([Unused("temperature", "the answer is a number, which no temperature softens")])
    run, settings = subject.run, settings or ({} if config.student else halved(subject.run))
    kept = {} if config.student else run.config["model_options"]
    job = own_job(run, subject.data, config.student, kept | settings)
    teacher, student = Run(run.path, "cpu").model, job.build_model()
    before, after = (sum(p.numel() for p in network.parameters()) for network in (teacher, student))
    learner = Distilled(job.task, teacher, config.temperature if softens else None, config.soft_share)
    learn(job, learner, student, path, epochs=config.epochs, budget=config.budget or subject.job.train_config.budget)
    chosen = ", ".join(f"{name} {value}" for name, value in settings.items())
    described = f"{job.model} ({chosen})" if chosen else job.model
    return [f"student {described}: {after:,} weights, the teacher has {before:,}"]


def halved(run: Run) -> dict[str, Any]:
    """The settings of the run's model that say how wide it is, halved.

    Raises:
        OptionError: If it has none.
    """
    entry = architectures.entry(run.config["model"], run.config["task"])
    values = {setting.name: setting.default for setting in entry.settings} | entry.overrides
    values |= run.config["model_options"]
    wide = {name: values[name] // 2 for name in WIDTHS if type(values.get(name)) is int and values[name] > 1}
    if not wide:
        raise OptionError(f"{entry.name} has no width to halve: name a smaller model with --student")
    return wide


class Distilled(TaskAdapter):
    """The task, with a teacher beside its labels.

    Args:
        task: Of both.
        teacher: Sees what the student sees, augmentation and mixtures included.
        temperature: Of both softmaxes; None where the answer is a number.
        soft_share: Weight of the teacher.
    """

    def __init__(self, task: Any, teacher: nn.Module, temperature: float | None, soft_share: float):
        super().__init__(task)
        self.teacher, self.temperature, self.soft_share = teacher.eval(), temperature, soft_share

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        seen: list[tuple[tuple[Tensor, ...], Tensor]] = []
        with hooked([model], lambda _, inputs, said: seen.append((inputs, said))):
            hard = self.task.loss(model, batch)
        inputs, said = seen[-1]
        with torch.no_grad():
            shown = self.teacher.to(said.device)(*inputs)
        return (1 - self.soft_share) * hard + self.soft_share * soft_loss(said.float(), shown.float(), self.temperature)


def soft_loss(student: Tensor, teacher: Tensor, temperature: float | None) -> Tensor:
    """How far the student is from the teacher.

    Args:
        student: Logits, or numbers.
        teacher: Likewise; of an ensemble the mean over its members counts.
        temperature: T; None compares numbers by their squared distance.

    Shape:
        - student: (B, K), (B, M, K) of an ensemble, (B, T, V) of a language model, or any shape of numbers
        - teacher: the same, or without the members, or with them
        - output: ()

    Example:
        >>> float(soft_loss(torch.tensor([[2.0, 0.0]]), torch.tensor([[2.0, 0.0]]), 2.0))
        0.0
    """
    if temperature is None:
        if student.shape != teacher.shape:
            student, teacher = (said.flatten(1).mean(dim=1) for said in (student, teacher))
        return F.mse_loss(student, teacher)
    probs = (teacher / temperature).softmax(dim=-1)
    if student.shape != teacher.shape:
        probs = probs.mean(dim=1) if teacher.dim() == 3 else probs  # (B, K)
    logs = (student / temperature).log_softmax(dim=-1)
    if logs.dim() > probs.dim():
        probs = probs.unsqueeze(1).expand_as(logs)  # (B, M, K)
    rows = logs.numel() // logs.shape[-1]
    return temperature**2 * F.kl_div(logs, probs, reduction="sum") / rows


def _require_ranges(config: Config) -> None:
    if config.temperature <= 0:
        raise OptionError(f"--temperature: expected more than 0, got {config.temperature:g}")
    if not 0 <= config.soft_share <= 1:
        raise OptionError(f"--soft-share: expected 0 to 1, got {config.soft_share:g}")
