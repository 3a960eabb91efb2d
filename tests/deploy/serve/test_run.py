"""From a run to an answer over HTTP: exported into the run folder once, answered as the run itself answers."""

import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.deploy.serve.bundles import bundle_of
from tests.deploy.serve.conftest import running


@pytest.mark.slow("trains, exports and serves")
def test_a_run_is_served_as_it_predicts(tmp_path):
    console.mode = "quiet"
    run = dg.train("iris", model="linear", epochs=2, run=tmp_path / "iris")
    flower = {
        "sepal length (cm)": 5.1, "sepal width (cm)": 3.5, "petal length (cm)": 1.4, "petal width (cm)": 0.2,
    }  # fmt: skip
    expected = run.predict([flower])[0]
    with running(tmp_path, run.path) as server:
        answer = server.post("/predict", flower)["predictions"][0]
    assert answer["label"] == expected["prediction"]
    assert answer["probability"] == pytest.approx(expected["probability"], abs=1e-5)
    sums = run.path / "export" / "bundle" / "SHA256SUMS"
    made = sums.stat().st_mtime_ns
    assert bundle_of(run.path) == sums.parent
    assert sums.stat().st_mtime_ns == made  # not exported again
