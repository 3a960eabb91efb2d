"""Private training: what it draws, adds and keeps; a resumed one goes on to the bit and has spent the same."""

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.core.errors import OptionError
from deepglass.training import checkpoint
from deepglass.training.config import TrainConfig
from deepglass.training.private.accountant import epsilon
from deepglass.training.private.training import PrivateLearning
from deepglass.zoo.group_norm import in_place_of_batch_norm

QUICK = {"private": 3.0, "noise_seed": 1, "batch_size": 16, "device": "cpu", "precision": "float32", "threads": 1}
CPU = torch.device("cpu")


def data(count=64):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(count, 4)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(np.int64)


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))


def learning(**more):
    config = TrainConfig(private=3.0, epochs=2, noise_seed=1, **more)
    return PrivateLearning(network(), config, 200, 10, CPU)


def test_each_example_is_drawn_into_a_batch_with_the_same_chance():
    private = learning()
    batches = [indices for epoch in range(20) for indices in private.batches(epoch)]
    sizes = np.array([len(indices) for indices in batches])
    assert len(batches) == 200
    assert sizes.mean() == pytest.approx(20, abs=2)
    assert sizes.std() > 2  # and no fixed size
    assert all(len(indices.unique()) == len(indices) for indices in batches)
    assert [b.tolist() for b in private.batches(3)] == [b.tolist() for b in learning().batches(3)]


def test_noise_has_the_size_that_was_promised():
    """Of a batch that holds nobody a step is noise alone."""
    private, model = learning(clip_example=2.0), nn.Linear(200, 200, bias=False)
    loss = private.learn(None, model, ())  # type: ignore[arg-type]
    assert float(loss) == 0
    assert float(model.weight.grad.std()) == pytest.approx(private.noise * 2.0 / 20, rel=0.03)


def test_noise_is_a_secret_unless_somebody_asks_for_it():
    config = TrainConfig(private=3.0, epochs=2)
    one, other = (PrivateLearning(network(), config, 200, 10, CPU).secret for _ in range(2))
    assert one != other
    private = learning()
    assert private.state_dict()["secret"] == 1
    private.steps = private.total_steps
    assert private.state_dict()["secret"] == 0  # forgotten when there is nothing to resume


def test_the_plan_spends_what_was_asked_for_and_no_more():
    private = learning(delta=1e-4)
    private.steps = private.total_steps
    record = private.record()
    assert record["spent"] <= 3.0
    assert record["spent"] == pytest.approx(3.0, rel=1e-3)
    assert record["spent"] == epsilon(record["noise_multiplier"], 0.1, 20, 1e-4)
    assert learning().delta == 1 / 2000


def test_what_mixes_examples_is_refused_or_gives_way():
    model = nn.Sequential(nn.Conv2d(1, 48, 3), nn.BatchNorm2d(48))
    with pytest.raises(OptionError, match="1 is batch norm, which mixes the examples"):
        PrivateLearning(model, TrainConfig(private=3.0), 200, 10, CPU)
    assert in_place_of_batch_norm(model, nn) == ["1"]
    assert isinstance(model[1], nn.GroupNorm)
    assert model[1].num_groups == 24
    PrivateLearning(model, TrainConfig(private=3.0), 200, 10, CPU)


def test_a_resumed_training_goes_on_to_the_bit_and_has_spent_the_same(tmp_path, monkeypatch):
    whole = dg.fit(network(), data(), run=str(tmp_path / "whole"), epochs=4, quiet=True, **QUICK)
    kept = checkpoint.write
    seen = []

    def stop_in_the_middle(trainer, wait=False):
        seen.append(trainer.progress.step)
        kept(trainer, wait=True)
        if trainer.progress.step == 7:  # in the middle of the second epoch
            raise KeyboardInterrupt

    monkeypatch.setattr("deepglass.training.loop.Trainer.is_save_due", lambda self: True)
    monkeypatch.setattr(checkpoint, "write", stop_in_the_middle)
    with pytest.raises(KeyboardInterrupt):
        dg.fit(network(), data(), run=str(tmp_path / "cut"), epochs=4, quiet=True, **QUICK)
    monkeypatch.setattr(checkpoint, "write", kept)
    rest = dg.fit(network(), data(), run=str(tmp_path / "cut"), resume=True, epochs=4, quiet=True, **QUICK)
    for one, other in zip(whole.model.parameters(), rest.model.parameters(), strict=True):
        assert torch.equal(one, other)
    assert rest.privacy == whole.privacy
    assert rest.privacy["steps"] == 16
    with pytest.raises(OptionError, match="more than --private 3"):
        dg.fit(network(), data(), run=str(tmp_path / "cut"), resume=True, epochs=40, quiet=True, **QUICK)
    more = QUICK | {"batch_size": 8}
    with pytest.raises(OptionError, match="resume with the same data and batch size"):
        dg.fit(network(), data(), run=str(tmp_path / "cut"), resume=True, epochs=4, quiet=True, **more)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delta": 1e-5}, "delta has no effect: it says how a private training adds noise"),
        ({"private": 3, "budget": "5s"}, "budget has no effect: the noise is made for a number of steps"),
        ({"private": 3, "mixup": 0.2}, "mixup has no effect: a mixed example belongs to two"),
        ({"private": 3, "clip_gradient": 1.0}, "pass --clip-example"),
        ({"private": 3, "learning_rate": "auto"}, "the range test would look at the examples without noise"),
        ({"private": 3, "class_weights": "balanced"}, "each example is drawn and bounded alike"),
        ({"private": 1e-3, "epochs": 50}, "no noise keeps"),
    ],
)
def test_what_has_no_place_in_a_private_training_is_refused_by_name(options, message):
    with pytest.raises(OptionError, match=message):
        dg.fit(network(), data(), quiet=True, device="cpu", **options)
