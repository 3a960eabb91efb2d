"""Every task that exports answers elsewhere as here: as ONNX, as a bundle, on a server."""

import base64
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from deepglass.core.errors import OptionError
from deepglass.deploy.runtime.errors import InputError
from deepglass.deploy.serve.app import create_app
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.drift import DriftWatch
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.registry import Registry, Sources
from tests.tasks.contract.case import numbers_in

pytestmark = pytest.mark.slow("exports a run of every task")
FAR = 5.0  # deviations, or of the index: five rows differ from all, but other things differ by more


@pytest.fixture
def leaving(case):
    """The same, if it leaves."""
    if not case.Task.EXPORTS:
        pytest.skip("its runs stay")
    return case


def records_of(case) -> list[Any]:
    """The inputs as the small runtime takes them: files by their content; the rows of one past are one request."""
    one = case.inputs[0]
    rows = one if isinstance(one, list) else case.inputs
    return [Path(row).read_bytes() if isinstance(row, str) and Path(row).is_file() else row for row in rows]


def expected_of(case) -> list[float]:
    """The numbers that `predict` answers, or those that the small file says."""
    one = case.inputs[0]
    inputs = one if isinstance(one, list) else case.together
    if hasattr(case.small, "answered_elsewhere"):
        return case.small.answered_elsewhere(case.run, case.inputs)
    return numbers_in(case.run.predict(inputs))


def require_among(found: list[float], expected: list[float]) -> None:
    assert found
    for number in found:
        assert any(number == pytest.approx(other, rel=1e-4, abs=1e-5) for other in expected), (number, expected)


def test_a_task_that_stays_says_so(case):
    if not case.Task.EXPORTS:
        with pytest.raises(OptionError):
            case.run.export(case.folder / "model.onnx")
        assert not (case.folder / "model.onnx").exists()


def test_the_exported_model_agrees(leaving):
    _, measured = leaving.exported
    assert measured.difference <= 1e-5


def test_a_bundle_answers_as_the_run(leaving):
    answers = leaving.bundle.predict(records_of(leaving))
    require_among(numbers_in(answers), expected_of(leaving))


def test_a_single_record_needs_no_list(leaving):
    first = records_of(leaving)[0]

    def outcome(records):
        try:
            return leaving.bundle.predict(records)
        except InputError as error:  # a single moment is no past
            return str(error)

    if isinstance(first, (str, bytes, dict)):
        assert outcome(first) == outcome([first])


def test_a_server_answers_as_the_bundle(leaving):
    registry = Registry(Sources([leaving.exported[0]], None), ServeConfig(log=False), Metrics(), [])
    records = [base64.b64encode(r).decode() if isinstance(r, bytes) else r for r in records_of(leaving)]
    with TestClient(create_app(registry, None), base_url="http://localhost:8000") as client:
        response = client.post("/predict", json=records)
        assert response.status_code == 200, response.text
        served = response.json()["predictions"]
        documented = client.get("/openapi.json")
        assert documented.status_code == 200
        wrong = client.post("/predict", json=[{"nope": None}])
        assert 400 <= wrong.status_code < 500
        assert wrong.json()
    own = leaving.bundle.predict(records_of(leaving))
    assert numbers_in(served) == pytest.approx(numbers_in(own), rel=1e-5, abs=1e-6)


def test_every_input_has_statistics_that_later_ones_are_compared_with(leaving):
    assert leaving.bundle.schema["inputs"]
    for described in leaving.bundle.schema["inputs"]:
        if described.get("role") in ("time", "key"):
            continue  # a later time is not a drift, and a series has a name
        found = described.get("statistics") or {}
        assert "mean" in found or "shares" in found, described["name"]


def test_inputs_as_in_training_have_not_drifted(leaving):
    """What is watched is what the statistics are of: rows of the training are close to all of them."""
    watch = DriftWatch(leaving.bundle.inputs)
    watch.observe(leaving.bundle.encode(records_of(leaving)))
    watched = [record for record in watch.report() if record["training"]]
    assert watched
    for record in watched:
        assert record["count"] > 0
        assert record["now"].keys() <= record["training"].keys()
        assert record["distance"] < FAR, record
