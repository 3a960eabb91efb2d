from dataclasses import replace

import pytest
import torch
from torch import nn

from deepglass.core.run_folder import RunFolder
from deepglass.training import autotune, epoch_end
from deepglass.training.autotune import Autotuner, ComputePlan, open_ways, that_agree
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit
from deepglass.training.progress import Watcher
from tests.training.helpers import DigitsLearner, digits, network

CPU = torch.device("cpu")
FAST, USUAL, SLOW = ComputePlan("float32", 1), ComputePlan("bfloat16", 2), ComputePlan("float32", 2)


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def stop_watch(monkeypatch, two_threads):
    """Runs a pace whose steps take as long as the test says; returns the ways in the order of the steps."""
    clock = [0.0]
    monkeypatch.setattr(autotune.time, "perf_counter", lambda: clock[0])

    def run(chooser, seconds, steps=40):
        taken, words = [], ""
        for _ in range(steps):
            way = chooser.begin()
            clock[0] += seconds[way] if len([w for w in taken if w == way]) else 10.0  # the first time warms up
            taken.append(way)
            words = chooser.end() or words
        return taken, words

    return run


def test_the_fastest_way_is_kept(stop_watch):
    chooser = Autotuner([USUAL, SLOW, FAST], 2)
    taken, words = stop_watch(chooser, {USUAL: 1.0, SLOW: 1.5, FAST: 0.5})
    assert chooser.chosen == FAST
    assert set(taken[-10:]) == {FAST}
    assert "--precision float32 --threads 1" in words


def test_what_is_hopeless_gets_no_fourth_turn(stop_watch):
    taken, _ = stop_watch(Autotuner([USUAL, SLOW, FAST], 2), {USUAL: 1.0, SLOW: 9.0, FAST: 0.9})
    assert taken.count(SLOW) == 3
    assert taken.count(FAST) >= 4


def test_one_disturbed_turn_makes_nothing_hopeless(stop_watch):
    class Disturbed(dict):
        turns = 0

        def __getitem__(self, way):
            self.turns += way == FAST
            return 60.0 if way == FAST and self.turns == 1 else super().__getitem__(way)  # its first one that counts

    chooser = Autotuner([USUAL, SLOW, FAST], 2)
    stop_watch(chooser, Disturbed({USUAL: 1.0, SLOW: 9.0, FAST: 0.5}))
    assert chooser.chosen == FAST


def test_the_usual_way_is_kept_where_little_is_to_be_gained(stop_watch):
    chooser = Autotuner([USUAL, FAST], 2)
    stop_watch(chooser, {USUAL: 1.0, FAST: 0.9})
    assert chooser.chosen == USUAL


def test_a_noisy_step_does_not_decide(stop_watch, monkeypatch):
    chooser = Autotuner([USUAL, FAST], 2)
    seconds, noise = {USUAL: 1.0, FAST: 0.5}, iter([0, 0, 0, 60, 0, 0, 60, 0, 0, 0])

    class Noisy(dict):
        def __getitem__(self, way):
            return seconds[way] + next(noise, 0)

    stop_watch(chooser, Noisy())
    assert chooser.chosen == FAST


def test_what_is_open(two_threads, monkeypatch):
    monkeypatch.setattr(autotune, "choose_precision", lambda name, device: "bfloat16" if name == "auto" else name)
    assert open_ways(TrainConfig(), CPU, 10) == [ComputePlan("bfloat16", 2)]
    assert open_ways(TrainConfig(), CPU, 10_000) == [
        ComputePlan("float32", 2), ComputePlan("bfloat16", 2), ComputePlan("float32", 1), ComputePlan("bfloat16", 1),
    ]  # fmt: skip
    assert open_ways(TrainConfig(precision="float32"), CPU, 10_000) == [
        ComputePlan("float32", 2),
        ComputePlan("float32", 1),
    ]
    assert open_ways(TrainConfig(threads=2), CPU, 10_000) == [ComputePlan("float32", 2), ComputePlan("bfloat16", 2)]
    assert open_ways(TrainConfig(precision="float32", threads=1), CPU, 10_000) == [ComputePlan("float32", 1)]
    assert len(open_ways(TrainConfig(), torch.device("cuda"), 10_000)) == 1


def test_a_precision_that_tells_another_loss_is_left_out():
    ways = [ComputePlan("bfloat16", 1), ComputePlan("float32", 1)]
    small = torch.tensor([1.0, 2.0])
    assert that_agree(ways, lambda: (small @ small).float(), CPU) == ways
    near = torch.tensor([[1.0, 1.0]]), torch.tensor([[1000.5], [-1000.0]])
    assert that_agree(ways, lambda: (near[0] @ near[1]).float().sum(), CPU) == [ComputePlan("float32", 1)]


def test_the_choice_is_told_and_resumed(tmp_path, two_threads, monkeypatch):
    monkeypatch.setattr(autotune, "FEWEST_STEPS", 20)

    class Notes(Watcher):
        said = ()

        def note(self, sentence):
            self.said += (sentence,)

    class Power(Notes):
        def step(self, step, *_):
            if step == 30:
                raise RuntimeError("the power went")

    config = TrainConfig(
        epochs=4, batch_size=50, learning_rate=0.01, optimizer="adam", schedule="constant", precision="float32",
        checkpoint_every=0.0,
    )  # fmt: skip
    first, again = Power(), Notes()
    with pytest.raises(RuntimeError, match="the power went"):
        fit(network(), DigitsLearner(), *digits(), config, folder=RunFolder(tmp_path), watcher=first)
    chosen = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["way"]
    resumed = fit(network(), DigitsLearner(), *digits(), config, folder=RunFolder(tmp_path), resume=True, watcher=again)
    assert str(ComputePlan(**chosen)) in first.said[0]
    assert vars(resumed.way) == chosen
    assert again.said == (f"computes in {resumed.way}",)
    assert torch.get_num_threads() == 2


def test_the_compiler_gets_its_turns_where_it_can_repay_them(two_threads, monkeypatch):
    compiled = []

    def fast_enough(model, **_):
        compiled.append(model)
        return model

    monkeypatch.setattr(torch, "compile", fast_enough)
    monkeypatch.setattr(epoch_end, "can_compile", lambda device: True)
    config = TrainConfig(
        epochs=3, batch_size=50, learning_rate=0.01, optimizer="adam", schedule="constant", precision="float32"
    )
    short = fit(network(), DigitsLearner(), *digits(), config)
    assert not compiled
    monkeypatch.setattr(epoch_end, "COMPILING_REPAYS", 0.0)
    fit(network(), DigitsLearner(), *digits(), replace(config, compile="off"))
    assert not compiled
    long = fit(network(), DigitsLearner(), *digits(), config)
    assert len(compiled) == 1
    assert [r["loss"] for r in long.history] == [r["loss"] for r in short.history]


class Unlike(DigitsLearner):
    """Batches may differ in length."""

    steps_repeat = False


class OverTime(nn.Module):
    """Rows of a digit, one after the other."""

    def __init__(self):
        super().__init__()
        self.gru, self.head = nn.GRU(8, 8, batch_first=True), nn.Linear(8, 10)

    def forward(self, x):
        return self.head(self.gru(x.view(-1, 8, 8))[0][:, -1])


@pytest.mark.parametrize(("learner", "model"), [(Unlike, network), (DigitsLearner, OverTime)])
def test_what_would_be_compiled_again_and_again_or_step_by_step_is_not(learner, model, two_threads, monkeypatch):
    compiled = []
    monkeypatch.setattr(torch, "compile", lambda model, **_: compiled.append(model) or model)
    monkeypatch.setattr(epoch_end, "can_compile", lambda device: True)
    monkeypatch.setattr(epoch_end, "COMPILING_REPAYS", 0.0)
    config = TrainConfig(
        epochs=2, batch_size=50, learning_rate=0.01, optimizer="adam", schedule="constant", precision="float32"
    )
    fit(model(), learner(), *digits(), config)
    assert not compiled


@pytest.mark.slow("PyTorch compiles a step")
def test_a_compiled_step_learns_the_same(two_threads):
    config = TrainConfig(
        epochs=1, batch_size=50, learning_rate=0.01, optimizer="adam", schedule="constant", precision="float32"
    )
    plain = fit(network(), DigitsLearner(), *digits(), replace(config, compile="off"))
    compiled = fit(network(), DigitsLearner(), *digits(), replace(config, compile="on"))
    assert compiled.way.is_compiled
    assert compiled.history[0]["loss"] == pytest.approx(plain.history[0]["loss"], rel=1e-4)
