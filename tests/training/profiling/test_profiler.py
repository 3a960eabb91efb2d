import json

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import InMemory
from deepglass.training.loop import fit
from deepglass.training.profiling import page
from deepglass.training.profiling.profiler import PHASES, Profiler, typical_of_step
from tests.clock import Clock
from tests.training.helpers import DigitsLearner, digits, network
from tests.training.test_loop import CONFIG, weights


def profiled(model=None, learner=None, train=None, val=None, **changes):
    """A training of the digits under a profiler: its profile, and how it ended."""
    ours = digits()
    config = type(CONFIG)(**{**vars(CONFIG), **changes})
    profiler = Profiler()
    fitted = fit(
        model or network(), learner or DigitsLearner(), train or ours[0], val or ours[1], config, profiler=profiler
    )
    return profiler.profile, fitted


def test_every_second_belongs_to_a_phase():
    profile, fitted = profiled()
    assert set(profile.seconds) == set(PHASES)
    assert all(profile.seconds[phase] > 0 for phase in PHASES)
    assert sum(profile.share(phase) for phase in PHASES) == pytest.approx(1)
    assert profile.steps == 48
    assert len(fitted.history) == 4


def test_a_profiled_training_learns_the_same():
    results = []
    for profiler in (None, Profiler()):
        torch.manual_seed(0)
        results.append(fit(network(), DigitsLearner(), *digits(), CONFIG, profiler=profiler))
    assert torch.equal(weights(results[0].model), weights(results[1].model))
    assert [r["val_loss"] for r in results[0].history] == [r["val_loss"] for r in results[1].history]


def test_a_training_that_was_killed_is_profiled_on(tmp_path):
    config = type(CONFIG)(**{**vars(CONFIG), "epochs": 2})
    fit(network(), DigitsLearner(), *digits(), config, folder=RunFolder(tmp_path))
    profiler = Profiler()
    fit(network(), DigitsLearner(), *digits(), CONFIG, folder=RunFolder(tmp_path), resume=True, profiler=profiler)
    assert profiler.profile.steps == 24


def test_flops_are_those_of_forward_and_backward_pass():
    profile, _ = profiled(nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)))
    forward = 2 * 50 * (64 * 32 + 32 * 10)
    to_inputs = 2 * 50 * 32 * 10  # of the second layer only: nobody asks for the gradient of the pixels
    assert profile.flops == 2 * forward + to_inputs
    assert 0 < profile.flops_per_second < profile.rates["float32"]


def test_the_recurrent_layer_is_counted_too():
    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.head = nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 10)

        def forward(self, images):
            return self.head(self.rnn(images.view(-1, 8, 8))[0][:, -1])

    profile, _ = profiled(Rows(), epochs=1)
    forward_of_rnn = 2 * 50 * 8 * 4 * 16 * (8 + 16)
    assert profile.flops > 2 * forward_of_rnn


def test_the_operations_are_those_of_the_steps():
    profile, _ = profiled()
    names = [operation.name for operation in profile.operations]
    assert "addmm" in names or "mm" in names
    calls = {operation.name: operation.calls for operation in profile.operations}
    assert calls.get("addmm", 2) == 2  # a step, of two linear layers
    assert all(0 < operation.share <= 1 for operation in profile.operations)


@pytest.mark.parametrize(
    ("times", "steps", "typical"),
    [([1.0, 2.0] * 5, 5, 3.0), ([1.0, 2.0, 1.0, 900.0, 1.0, 2.0], 3, 3.0), ([1.0, 2.0, 3.0], 2, 3.0), ([4.0], 1, 4.0)],
)
def test_a_step_that_was_disturbed_makes_no_operation_long(times, steps, typical):
    assert typical_of_step(times, steps) == typical


@pytest.mark.parametrize("train", [50, 100, 150])
def test_a_training_of_very_few_steps_is_no_problem(train):
    profile, _ = profiled(train=digits(train=train)[0], epochs=1)
    assert profile.steps == train // 50
    assert page.advice(profile.record())


def test_the_page_shows_phases_speed_and_advice(capsys):
    from deepglass.core.console import Console

    profile, _ = profiled(batch_size=4)
    record = json.loads(json.dumps(profile.record()))
    page.show(record, Console())
    shown = capsys.readouterr().out
    assert all(phase in shown for phase in PHASES)
    assert "examples/s" in shown
    assert "first to change" in shown


def test_the_running_mean_counts_as_optimiser(monkeypatch):
    clock = Clock(counts_work=True).replaces(
        monkeypatch, *(f"deepglass.training.profiling.{name}" for name in ("profiler", "stopwatch"))
    )

    def slow(update):
        def slower():
            clock.sleep(1)
            update()

        return slower

    class Slow(Profiler):
        def put_around(self, trainer):
            trainer.mean.update = slow(trainer.mean.update)
            super().put_around(trainer)

    profiler = Slow()
    fit(network(), DigitsLearner(), *digits(), type(CONFIG)(**{**vars(CONFIG), "ema": 0.9}), profiler=profiler)
    steps = ("data", "forward", "backward", "the loop")
    assert profiler.profile.share("optimiser") > profiler.profile.share(*steps)


def test_a_model_of_words_is_profiled(tmp_path):
    class Learner(DigitsLearner):
        def loss(self, model, batch):
            return F.cross_entropy(model(batch[0]).mean(1), batch[1])

        def outputs(self, model, examples):
            model.eval()
            tokens, labels = examples.batch(torch.arange(len(examples)))
            with torch.no_grad():
                return model(tokens).mean(1), labels

    tokens, labels = torch.randint(0, 50, (120, 16)), torch.randint(0, 10, (120,))
    examples = InMemory(tokens, labels)
    profile, _ = profiled(nn.Sequential(nn.Embedding(50, 10)), Learner(), examples, examples)
    assert profile.flops == 0  # a look-up is no arithmetic
    assert "examples/s" in page.speed(profile.record())
