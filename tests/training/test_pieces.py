"""Optimisers, initial weights, the running mean, weight files, the range test, and who watches."""

import io
from dataclasses import replace

import pytest
import torch
from rich.console import Console as RichConsole
from safetensors.torch import save
from torch import nn

from deepglass.core.console import Console
from deepglass.core.errors import RunError
from deepglass.training.averaging import WeightMean
from deepglass.training.config import TrainConfig
from deepglass.training.initializers import initialize
from deepglass.training.optimizers import build_optimizer
from deepglass.training.rate_finder import HIGHEST, LOWEST, find_rate
from deepglass.training.watchers import BarWatcher, LineWatcher, watcher_for
from deepglass.training.weights import load_weights, save_weights
from tests.training.helpers import DigitsLearner, digits, network

CONFIG = TrainConfig(
    epochs=1, batch_size=50, learning_rate=0.1, optimizer="adamw", schedule="constant", weight_decay=0.5
)


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_only_matrices_are_decayed(name):
    model = network()
    optimizer = build_optimizer(model, replace(CONFIG, optimizer=name))
    for group in optimizer.param_groups:
        assert all((p.dim() >= 2) == (group["weight_decay"] > 0) for p in group["params"])
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))


def test_frozen_weights_are_left_out():
    model = network()
    model[0].weight.requires_grad_(False)
    optimizer = build_optimizer(model, CONFIG)
    assert all(p is not model[0].weight for group in optimizer.param_groups for p in group["params"])


def test_he_keeps_the_variance_through_twenty_layers_and_normal_does_not():
    def spread(rule):
        torch.manual_seed(0)
        layers = [nn.Sequential(nn.Linear(256, 256), nn.ReLU()) for _ in range(20)]
        model = nn.Sequential(*layers)
        initialize(model, rule)
        return float(model(torch.randn(512, 256)).std().detach())

    assert 0.3 < spread("he") < 3
    assert spread("normal") < 1e-6


def test_orthogonal_is_orthogonal_and_default_leaves_the_model_alone():
    model = nn.Linear(8, 8)
    initialize(model, "orthogonal")
    torch.testing.assert_close(model.weight @ model.weight.T, torch.eye(8))
    before = model.weight.clone()
    initialize(model, "default")
    assert torch.equal(before, model.weight)


def test_the_running_mean_follows_the_formula():
    model = nn.Linear(1, 1, bias=False)
    mean = WeightMean(model, decay=0.5)
    value = float(model.weight)
    for step in range(1, 5):
        with torch.no_grad():
            model.weight += 1.0
        decay = min(0.5, (1 + step) / (10 + step))
        value = decay * value + (1 - decay) * float(model.weight)
        mean.update()
    assert float(mean.model.weight) == pytest.approx(value)


def test_weights_round_trip_and_tied_ones_are_written_once(tmp_path):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(5, 3)
            self.head = nn.Linear(3, 5, bias=False)
            self.head.weight = self.embedding.weight

    first, second = Tied(), Tied()
    save_weights(tmp_path / "w.safetensors", first.state_dict())
    load_weights(tmp_path / "w.safetensors", second)
    assert torch.equal(first.head.weight, second.embedding.weight)
    assert (tmp_path / "w.safetensors").stat().st_size < 250


def test_weights_of_another_model_are_refused_by_name(tmp_path):
    path = tmp_path / "w.safetensors"
    save_weights(path, nn.Linear(3, 2).state_dict())
    with pytest.raises(RunError, match=r"'weight' have shape \(2, 3\), the model expects \(2, 4\)"):
        load_weights(path, nn.Linear(4, 2))
    with pytest.raises(RunError, match="has weights 'bias' that the model lacks"):
        load_weights(path, nn.Linear(3, 2, bias=False))
    path.write_bytes(save({"weight": torch.zeros(2, 3)}))
    with pytest.raises(RunError, match="has no weights 'bias'"):
        load_weights(path, nn.Linear(3, 2))


@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"garbage" * 20])
def test_damaged_weights_are_refused(tmp_path, content):
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        load_weights(tmp_path / "w.safetensors", nn.Linear(3, 2))


def test_the_range_test_finds_a_rate_that_learns_and_leaves_the_model_alone():
    train, val = digits()
    model = network()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    found = find_rate(model, DigitsLearner(), train, replace(CONFIG, optimizer="sgd", learning_rate="auto"))
    assert LOWEST < found.learning_rate < HIGHEST
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    from deepglass.training.loop import fit

    fitted = fit(model, DigitsLearner(), train, val, replace(found, epochs=5))
    assert fitted.history[-1]["val_accuracy"] > 0.7


RECORD = {
    "epoch": 1, "step": 3, "loss": 0.5, "val_accuracy": 0.9, "learning_rate": 0.1, "seconds": 1.0,
    "examples_per_second": 100.0,
}  # fmt: skip


def test_a_pipe_gets_plain_lines(capsys):
    watcher = watcher_for(Console())
    assert isinstance(watcher, LineWatcher)
    watcher.start(3, "accuracy")
    watcher.epoch(RECORD, is_best=True)
    watcher.finish("done")
    out = capsys.readouterr().out
    assert "epoch   1  loss 0.5000  val accuracy 0.9  100/s  best" in out
    assert "stopped: done" in out
    assert "\x1b" not in out


def test_a_terminal_gets_a_bar():
    class Terminal(Console):
        is_terminal = True
        rich = RichConsole(file=io.StringIO(), force_terminal=True, width=100)

    watcher = watcher_for(Terminal())
    assert isinstance(watcher, BarWatcher)
    watcher.start(10, "accuracy")
    watcher.step(5, 10, 0.25, 1234.0)
    watcher.epoch(RECORD, is_best=False)
    watcher.shown = 0.0
    watcher.step(6, 10, 0.25, 1234.0)
    watcher.bar.refresh()
    watcher.finish("done")
    out = Terminal.rich.file.getvalue()
    assert "loss 0.2500" in out
    assert "accuracy 0.9" in out
    assert "1,234/s" in out


def test_quiet_watches_in_silence(capsys):
    watcher = watcher_for(Console("quiet"))
    watcher.start(3, "accuracy")
    watcher.epoch(RECORD, is_best=True)
    watcher.finish("done")
    assert capsys.readouterr().out == ""
