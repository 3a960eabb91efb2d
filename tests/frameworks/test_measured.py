"""The rows that were measured: with these very scripts, and in agreement with PyTorch (R01 to R06, S02).

A script that changes asks for `python -m bench.frameworks NAME`. What is installed here is run as well.
"""

import numpy as np
import pytest

from deepglass.core.errors import MissingPackageError
from deepglass.frameworks import running, script

ROWS = running.recorded()


def agrees(name):
    row = ROWS[name]
    assert row.fingerprint == script.fingerprint(script.path_of(name)), "measure it again: python -m bench.frameworks"
    assert row.lines == script.lines(script.path_of(name))
    assert set(row.networks) == {"mlp", "cnn", "gru"}
    for network, told in row.networks.items():
        assert 0 < told["outputs"] <= 1e-6, network  # nothing at all would be the reference itself
        assert 0 < told["gradients"] <= 1e-6, network
        assert 0 < told["epoch_s"] < 60, network
    assert row.agrees
    return row


def test_tensorflow_agrees_with_pytorch():
    assert agrees("tensorflow").version.startswith("2.")


def test_keras_agrees_with_pytorch_and_its_export_runs_in_onnxruntime():
    row = agrees("keras")
    assert all(told["exported"] <= 1e-6 for told in row.networks.values())


def test_jax_agrees_with_pytorch_and_what_it_compiled_as_well():
    assert ".jit(" in script.path_of("jax").read_text(encoding="utf-8")  # outputs, gradients, step: all compiled
    agrees("jax")


def test_mxnet_agrees_with_pytorch():
    assert agrees("mxnet").version == "1.9.1"


def test_pytensor_agrees_with_pytorch():
    agrees("pytensor")


@pytest.fixture(scope="module")
def now():
    return {row.name: row for row in running.rows(["pytorch", "glass"], once=True)}


@pytest.mark.slow("three processes, of which two import PyTorch")
@pytest.mark.parametrize("name", ["pytorch", "glass"])
def test_what_is_here_is_run_and_agrees(name, now):
    row = now[name]
    assert row.note == ""
    assert row.agrees
    assert row.worst("learnt") < 1e-5
    assert row.worst("outputs") > 0  # float32 is not float64: it was computed, not copied


def test_differences_are_those_of_the_worst_element_and_shapes_count():
    truth = {"outputs": np.zeros((2, 2)), "gradient/a": np.ones(3), "gradient/b": np.ones(2)}
    found = {"outputs": np.array([[0, 0.5], [0, 0]]), "gradient/a": np.ones(3), "gradient/b": np.ones(2) - 0.25}
    assert running.differences(truth, found) == {"outputs": 0.5, "gradients": 0.25}
    assert running.differences(truth, found | {"gradient/a": np.ones((3, 1))})["gradients"] == np.inf
    assert running.differences(truth, found | {"exported": np.zeros((2, 2)) + 0.125})["exported"] == 0.125
    assert running.differences(truth, {"outputs": np.full((2, 2), np.nan)})["outputs"] == np.inf


def test_what_was_never_measured_and_cannot_run_is_said(monkeypatch):
    monkeypatch.setattr(running, "recorded", dict)
    with pytest.raises(MissingPackageError, match="never measured"):
        running.recalled("jax", "no network")


def test_rows_are_kept_and_those_recalled_are_not(monkeypatch, tmp_path):
    monkeypatch.setattr(running, "MEASURED", tmp_path / "measured.json")
    row = ROWS["glass"]
    running.record([row, running.replace(ROWS["jax"], note="measured long ago")])
    assert running.recorded() == {"glass": row}
