"""Trainings that are made to have an illness, and the finding that must name it."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import InMemory
from deepglass.data.pictures import PicturesOnDisk
from deepglass.training.loop import Trainer, fit
from deepglass.training.profiling import findings
from deepglass.training.profiling.profiler import PHASES, Operation, Profile, Profiler
from tests.clock import Clock
from tests.training.helpers import DigitsLearner, digits, network
from tests.training.test_loop import CONFIG


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """What this process computes takes time, and what a test says; what the machine does beside it takes none."""
    modules = ("profiler", "stopwatch")
    return Clock(counts_work=True).replaces(monkeypatch, *(f"deepglass.training.profiling.{name}" for name in modules))


def all_findings(*, model=None, learner=None, train=None, val=None, folder=None, **changes):
    """What a profiled training says could be changed, the most promising first."""
    ours = digits()
    config = type(CONFIG)(**{**vars(CONFIG), **changes})
    profiler = Profiler()
    examples = (train or ours[0], val or ours[1])
    fit(model or network(), learner or DigitsLearner(), *examples, config, folder=folder, profiler=profiler)
    assert profiler.profile.findings, profiler.profile.seconds
    return profiler.profile.findings


def first_finding(**training):
    return all_findings(**training)[0]


def test_slow_batches_are_named(clock):
    class Slow(InMemory):
        def batch(self, indices):
            clock.sleep(1)
            return super().batch(indices)

        def to(self, device):
            return self

    finding = first_finding(train=Slow(*digits()[0].tensors))
    assert finding.what.startswith("data")
    assert "Slow.batch" in finding.change


def test_a_slow_transform_is_named(clock):
    def transform(batch):
        clock.sleep(1)
        return batch

    learner = DigitsLearner()
    learner.augments = True
    train = InMemory(*digits()[0].tensors, transform=transform)
    assert "--augment" in first_finding(train=train, learner=learner).change


def test_pictures_that_are_decoded_again_and_again_are_named(tmp_path, clock):
    class Pictures(PicturesOnDisk):
        def batch(self, indices):
            clock.sleep(1)  # here is waited for the threads that decode
            return super().batch(indices)

        def to(self, device):
            return self

    images, labels = digits(train=60)[0].tensors
    pictures = (images.view(-1, 8, 8, 1) * 255).byte().numpy()

    train = Pictures(
        [tmp_path / str(i) for i in range(60)],
        labels,
        lambda path: pictures[int(path.name)],
        lambda batch: (batch[0].float().flatten(1) / 255, batch[1]),
        workers=1,
    )
    finding = first_finding(train=train, batch_size=10)
    assert "decoding pictures" in finding.what
    assert "--max-memory" in finding.change


def test_pictures_too_many_to_hold_are_given_more_threads(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    huge = PicturesOnDisk(
        [tmp_path / "0"] * 10**6, torch.zeros(1), lambda path: np.zeros((1000, 1000, 3), np.uint8), lambda b: b, 2
    )
    assert findings.decode_less(huge) == "--decode-workers 64"


def test_much_evaluation_is_named(clock):
    class Careful(DigitsLearner):
        def outputs(self, model, examples):
            clock.sleep(100)
            return super().outputs(model, examples)

    finding = first_finding(learner=Careful())
    assert finding.what.startswith("evaluation")
    assert "4 looks at 200 examples" in finding.what
    assert "--val-fraction 0.062" in finding.change


def test_many_checkpoints_are_named(tmp_path, clock, monkeypatch):
    save = Trainer.save_checkpoint
    monkeypatch.setattr(Trainer, "save_checkpoint", lambda *given, **more: (clock.sleep(1), save(*given, **more)))
    finding = first_finding(folder=RunFolder(tmp_path), checkpoint_every=0.0)
    assert finding.what.startswith("checkpoints")
    assert finding.change == "--checkpoint-every 60"


def test_one_checkpoint_at_the_end_is_no_illness(tmp_path):
    profiler = Profiler()
    config = type(CONFIG)(**{**vars(CONFIG), "checkpoint_every": 1000.0})
    fit(network(), DigitsLearner(), *digits(), config, folder=RunFolder(tmp_path), profiler=profiler)
    assert not any(finding.what.startswith("checkpoints") for finding in profiler.profile.findings)


class OneOfMany(nn.Module):
    """A large table of which a step uses little: the update costs more than the gradient."""

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.randn(300_000, 10) / 100)

    def forward(self, images):
        return images @ self.table[:64]


@pytest.mark.parametrize(("optimizer", "remedy"), [("rmsprop", "--optimizer adamw"), ("adamw", "--batch-size 160")])
def test_a_slow_update_is_named(optimizer, remedy):
    found = all_findings(model=OneOfMany(), optimizer=optimizer, batch_size=20, epochs=2)
    assert any(each.what.startswith("optimiser") and remedy in each.change for each in found)


def test_a_small_batch_is_named():
    found = all_findings(batch_size=4, optimizer="sgd")
    small = [each for each in found if each.what.startswith("the batch is small: a step of 4 examples")]
    assert "--batch-size 32" in small[0].change


def test_a_batch_that_holds_everything_cannot_grow():
    profiler = Profiler()
    config = type(CONFIG)(**{**vars(CONFIG), "batch_size": 0, "epochs": 12})
    train, val = digits(train=16)
    fit(network(), DigitsLearner(), train, val, config, profiler=profiler)
    assert not any("--batch-size" in finding.change for finding in profiler.profile.findings)


class Attention(nn.Module):
    """Every pixel asks every other: 256 tokens of width 2."""

    def forward(self, images):
        tokens = (images.repeat(1, 4).unsqueeze(2) * self.scale).contiguous()  # (B, T, 2)
        scores = tokens @ tokens.transpose(1, 2)  # (B, T, T)
        return self.head((scores.softmax(-1) @ tokens).mean(1))

    def __init__(self):
        super().__init__()
        self.scale, self.head = nn.Parameter(torch.ones(2)), nn.Linear(2, 10)


def test_long_attention_is_named():
    found = all_findings(model=Attention(), epochs=2)
    assert any(each.what.startswith("attention") and "--context" in each.change for each in found)


def made_up(**changes):
    """A profile with numbers of our own."""
    seconds = {"forward": 5.0, "backward": 4.0, "data": 1.0}
    given = {"flops_per_second": 80e9, "rates": {"float32": 100e9, "bfloat16": 200e9}, "precision": "float32"}
    return Profile("a machine", threads=1, batch_size=64, seconds=seconds, **{**given, **changes})


class Training:
    """What findings ask of a training, of 600 examples and four looks at 200."""

    learner, config = DigitsLearner(), CONFIG
    val, progress = range(200), SimpleNamespace(history=[{}] * 4)

    class Train:
        inner = InMemory(torch.zeros(600))

        def __len__(self):
            return 600

    train = Train()


@pytest.mark.parametrize(
    ("data", "evaluation", "names"),
    [(3.0, 5.0, ["evaluation", "data", "attention"]), (5.0, 3.0, ["data", "evaluation", "attention"]),
     (0.5, 0.5, ["attention"])],
)  # fmt: skip
def test_the_most_promising_finding_comes_first(data, evaluation, names):
    seconds = dict.fromkeys(PHASES, 0.0) | {"data": data, "evaluation": evaluation, "forward": 1.0, "backward": 1.0}
    operations = [Operation("_softmax", 4, 1.0, 0.5), Operation("mm", 1, 1.0, 0.5)]
    profile = Profile("a machine", "float32", threads=1, batch_size=50, seconds=seconds, operations=operations)
    assert [each.what.split(":")[0] for each in findings.find(profile, Training())] == names


def test_half_the_digits_are_proposed_where_arithmetic_is_the_limit():
    finding = findings.slow_precision(made_up(), None)
    assert finding.change == "--precision bfloat16"
    assert finding.share == pytest.approx(0.9 * 0.8 * 0.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"precision": "bfloat16"},
        {"rates": {"float32": 100e9, "bfloat16": 110e9}},
        {"rates": {}},
        {"flops_per_second": 5e9},
    ],
)
def test_and_not_elsewhere(changes):
    assert findings.slow_precision(made_up(**changes), None) is None


def test_a_softmax_of_classes_is_no_attention():
    operations = [Operation("mm", 4, 1.0, 0.6), Operation("_log_softmax", 1, 1.0, 0.4)]
    assert findings.long_attention(made_up(operations=operations), None) is None
