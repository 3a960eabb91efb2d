"""Runs, modules and the command line: what is asked for is diagnosed, and left as it was."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.core.errors import OptionError
from deepglass.diagnosis.diagnosing import diagnose
from deepglass.diagnosis.of_run import case_of
from deepglass.diagnosis.questions import fit
from tests.commands import deepglass
from tests.diagnosis.loops import classes, net


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("diagnosed")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(160, 3)), columns=list("abc"))
    frame.assign(label=np.where(frame["a"] + frame["b"] > 0, "yes", "no")).to_csv(folder / "data.csv", index=False)
    made = dg.train(
        folder / "data.csv", target="label", run=folder / "run", model="mlp", epochs=2, bags=1,
        learning_rate=1e-7, optimizer="adamw",
    )  # fmt: skip
    return made.path


@pytest.mark.slow("a whole diagnosis")
def test_a_run_is_diagnosed_and_stays_as_it_was(run):
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    found = dg.load(run, "cpu").diagnose(seconds=600)
    assert found.findings[0].cause == "learning-rate-low"
    assert "--learning-rate" in found.findings[0].mend
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before


@pytest.mark.slow("a whole diagnosis")
def test_the_command_prints_one_document(run):
    result = deepglass("diagnose", run, "--json", "--seconds", 600)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["findings"][0]["cause"] == "learning-rate-low"


@pytest.mark.slow("a whole diagnosis")
def test_what_does_not_fit_is_refused(run, tmp_path):
    (tmp_path / "empty").mkdir()
    for words in (
        [str(tmp_path / "empty")],
        [str(tmp_path / "none.py")],
        [str(run), "--steps", "3"],
        [str(run), "--seconds", "0"],
    ):
        result = deepglass("diagnose", *words)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


@pytest.mark.slow("a whole diagnosis")
def test_a_module_is_diagnosed_and_left_as_it_was():
    model = net(3, 0, nn.Softmax(dim=1))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    found = dg.diagnose(model, classes(), loss="cross-entropy", optimizer=optimizer, steps=30, seconds=600)
    assert found.findings[0].cause == "double-softmax"
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in before.items())
    assert not optimizer.state
    assert model.training


def test_a_module_without_data_and_other_things_are_refused():
    with pytest.raises(OptionError, match="data: expected"):
        dg.diagnose(net())
    with pytest.raises(OptionError, match=r"expected a torch\.nn\.Module"):
        dg.diagnose(3)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A run that met attacks which leave it little to learn from."""
    folder = tmp_path_factory.mktemp("attacked")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(160, 3)), columns=list("abc"))
    frame.assign(label=np.where(frame["a"] + frame["b"] > 0, "yes", "no")).to_csv(folder / "data.csv", index=False)
    return dg.train(
        folder / "data.csv", target="label", run=folder / "run", model="mlp", epochs=4, bags=1,
        learning_rate=1e-4, adversarial=1.0,
    )  # fmt: skip


def test_a_run_under_attack_is_not_told_to_train_longer(attacked):
    case = case_of(attacked, seconds=600)
    assert case.left_out == "the attacks of --adversarial 1"
    assert case.noted == {"these steps were taken without": case.left_out}
    assert [found.cause for found in diagnose(case, ["fit", "learning_rate", "regularisation"]).findings] == []
    case.left_out = ""  # the same steps as if nothing were left out: the advice that must not be given
    found = diagnose(case, ["fit", "learning_rate"]).findings
    assert {"underfitting", "learning-rate-low"} & {one.cause for one in found}


def test_its_losses_are_those_under_attack_once_it_has_grown(attacked):
    history = [
        {"loss": 0.1, "val_loss": 0.1, "val_robust_loss": 3.0, "val_epsilon": 0.5},
        *({"loss": 0.05, "val_loss": 0.1, "val_robust_loss": 0.5 * k, "val_epsilon": 1.0} for k in (1, 2, 3)),
    ]
    case = case_of(attacked, seconds=600)
    case.run = SimpleNamespace(history=history)
    (found,) = fit.ask(case)
    assert found.cause == "overfitting"
    assert found.evidence["least held-out loss"] == 0.5
