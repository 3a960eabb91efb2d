"""CUDA graphs without a GPU: a recording that Python plays, on the same buffers, in the same order."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from deepglass.training import loop
from deepglass.training.fast import cuda_graphs
from deepglass.training.fast.cuda_graphs import ReplayedLearning, fits, reason_against
from deepglass.training.parallel.processes import Team
from tests.training.helpers import DigitsLearner, digits
from tests.training.test_loop import CONFIG, weights


def network():
    """Without a bias before a batch normalisation: its gradient is rounding, which Adam makes large."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(64, 32, bias=False), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10)
    )


class Recorder:
    """Records like CUDA: nothing runs while recording, and what is replayed sees the buffers and nothing else."""

    def __init__(self):
        self.replays = 0
        self.rates = []

    def __call__(self, body):
        loss = torch.zeros(())

        def replay():
            self.replays += 1
            loss.copy_(body().detach())

        return replay, loss


def trained(monkeypatch, record=None, train=600, **changes):
    """Weights and history of a training whose steps are replayed from a recording, or are not."""
    if record is not None:
        monkeypatch.setattr(
            loop, "use_graph", lambda trainer: setattr(trainer, "learn", ReplayedLearning(trainer, record))
        )
    torch.manual_seed(0)
    config = type(CONFIG)(**{**vars(CONFIG), **changes})
    fitted = loop.fit(network(), DigitsLearner(), *digits(train=train), config)
    return weights(fitted.model), [record["loss"] for record in fitted.history]


@pytest.fixture(autouse=True)
def replays_are_faster(monkeypatch):
    """Steps of a training so small are decided by noise; here the replayed ones win."""
    monkeypatch.setattr(cuda_graphs, "median", lambda seconds: 1e-3 if len(seconds) == cuda_graphs.WARM_STEPS else 1e-4)
    monkeypatch.setattr(cuda_graphs, "WARM_STEPS", 4)


@pytest.mark.parametrize("changes", [
    {}, {"optimizer": "momentum"}, {"ema": 0.9}, {"clip_gradient": 0.1}, {"schedule": "one-cycle"},
])  # fmt: skip
def test_replayed_steps_learn_what_plain_ones_do(monkeypatch, changes):
    plain = trained(monkeypatch, **changes)
    recorder = Recorder()
    replayed = trained(monkeypatch, recorder, **changes)
    assert recorder.replays == 48 - 4
    torch.testing.assert_close(replayed[0], plain[0], rtol=1e-4, atol=1e-5)
    assert replayed[1] == pytest.approx(plain[1], rel=1e-5)


def test_a_smaller_last_batch_runs_as_it_is(monkeypatch):
    plain = trained(monkeypatch, train=580)
    recorder = Recorder()
    replayed = trained(monkeypatch, recorder, train=580)
    assert recorder.replays == 4 * 11 - 4
    torch.testing.assert_close(replayed[0], plain[0], rtol=1e-4, atol=1e-5)


def test_the_recorded_step_reads_its_rate_from_the_device(monkeypatch):
    seen = []

    class Looks(Recorder):
        def __call__(self, body):
            replay, loss = super().__call__(body)
            return lambda: (seen.append(self.learning.rates[0].clone()), replay()), loss

    recorder = Looks()
    monkeypatch.setattr(
        loop,
        "use_graph",
        lambda trainer: (
            setattr(trainer, "learn", ReplayedLearning(trainer, recorder))
            or setattr(recorder, "learning", trainer.learn)
        ),
    )
    loop.fit(network(), DigitsLearner(), *digits(), CONFIG)
    assert len(set(map(float, seen))) == len(seen) == 44  # cosine: another rate at every step


def test_the_rates_of_the_optimiser_are_numbers_again_afterwards():
    optimizer = torch.optim.Adam(nn.Linear(2, 2).parameters(), lr=0.1)
    with cuda_graphs.rates_on_device(optimizer, [torch.tensor(0.5)]):
        assert float(optimizer.param_groups[0]["lr"]) == 0.5
    assert optimizer.param_groups[0]["lr"] == 0.1
    assert isinstance(optimizer.param_groups[0]["lr"], float)
    assert optimizer.param_groups[0]["capturable"] is False


def test_a_capture_that_fails_is_told_and_training_goes_on(monkeypatch, capsys):
    def fails(body):
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    plain = trained(monkeypatch)
    assert torch.equal(trained(monkeypatch, fails)[0], plain[0])
    said = capsys.readouterr().out
    assert said.count("no CUDA graph") == 1
    assert "operation not permitted" in said
    assert "more" not in said


def test_long_steps_are_not_recorded(monkeypatch):
    monkeypatch.setattr(cuda_graphs, "LONG_STEP", 0.0)
    recorder = Recorder()
    plain = trained(monkeypatch)
    assert torch.equal(trained(monkeypatch, recorder)[0], plain[0])
    assert recorder.replays == 0


def test_a_replay_that_is_not_faster_is_given_up(monkeypatch, capsys):
    monkeypatch.setattr(cuda_graphs, "median", lambda seconds: 1e-3)
    recorder = Recorder()
    trained(monkeypatch, recorder)
    assert recorder.replays == cuda_graphs.TRIAL_STEPS
    assert "no CUDA graph: a step takes 1.00 ms instead of 1.00" in capsys.readouterr().out


def updates_with(*optimizers):
    return [SimpleNamespace(optimizer=optimizer) for optimizer in optimizers]


def trainer_on(device="cuda", **changes):
    """What `reason_against` looks at."""
    model = nn.Linear(2, 2)
    given = {
        "device": torch.device(device),
        "config": type(CONFIG)(**{**vars(CONFIG), **changes.pop("config", {})}),
        "learner": SimpleNamespace(steps_repeat=True),
        "transfer": None,
        "team": Team(),
        "updates": updates_with(torch.optim.AdamW(model.parameters())),
        "plan": SimpleNamespace(total_steps=1000),
        "progress": SimpleNamespace(step=0),
    }
    return SimpleNamespace(**{**given, **changes})


class Unlike(DigitsLearner):
    """Of whose steps it is not known whether they repeat."""

    steps_repeat = False


def test_a_small_training_on_a_gpu_is_replayed():
    assert reason_against(trainer_on()) == ""


@pytest.mark.parametrize(
    ("trainer", "reason"),
    [
        (trainer_on("cpu"), "without Python"),
        (trainer_on(config={"cuda_graphs": "off"}), "--cuda-graphs off"),
        (trainer_on(config={"mixup": 0.2}), "mixing"),
        (trainer_on(learner=Unlike()), "not known"),
        (trainer_on(transfer="some"), "layers"),
        (trainer_on(updates=updates_with(torch.optim.RMSprop(nn.Linear(2, 2).parameters()))), "RMSprop"),
        (trainer_on(updates=updates_with(None, None)), "take turns"),
        (trainer_on(progress=SimpleNamespace(step=900)), "too few steps"),
        (trainer_on(team=Team(size=2)), "between processes"),
    ],
)
def test_other_trainings_are_not(trainer, reason):
    assert reason in reason_against(trainer)


def test_a_module_of_ones_own_is_replayed_when_asked_for():
    assert reason_against(trainer_on(learner=DigitsLearner(), config={"cuda_graphs": "on"})) == ""


def test_tasks_promise_that_their_steps_repeat():
    from deepglass.tasks import BaseTask

    assert BaseTask.steps_repeat


def test_a_batch_fits_by_number_shape_and_type():
    buffers = [torch.zeros(4, 3), torch.zeros(4, dtype=torch.int64)]
    assert fits((torch.ones(4, 3), torch.ones(4, dtype=torch.int64)), buffers)
    assert not fits((torch.ones(3, 3), torch.ones(3, dtype=torch.int64)), buffers)
    assert not fits((torch.ones(4, 3), torch.ones(4)), buffers)
    assert not fits((torch.ones(4, 3),), buffers)
