"""`train --watch` warns of what a user would notice, once, and of nothing in a healthy training."""

import torch
from torch import nn

from deepglass.diagnosis.watching import EVERY, FEW, FIRST, RISING, WarningWatcher
from tests.diagnosis.loops import adam, classes, cross_entropy, net, sgd, shuffled, usual


class Console:
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warn(self, text: str) -> None:
        self.said.append(text.split(":")[0])


def warnings(model: nn.Module, optimizer: torch.optim.Optimizer, epochs: int = 14) -> list[str]:
    console = Console()
    watcher = WarningWatcher(model, console)  # type: ignore[arg-type]
    for step, (x, y) in enumerate(shuffled(classes(), epochs), 1):
        loss = cross_entropy(model, x, y)
        usual(loss, optimizer)
        watcher.step(step, 1000, float(loss.detach()), 0.0)
    return console.said


def test_a_healthy_training_is_left_alone():
    model = net()
    assert warnings(model, adam(model)) == []


def test_a_rate_too_high_is_said_once():
    model = net()
    assert warnings(model, sgd(1000.0)(model)).count("learning-rate-high") == 1


def test_a_rate_too_low_is_said():
    model = net()
    assert "learning-rate-low" in warnings(model, sgd(1e-12)(model))


def test_units_that_are_dead_are_said():
    model = net()
    nn.init.constant_(model[0].bias, -100.0)  # type: ignore[arg-type]
    model[2].requires_grad_(False)
    assert "no-gradient" in warnings(model, sgd(0.1)(model))


def test_a_loss_that_is_lost_is_said():
    console = Console()
    WarningWatcher(net(), console).step(1, 10, float("nan"), 0.0)  # type: ignore[arg-type]
    assert console.said == ["not-finite"]


def test_a_held_out_loss_that_rises_is_said_once():
    console = Console()
    watcher = WarningWatcher(net(), console)  # type: ignore[arg-type]
    for epoch in range(2 * RISING):
        watcher.epoch({"epoch": epoch, "loss": 1.0 - 0.1 * epoch, "val_loss": 1.0 + 0.1 * epoch}, False)
    assert console.said == ["overfitting"]


def test_weights_are_kept_in_few_steps():
    watcher = WarningWatcher(net(), Console())  # type: ignore[arg-type]
    kept = []
    for step in range(1, 2 * EVERY + 2):
        watcher.step(step, 1000, 1.0, 0.0)
        if watcher.weights:
            kept.append(step)
    assert kept == [FIRST, EVERY, 2 * EVERY]
    assert FEW < EVERY
