import os
import signal
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from deepglass.core.errors import RunError, TrainingError
from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import InMemory
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit
from deepglass.training.plan import Plan
from deepglass.training.progress import Watcher
from deepglass.training.stopping import INTERRUPTED
from tests import commands
from tests.clock import BUDGETED, Clock
from tests.training.helpers import DigitsLearner, digits, network

ROOT = Path(__file__).parents[2]
CONFIG = TrainConfig(
    epochs=4, batch_size=50, learning_rate=1e-2, optimizer="adamw", schedule="cosine", weight_decay=0.01,
    precision="float32", device="cpu", compile="off",
)  # fmt: skip


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.state_dict().values()])


@pytest.fixture
def clock(monkeypatch):
    return Clock().replaces(monkeypatch, *BUDGETED)


def taking(clock, seconds):
    """A learner each of whose losses takes so many seconds on the clock."""

    class Taking(DigitsLearner):
        def loss(self, model, batch):
            clock.sleep(seconds)
            return super().loss(model, batch)

    return Taking()


class KillAt(Watcher):
    """Raises at a step, as if the power went."""

    def __init__(self, step):
        self.at = step

    def step(self, step, total_steps, loss, examples_per_second):
        if step == self.at:
            raise RuntimeError("the power went")


def test_it_is_the_loop_one_would_write_by_hand():
    train, val = digits()
    by_hand, by_loop = network(), network()
    torch.manual_seed(1)
    optimizer = torch.optim.SGD(by_hand.parameters(), lr=0.1)
    by_hand.train()
    for epoch in range(2):
        order = torch.randperm(600, generator=torch.Generator().manual_seed(epoch))
        for indices in order.split(50):
            images, labels = train.batch(indices)
            optimizer.zero_grad()
            F.cross_entropy(by_hand(images), labels).backward()
            optimizer.step()
    torch.manual_seed(1)
    config = TrainConfig(
        epochs=2, batch_size=50, learning_rate=0.1, optimizer="sgd", schedule="constant", warmup=0, precision="float32",
        device="cpu",
    )  # fmt: skip
    fitted = fit(by_loop, DigitsLearner(), train, val, config)
    if fitted.best_epoch == 2:
        torch.testing.assert_close(weights(by_loop), weights(by_hand))
    else:
        pytest.fail("the second epoch was expected to be the best: choose another seed for this test")


def test_the_same_seed_gives_the_same_numbers():
    results = []
    for _ in range(2):
        torch.manual_seed(0)
        results.append(fit(network(), DigitsLearner(), *digits(), CONFIG))
    assert torch.equal(weights(results[0].model), weights(results[1].model))
    assert [r["loss"] for r in results[0].history] == [r["loss"] for r in results[1].history]


@pytest.mark.parametrize("kill_at", [7, 12, 13, 30])
@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_a_killed_training_resumes_to_the_bit(tmp_path, kill_at, ema):
    config = TrainConfig(**{**vars(CONFIG), "checkpoint_every": 0.0, "ema": ema})
    torch.manual_seed(0)
    whole = fit(network(), DigitsLearner(), *digits(), config)
    torch.manual_seed(0)
    folder = RunFolder(tmp_path)
    with pytest.raises(RuntimeError, match="the power went"):
        fit(network(), DigitsLearner(), *digits(), config, folder=folder, watcher=KillAt(kill_at))
    torch.manual_seed(99)
    resumed = fit(network(seed=5), DigitsLearner(), *digits(), config, folder=folder, resume=True)
    assert torch.equal(weights(resumed.model), weights(whole.model))
    assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]
    assert [r["val_accuracy"] for r in resumed.history] == [r["val_accuracy"] for r in whole.history]


@pytest.mark.slow("seven trainings, each in a process of its own")
def test_sigkill_at_any_moment_loses_nothing(tmp_path):
    def train(folder, *more, killed=None):
        done = commands.run("tests.training.digits_training", [str(folder), *more], cwd=ROOT, killed=killed)
        assert killed or done.returncode == 0, done.stderr
        return done.stdout

    expected = train(tmp_path / "whole")
    for delay in (0.0, 0.11, 0.23):
        folder = tmp_path / f"killed-{delay}"
        train(folder, killed=(folder / "checkpoint.pt", delay))
        assert train(folder, "resume") == expected


def test_a_request_to_stop_is_obeyed_after_the_step(tmp_path):
    class StopAt(Watcher):
        def step(self, step, *rest):
            if step == 5:
                os.kill(os.getpid(), signal.SIGINT)

    torch.manual_seed(0)
    whole = fit(network(), DigitsLearner(), *digits(), CONFIG)
    torch.manual_seed(0)
    stopped = fit(network(), DigitsLearner(), *digits(), CONFIG, folder=RunFolder(tmp_path), watcher=StopAt())
    assert stopped.interrupted
    assert stopped.reason == INTERRUPTED
    resumed = fit(network(), DigitsLearner(), *digits(), CONFIG, folder=RunFolder(tmp_path), resume=True)
    assert torch.equal(weights(resumed.model), weights(whole.model))


def test_early_stopping_restores_the_best_weights(tmp_path):
    train, val = digits(train=60)
    config = TrainConfig(**{**vars(CONFIG), "epochs": 200, "patience": 3, "learning_rate": 0.05})
    learner = DigitsLearner()
    fitted = fit(network(), learner, train, val, config)
    scores = [r["val_accuracy"] for r in fitted.history]
    assert len(scores) == fitted.best_epoch + 3
    assert scores[fitted.best_epoch - 1] == max(scores)
    assert learner.validate(learner.outputs(fitted.model, val))["accuracy"] == max(scores)


def test_a_loss_that_is_no_number_keeps_the_last_good_weights():
    class Explodes(DigitsLearner):
        steps = 0

        def loss(self, model, batch):
            self.steps += model.training
            return super().loss(model, batch) * (float("nan") if self.steps > 30 else 1.0)

    fitted = fit(network(), Explodes(), *digits(), CONFIG)
    assert "; epoch 2 is kept: val loss" in fitted.reason
    assert "--learning-rate" in fitted.reason
    assert torch.isfinite(weights(fitted.model)).all()


def test_a_loss_that_never_was_a_number_is_an_error():
    train, val = digits()
    train.tensors[0][0] = float("inf")
    with pytest.raises(TrainingError, match="before anything was learnt"):
        fit(network(), DigitsLearner(), train, val, CONFIG)


def test_a_budget_is_kept_and_the_schedule_ends_with_it(clock):
    started, config = clock.now, TrainConfig(**{**vars(CONFIG), "epochs": 1000})
    fitted = fit(network(), taking(clock, 0.02), *digits(), config, deadline=started + 4)
    assert 3.9 < clock.now - started < 4.03  # one step more at most
    assert fitted.history[-1]["learning_rate"] < 0.2 * 1e-2


def test_a_training_that_ended_by_the_clock_is_repeated_to_the_bit(clock):
    """Its steps, the turns of its stop-watch and the changes of its plan, without looking at a clock."""
    config = TrainConfig(**{**vars(CONFIG), "epochs": 1000, "precision": "auto", "threads": None})
    torch.manual_seed(0)
    first = fit(network(), taking(clock, 0.01), *digits(), config, deadline=clock.now + 1.5)
    assert first.repetition["plan"]
    assert sum(count for *_, count in first.repetition["ways"]) == first.repetition["steps"]
    torch.manual_seed(0)
    again = fit(network(), taking(clock, 5.0), *digits(), config, repetition=first.repetition)
    assert torch.equal(weights(again.model), weights(first.model))
    assert [r["learning_rate"] for r in again.history] == [r["learning_rate"] for r in first.history]
    assert "the time budget is used up after" in first.reason
    assert f"{first.repetition['steps']:,} steps) of the repeated training are done" in again.reason


def test_a_plan_that_grows_at_its_last_step_goes_on_within_the_epoch(monkeypatch):
    """Twelve steps an epoch: cut to 17 steps, and at the 17th there is time for 30 after all."""
    changes = {5: 17, 17: 30}
    monkeypatch.setattr(Plan, "fitted", lambda plan, step: changes.get(step, plan.total_steps))
    fitted = fit(network(), DigitsLearner(), *digits(), CONFIG)
    assert [record["step"] for record in fitted.history] == [12, 24, 30]
    assert fitted.repetition["plan"] == [(5, 17), (17, 30)]


def test_the_last_line_names_the_epoch_that_is_kept():
    torch.manual_seed(0)
    fitted = fit(network(), DigitsLearner(), *digits(), CONFIG)
    best = min(fitted.history, key=lambda record: record["val_loss"])
    assert f"; epoch {best['epoch']} is kept: val loss {best['val_loss']:.4g}" in fitted.reason


def test_plateau_lowers_the_rate():
    train, val = digits(train=100)
    constant = torch.zeros_like(train.tensors[0])
    config = TrainConfig(**{**vars(CONFIG), "schedule": "plateau", "warmup": 0.0, "epochs": 12})
    fitted = fit(network(), DigitsLearner(), InMemory(constant, train.tensors[1]), val, config)
    assert fitted.history[-1]["learning_rate"] < fitted.history[0]["learning_rate"]


@pytest.mark.parametrize("batch_size", [0, 1, 7])
def test_batch_single_and_odd_batches_visit_every_example(batch_size):
    seen = []

    class Counts(DigitsLearner):
        def loss(self, model, batch):
            seen.append(len(batch[1]))
            return super().loss(model, batch)

    train, val = digits(train=20)
    model = torch.nn.Linear(64, 10)
    fit(model, Counts(), train, val, TrainConfig(**{**vars(CONFIG), "epochs": 1, "batch_size": batch_size}))
    assert sum(seen) == 20
    assert max(seen) == (batch_size or 20)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "cosine", "one-cycle", "plateau"])
def test_every_optimizer_learns_with_every_schedule(optimizer, schedule):
    rate = 0.1 if optimizer in ("sgd", "momentum", "nesterov") else 0.01
    config = TrainConfig(**{**vars(CONFIG), "optimizer": optimizer, "schedule": schedule, "learning_rate": rate})
    torch.manual_seed(0)
    fitted = fit(network(), DigitsLearner(), *digits(), config)
    assert max(r["val_accuracy"] for r in fitted.history) > 0.6


def test_a_checkpoint_from_before_several_processes_could_train_is_read(tmp_path):
    config = TrainConfig(**{**vars(CONFIG), "checkpoint_every": 0.0})
    torch.manual_seed(0)
    whole = fit(network(), DigitsLearner(), *digits(), config)
    torch.manual_seed(0)
    folder, path = RunFolder(tmp_path), tmp_path / "checkpoint.pt"
    with pytest.raises(RuntimeError, match="the power went"):
        fit(network(), DigitsLearner(), *digits(), config, folder=folder, watcher=KillAt(17))
    state = torch.load(path)
    torch.save(state | state.pop("processes")[0], path)
    (folder / "checksums.sha256").unlink()
    resumed = fit(network(seed=5), DigitsLearner(), *digits(), config, folder=folder, resume=True)
    assert torch.equal(weights(resumed.model), weights(whole.model))
    assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]


def test_resuming_needs_a_checkpoint(tmp_path):
    with pytest.raises(RunError, match="nothing to resume"):
        fit(network(), DigitsLearner(), *digits(), CONFIG, folder=RunFolder(tmp_path), resume=True)
    (tmp_path / "checkpoint.pt").write_bytes(b"PK\x03\x04 not a checkpoint")
    with pytest.raises(RunError, match="damaged"):
        fit(network(), DigitsLearner(), *digits(), CONFIG, folder=RunFolder(tmp_path), resume=True)


def test_rare_classes_are_drawn_more_often():
    from deepglass.core.seeds import epoch_order

    sample_weights = torch.tensor([1.0] * 90 + [9.0] * 10)
    drawn = torch.cat([epoch_order(100, 0, epoch, sample_weights) for epoch in range(50)])
    assert 0.45 < (drawn >= 90).double().mean() < 0.55
