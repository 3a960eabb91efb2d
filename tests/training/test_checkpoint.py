from threading import Event

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.training import checkpoint
from deepglass.training.config import TrainConfig
from deepglass.training.loop import Trainer, fit
from deepglass.training.parallel import fsdp
from deepglass.training.progress import Watcher
from tests.training.helpers import DigitsLearner, digits, network

CONFIG = TrainConfig(
    epochs=1, batch_size=50, learning_rate=1e-2, optimizer="adamw", schedule="cosine", precision="float32", device="cpu"
)  # fmt: skip


class Pages(Watcher):
    """Keeps the weights after every step, and sets off an event at one of them."""

    def __init__(self, model, last):
        self.model, self.last, self.is_there = model, last, Event()
        self.weights = {}

    def step(self, step, total_steps, loss, examples_per_second):
        self.weights[step] = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        if step == self.last:
            self.is_there.set()


def test_training_goes_on_while_a_checkpoint_of_before_is_written(tmp_path, monkeypatch):
    model = network()
    watcher, saved, usual = Pages(model, last=9), [], checkpoint.save

    def slow_save(folder, state):
        saved.append(watcher.is_there.wait(60))  # the disk takes as long as seven steps
        usual(folder, state)
        saved.append(torch.load(folder / "checkpoint.pt"))

    monkeypatch.setattr(checkpoint, "save", slow_save)
    monkeypatch.setattr(Trainer, "is_save_due", lambda trainer: trainer.progress.step == 2)
    fit(model, DigitsLearner(), *digits(), CONFIG, folder=RunFolder(tmp_path), watcher=watcher)
    went_on, early, _, last = saved
    assert went_on
    assert early["progress"]["step"] == 2
    assert last["progress"]["step"] == 12
    assert early["model"].keys() == watcher.weights[2].keys()
    assert all(torch.equal(tensor, watcher.weights[2][name]) for name, tensor in early["model"].items())
    assert not any(torch.equal(tensor, last["model"][name]) for name, tensor in early["model"].items())


@pytest.mark.parametrize("at", [2, 12])
def test_what_cannot_be_written_is_said(tmp_path, monkeypatch, at):
    def full_disk(folder, state):
        if state["progress"]["step"] == at:
            raise RunError("no space left on the disk")

    monkeypatch.setattr(checkpoint, "save", full_disk)
    monkeypatch.setattr(Trainer, "is_save_due", lambda trainer: trainer.progress.step in (2, 6))
    watcher = Pages(model := network(), last=0)
    with pytest.raises(RunError, match="no space left"):
        fit(model, DigitsLearner(), *digits(), CONFIG, folder=RunFolder(tmp_path), watcher=watcher)
    assert max(watcher.weights) == (6 if at == 2 else 12)  # at the next checkpoint, or at the end


def test_a_copy_is_apart_and_what_was_tied_stays_tied():
    layer = nn.Linear(3, 3)
    state = {"first": layer.weight, "groups": [{"second": layer.weight.detach(), "rate": 0.1}]}
    kept = fsdp.copied(state)
    nn.init.zeros_(layer.weight)
    assert kept["first"].all()
    assert not kept["first"].requires_grad
    assert kept["groups"][0]["second"] is kept["first"]
    assert kept["groups"][0]["rate"] == 0.1


class CountedByNumPy(DigitsLearner):
    def validate(self, outputs):
        return {name: np.float64(value) for name, value in super().validate(outputs).items()}


def test_scores_that_numpy_counted_are_numbers_in_a_checkpoint_too(tmp_path):
    fit(network(), CountedByNumPy(), *digits(), CONFIG, folder=RunFolder(tmp_path))
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert type(state["progress"]["best"]) is float
