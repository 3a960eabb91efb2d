"""Adversarial training: it meets the worst inputs, notices a sudden fall, goes on to the bit, or is refused."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.attacks.ball import Room
from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.runs.job import plan_job
from deepglass.training import checkpoint
from deepglass.training.adversarial import FIRST, RISE, AdversarialLearner, learner_for, sudden_fall
from deepglass.training.config import TrainConfig
from deepglass.training.loop import Trainer, fit
from deepglass.training.progress import Watcher
from tests.training.helpers import DigitsLearner, digits, network

CONFIG = TrainConfig(
    epochs=2, batch_size=100, learning_rate=1e-2, optimizer="adamw", schedule="cosine", precision="float32",
    device="cpu", threads=1, adversarial=0.1, adversarial_steps=2,
)  # fmt: skip


class OfPixels(DigitsLearner):
    """Digits whose brightness runs from 0 to 1."""

    def room(self, inputs):
        return Room(0, torch.tensor(1.0), torch.tensor(0.0), torch.tensor(1.0), "brightness")


class Linear(OfPixels):
    def loss(self, model, batch):
        return nn.functional.softplus(-batch[1] * (batch[0] @ model.weight[0])).mean()


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_of_a_linear_model_the_worst_batch_is_the_corner(steps):
    model = nn.Linear(6, 1, bias=False)
    x, y = 0.2 + 0.6 * torch.rand(20, 6), torch.ones(20)
    points, target = AdversarialLearner(Linear(), 0.1, steps).worst(model, (x, y), 20 if steps > 1 else 1)
    assert torch.equal(target, y)
    corner = x - 0.1 * model.weight[0].sign()
    if steps > 1:
        assert torch.allclose(points, corner, atol=1e-5)
    else:  # one step of 1.25 ε from a random start reaches the border from three quarters of the ball
        assert 0.5 < float(((points - corner).abs() < 1e-5).double().mean()) < 0.8
        assert float((points - x).abs().max()) <= 0.1 + 1e-6


def test_the_network_is_attacked_as_it_answers_and_left_as_it_was():
    model = network().train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    train, _ = digits()
    points, _ = AdversarialLearner(OfPixels(), 0.2, 3).worst(model, train.batch(torch.arange(50)), 3)
    assert model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())  # batch norm too
    assert all(parameter.grad is None for parameter in model.parameters())
    assert float(points.min()) >= 0
    assert float(points.max()) <= 1


def test_a_network_that_met_attacks_withstands_more_of_them():
    train, val = digits()
    shares = {}
    for epsilon in (0.0, 0.15):
        config = TrainConfig(**{**vars(CONFIG), "epochs": 6, "adversarial": epsilon})
        fitted = fit(network(), learner_for(OfPixels(), config), train, val, config)
        judge = AdversarialLearner(OfPixels(), 0.15, 3)
        shares[epsilon] = judge.validate(judge.outputs(fitted.model, val))["robust_accuracy"]
    assert shares[0.15] > shares[0.0] + 0.1


def test_every_epoch_is_judged_under_attack_and_the_best_one_is_kept():
    train, val = digits()
    fitted = fit(network(), learner_for(OfPixels(), CONFIG), train, val, CONFIG)
    scores = [record["val_robust_score"] for record in fitted.history]
    assert fitted.best_epoch == 1 + int(np.argmax(scores))
    for record in fitted.history:
        assert record["val_robust_accuracy"] <= record["val_accuracy"]
        withstood = record["val_robust_accuracy"] - 1e-3 * record["val_robust_loss"]
        assert record["val_robust_score"] == pytest.approx(withstood - (1 - record["val_epsilon"] / 0.1))


class Sizes(AdversarialLearner):
    """Remembers how large its attacks were in steps of the training."""

    def worst(self, model, batch, steps, epsilon=None, generator=None):
        points, target = super().worst(model, batch, steps, epsilon, generator)
        if epsilon is not None:
            self.seen = [*getattr(self, "seen", []), float((points - batch[0]).abs().max())]
        return points, target


def test_the_attack_grows_to_its_full_size_and_stays():
    train, val = digits()
    learner = Sizes(OfPixels(), 0.1, 2)
    config = TrainConfig(**{**vars(CONFIG), "epochs": 4})
    fitted = fit(network(), learner, train, val, config)
    steps = len(learner.seen)
    size = lambda step: 0.1 * min(1.0, FIRST + (1 - FIRST) * step / (RISE * steps))  # noqa: E731
    wanted = [size(step) for step in range(steps)]
    assert learner.seen == pytest.approx(wanted, abs=1e-6)
    reached = [size(steps * epoch / 4 - 1) for epoch in (1, 2, 3, 4)]
    assert [record["val_epsilon"] for record in fitted.history] == pytest.approx(reached)


def test_nobody_loses_patience_while_the_attack_grows():
    """Accuracy under the whole attack that stands still is no reason to stop before training has met it."""

    class StandsStill(OfPixels):
        def validate(self, outputs):
            return {"loss": 1.0, "accuracy": 0.5}

    train, val = digits()
    config = TrainConfig(**{**vars(CONFIG), "epochs": 20, "patience": 2})
    fitted = fit(network(), AdversarialLearner(StandsStill(), 0.1, 1), train, val, config)
    assert fitted.best_epoch == 1 + RISE * 20  # the first that has met the whole of it
    assert len(fitted.history) == fitted.best_epoch + 2


def test_a_fall_counts_once_the_attack_has_its_full_size():
    learner = AdversarialLearner(OfPixels(), 0.3, 1)
    rise = [{"val_robust_accuracy": share, "val_epsilon": 0.1} for share in (0.6, 0.1)]
    assert learner.why_over(rise) == ""
    full = [{"val_robust_accuracy": share, "val_epsilon": 0.3} for share in (0.5, 0.1)]
    assert learner.why_over([*rise, full[0]]) == ""
    assert "fell from 50 to 10 %" in learner.why_over([*rise, *full])


def test_a_sudden_fall_stops_the_training_and_goes_back():
    class Falls(AdversarialLearner):
        """Is given up by its weights in the third epoch."""

        def validate(self, outputs):
            self.asked = getattr(self, "asked", 0) + 1
            share = {1: 0.5, 2: 0.7}.get(self.asked, 0.1)
            return {"loss": 1.0, "robust_accuracy": share, "robust_score": share}

    class Pages(Watcher):
        def __init__(self):
            self.weights = {}

        def epoch(self, record, is_best):
            self.weights[record["epoch"]] = {k: v.clone() for k, v in model.state_dict().items()}

    train, val = digits()
    model, watcher = network(), Pages()
    config = TrainConfig(**{**vars(CONFIG), "epochs": 9})
    fitted = fit(model, Falls(OfPixels(), 0.1, 1), train, val, config, watcher=watcher)
    assert len(fitted.history) == 3
    assert "fell from 70 to 10 %: catastrophic overfitting; epoch 2 is kept" in fitted.reason
    assert all(torch.equal(tensor, watcher.weights[2][name]) for name, tensor in fitted.model.state_dict().items())


@pytest.mark.parametrize(
    ("shares", "falls"),
    [([], False), ([0.9], False), ([0.02, 0.01], False), ([0.6, 0.31], False), ([0.6, 0.29], True),
     ([0.2, 0.6, 0.0], True)],
)  # fmt: skip
def test_what_counts_as_a_sudden_fall(shares, falls):
    assert bool(sudden_fall(shares)) == falls


def test_a_killed_training_goes_on_to_the_bit(tmp_path, monkeypatch):
    train, val = digits()

    class Killed(BaseException):
        pass

    def train_it(folder, resume=False):
        torch.manual_seed(5)
        learner = learner_for(OfPixels(), CONFIG)
        return fit(network(), learner, train, val, CONFIG, folder=RunFolder(folder), resume=resume)

    whole = train_it(tmp_path / "whole").model.state_dict()
    usual = Trainer.step

    def step(trainer, batch):
        if trainer.progress.step == 8:
            raise Killed
        return usual(trainer, batch)

    monkeypatch.setattr(Trainer, "is_save_due", lambda trainer: trainer.progress.step == 7)
    monkeypatch.setattr(Trainer, "step", step)
    with pytest.raises(Killed):
        train_it(tmp_path / "killed")
    assert checkpoint.load(RunFolder(tmp_path / "killed"))["progress"]["step"] == 7
    monkeypatch.setattr(Trainer, "step", usual)
    again = train_it(tmp_path / "killed", resume=True).model.state_dict()
    assert all(torch.equal(tensor, again[name]) for name, tensor in whole.items())


# -- of the command line --------------------------------------------------------------------------------------------


def frame(rows=80):
    random = np.random.default_rng(0)
    table = pd.DataFrame({"x": random.normal(size=rows), "colour": random.choice(["red", "blue"], rows)})
    return table.assign(kind=np.where(table["x"] > 0, "yes", "no"), text="some words")


REFUSED = [
    ({"adversarial_steps": 2}, "--adversarial-steps has no effect: it counts the steps of the attack"),
    ({"adversarial": 0.1, "blend": True}, "--blend has no effect: the simple models have met no attack"),
    ({"adversarial": 0.1, "ignore": "x"}, "--adversarial has no effect: none of its columns is a number"),
    ({"adversarial": 0.1, "cuda_graphs": "on"}, "--cuda-graphs has no effect"),
    ({"adversarial": -1}, "--adversarial: expected 0 to"),
    ({"adversarial": 0.1, "adversarial_steps": 0}, "--adversarial-steps: expected 1 to"),
    ({"adversarial": 0.1, "task": "text-classification", "text_column": "text"}, "words cannot change by a little"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_an_attack_that_has_no_meaning_is_refused_by_name(options, message):
    options = {"target": "kind", "device": "cpu", **options}
    with pytest.raises(OptionError, match=message):
        plan_job(frame(), options.pop("task", "tabular-classification"), None, options)


def test_the_glass_engine_estimators_and_modules_of_a_user_refuse_it():
    with pytest.raises(OptionError, match="--adversarial has no effect: the glass engine"):
        plan_job(frame(), "tabular-classification", "mlp", {"target": "kind", "adversarial": 0.1}, engine="glass")
    with pytest.raises(OptionError, match="adversarial has no effect: nothing says by how much"):
        dg.Classifier(model="mlp", settings={"adversarial": 0.1}).fit(frame()[["x"]], frame()["kind"])
    with pytest.raises(OptionError, match="adversarial has no effect: nothing says by how much"):
        dg.fit(nn.Linear(2, 1), torch.randn(20, 2), torch.randn(20, 1), adversarial=0.1)


def test_a_table_keeps_its_words_dates_and_empty_cells():
    table = frame(90)
    table.loc[::4, "x"] = np.nan
    table["day"] = pd.date_range("2024-01-01", periods=90, freq="11h")
    options = {"target": "kind", "adversarial": 0.3, "bags": 1, "device": "cpu", "ignore": "text"}
    job = plan_job(table, "tabular-classification", "mlp", options)
    batch = job.prepared.train.batch(torch.arange(40))
    model = job.build_model()
    (numeric, codes, *_) = AdversarialLearner(job.task, 0.3, 3).worst(model, batch, 3)
    fitted = job.task.preprocessor
    places = [place for name in fitted.columns if name != "x" for place in fitted.inputs[name][0]]
    assert torch.equal(codes, batch[1])
    assert torch.equal(numeric[:, places], batch[0][:, places])
    value, flag = fitted.inputs["x"][0]
    moved = (numeric - batch[0])[:, value].abs()
    assert torch.equal(numeric[:, flag], batch[0][:, flag])
    assert float(moved[batch[0][:, flag] == 1].max()) == 0
    assert 0.1 < float(moved.max()) <= 0.3 + 1e-5
