"""What only a GPU can show: recorded steps, an epoch in which nothing waits, every task from end to end."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import deepglass as dg
from deepglass.core.run_folder import RunFolder
from deepglass.training import loop
from deepglass.training.fast import cuda_graphs
from deepglass.training.loop import fit
from tests.deploy import runs
from tests.training.helpers import DigitsLearner, digits
from tests.training.test_loop import CONFIG, KillAt, weights

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")

ON_GPU = replace(CONFIG, device="cuda", cuda_graphs="off")


def network():
    """Without a bias before a batch normalisation: its gradient is rounding, which Adam makes large."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32, bias=False), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))


@pytest.fixture
def recorded(monkeypatch):
    """A training of 48 steps is recorded too, and stays so, however its steps compare."""
    monkeypatch.setattr(cuda_graphs, "FEWEST_STEPS", 20)
    monkeypatch.setattr(cuda_graphs, "median", lambda seconds: 1.0 / len(seconds) ** 9)
    monkeypatch.setattr(cuda_graphs, "TRIAL_STEPS", cuda_graphs.WARM_STEPS + 1)
    monkeypatch.setattr(cuda_graphs, "LONG_STEP", 1.0)


def trained(config):
    fitted = fit(network(), DigitsLearner(), *digits(), config)
    return weights(fitted.model), [record["loss"] for record in fitted.history]


@pytest.mark.parametrize("changes", [
    {}, {"optimizer": "adam"}, {"optimizer": "momentum"}, {"optimizer": "sgd"}, {"ema": 0.9}, {"clip_gradient": 0.1},
    {"schedule": "one-cycle"}, {"precision": "bfloat16"},
])  # fmt: skip
def test_replayed_steps_learn_what_launched_ones_do(recorded, capsys, changes):
    config = replace(ON_GPU, **changes)
    plain = trained(config)
    assert "CUDA graph" not in capsys.readouterr().out
    replayed = trained(replace(config, cuda_graphs="on"))
    assert "  CUDA graph: a step takes" in capsys.readouterr().out
    torch.testing.assert_close(replayed[0], plain[0], rtol=1e-3, atol=1e-4)
    assert replayed[1] == pytest.approx(plain[1], rel=1e-4)


def test_dropout_draws_anew_in_every_replayed_step(recorded, monkeypatch, capsys):
    step, drawn = loop.Trainer.step, []

    class Noise(DigitsLearner):
        def loss(self, model, batch):
            noise = F.dropout(torch.ones(10_000, device=batch[0].device), 0.5)
            return noise.mean() + 0 * model(batch[0]).mean()

    def noted_step(self, batch):
        drawn.append(float(loss := step(self, batch)))
        return loss

    monkeypatch.setattr(loop.Trainer, "step", noted_step)
    fit(network(), Noise(), *digits(), replace(ON_GPU, cuda_graphs="on"))
    assert "  CUDA graph: a step takes" in capsys.readouterr().out
    assert len(drawn) == 48
    assert len(set(drawn)) > 40
    assert all(abs(mean - 1) < 0.1 for mean in drawn)


def test_a_killed_training_with_a_graph_goes_on_where_it_was(recorded, tmp_path):
    config = replace(ON_GPU, cuda_graphs="on", checkpoint_every=0.0)
    whole = trained(config)
    with pytest.raises(RuntimeError, match="power"):
        fit(network(), DigitsLearner(), *digits(), config, folder=RunFolder(tmp_path).create(), watcher=KillAt(30))
    fitted = fit(network(), DigitsLearner(), *digits(), config, folder=RunFolder(tmp_path), resume=True)
    torch.testing.assert_close(weights(fitted.model), whole[0], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("name", "more"), [
    *((name, {}) for name in runs.RUNS),
    ("pictures-cnn", {"max_memory": 1e-5}),  # decoded when asked for
    ("pictures-cnn", {"augment": "flip,crop,rotate,zoom,colour,erase", "class_weights": "balanced"}),
    ("pictures-cnn", {"mixup": 0.2, "cutmix": 0.5}),
    ("reviews-bag", {"word_dropout": 0.3}),
    ("shop-tabm", {"ema": 0.9, "clip_gradient": 1.0, "class_weights": "balanced", "mixup": 0.2}),
])  # fmt: skip
def test_nothing_inside_an_epoch_waits_for_the_gpu(monkeypatch, tmp_path, name, more):
    """PyTorch makes waiting an error from the end of the second epoch's first step to the end of its last one."""
    step, forbidden = loop.Trainer.step, []

    def watched_step(self, batch):
        loss, at = step(self, batch), self.progress
        is_inside = at.epoch == 1 and at.position < self.steps_per_epoch - 1
        torch.cuda.set_sync_debug_mode("error" if is_inside else "default")
        forbidden.append(is_inside)
        return loss

    monkeypatch.setattr(loop.Trainer, "step", watched_step)
    data, options = runs.RUNS[name]
    try:
        run = dg.train(
            str(data(tmp_path)), run=tmp_path / name, **options, **more, epochs=2, batch_size=8, device="cuda"
        )
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert sum(forbidden) >= 4
    assert next(run.model.parameters()).is_cuda


@pytest.mark.parametrize("name", runs.RUNS)
def test_a_run_of_the_gpu_answers_alike_on_the_processor(tmp_path, name):
    data, options = runs.RUNS[name]
    source = str(data(tmp_path))
    run = dg.train(source, run=tmp_path / name, **options, epochs=1, device="cuda", precision="float32")
    there, here = run.evaluate(source), dg.load(run.path, device="cpu").evaluate(source)
    scores = {metric: score["value"] for metric, score in there.items() if isinstance(score, dict) and "value" in score}
    assert scores
    assert {metric: here[metric]["value"] for metric in scores} == pytest.approx(scores, rel=0.01, abs=0.01)
