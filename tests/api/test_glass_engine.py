"""`deepglass train --engine glass`: the same pipeline, every forward and backward in NumPy."""

import pytest
import torch

import deepglass as dg
from deepglass.api import train as pipeline
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.training.progress import Watcher

QUICK = {"epochs": 12, "batch_size": 16, "model": "mlp", "hidden_dim": 32, "bags": 1, "checkpoint_every": 0.0}


@pytest.fixture(autouse=True)
def quiet():
    console.mode = "quiet"
    yield
    console.mode = "normal"


class KillAt(Watcher):
    """Raises at a step, as if the power went."""

    def __init__(self, step):
        self.at = step

    def step(self, step, *rest):
        if step == self.at:
            raise RuntimeError("the power went")


def weights(run) -> bytes:
    return (run.path / "weights.safetensors").read_bytes()


def test_iris_is_learnt_with_the_defaults(tmp_path):
    run = dg.train("iris", engine="glass", run=tmp_path / "run")
    assert run.metrics["test"]["accuracy"]["value"] >= 0.9
    assert run.config["engine"] == "glass"
    assert run.folder.read("environment.json")["precision"] == "float32"
    assert run.predict(dict.fromkeys(run.task.preprocessor.columns, 1.0))[0]["prediction"]
    assert list(run.build_model("glass").state_dict()) == list(run.build_model("torch").state_dict())


# Adam would blow up the rounding in the gradient of a bias before batch norm, which is zero but for it.
BATCH_NORM = {"normalization": "batch", "ema": 0.9, "optimizer": "momentum", "learning_rate": 0.01}


@pytest.mark.parametrize("options", [{}, BATCH_NORM], ids=["adam", "batch norm, momentum, running mean of weights"])
def test_the_loss_curve_is_pytorchs(tmp_path, options):
    on_torch, on_glass = (
        dg.train("iris", engine=engine, run=tmp_path / engine, dropout=0.0, precision="float32", **options, **QUICK)
        for engine in ("torch", "glass")
    )
    for a, b in zip(on_torch.history, on_glass.history, strict=True):
        assert b["loss"] == pytest.approx(a["loss"], rel=1e-3)
        assert b["val_loss"] == pytest.approx(a["val_loss"], rel=1e-3)
    for (name, a), b in zip(on_torch.model.state_dict().items(), on_glass.model.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-2, atol=1e-3, msg=name)


def test_a_killed_training_resumes_to_the_bit(tmp_path, monkeypatch):
    whole = dg.train("iris", engine="glass", run=tmp_path / "whole", dropout=0.3, **QUICK)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "watcher_for", lambda console: KillAt(33))  # inside the fifth epoch
        with pytest.raises(RuntimeError, match="the power went"):
            dg.train("iris", engine="glass", run=tmp_path / "killed", dropout=0.3, **QUICK)
    resumed = dg.train(run=tmp_path / "killed", resume=True)
    assert weights(resumed) == weights(whole)
    assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]
    assert resumed.config == whole.config


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "glas"}, "did you mean 'glass'"),
        ({"engine": "glass", "precision": "bfloat16"}, "--precision bfloat16.*float32 only"),
        ({"engine": "glass", "device": "cuda"}, "--device cuda.*cpu only"),
    ],
)
def test_what_the_engine_cannot_do_is_refused(tmp_path, options, message):
    with pytest.raises(OptionError, match=message):
        dg.train("iris", run=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()
