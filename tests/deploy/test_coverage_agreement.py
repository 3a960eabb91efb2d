"""Sets and intervals of a bundle, of a lone ONNX file and of the server are those of the run."""

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import deepglass as dg
from deepglass.cli.predict import as_csv
from deepglass.core.conformal import DIGITS
from deepglass.core.errors import OptionError
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.errors import InputError
from deepglass.deploy.serve import bundles
from deepglass.deploy.serve.app import create_app
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.registry import Registry, Sources
from tests.deploy.runs import one_by_one
from tests.deploy.test_agreement import records_of

COVERAGE = 0.8
CSV = {"Content-Type": "text/csv"}
SETS = ("reviews-bag", "shop-tabm", "greys-mlp", "shop-blend", "pictures-blend")
VALUES = ("shop-blend-profit", "shop-mlp-profit")


def served(path: Any, records: list[Any]) -> list[dict[str, Any]]:
    """What a server around the bundle answers."""
    registry = Registry(Sources([path], None), ServeConfig(log=False), Metrics())
    with TestClient(create_app(registry, None), base_url="http://localhost:8000") as client:
        sent = {"json": records} if isinstance(records[0], str) else {"content": as_csv(records), "headers": CSV}
        return client.post("/predict", params={"coverage": COVERAGE}, **sent).json()["predictions"]


@pytest.mark.parametrize("name", one_by_one(SETS))
def test_sets_are_those_of_the_run(name: str, run_of: Callable[[str], Any], bundle_of: Callable[[str], Any]):
    run = run_of(name)
    inputs, records = records_of(name, run)
    own = run.predict(inputs, coverage=COVERAGE)
    path = bundle_of(name)
    for said in (
        Bundle.open(path).predict(records, COVERAGE),
        Bundle.open(path / "model.onnx").predict(records, COVERAGE),
    ):
        same = [one for one in zip(own, said, strict=True) if is_alike(*one)]
        assert len(same) >= 0.9 * len(own)
        assert [answer["set"] for _, answer in same] == [answer["set"] for answer, _ in same]
    if not isinstance(records[0], bytes):
        assert served(path, records) == said


def is_alike(own: dict[str, Any], said: dict[str, Any]) -> bool:
    """Whether both draw the same u: their probabilities differ in digits that are not looked at."""
    pairs = [(own[f"p({name})"], share) for name, share in said["probabilities"].items()]
    return all(np.round(np.float64(a), DIGITS) == np.round(b, DIGITS) for a, b in pairs)


@pytest.mark.parametrize("name", one_by_one(VALUES))
def test_intervals_are_those_of_the_run(name: str, run_of: Callable[[str], Any], bundle_of: Callable[[str], Any]):
    run = run_of(name)
    inputs, records = records_of(name, run)
    own, said = run.predict(inputs, coverage=COVERAGE), Bundle.open(bundle_of(name)).predict(records, COVERAGE)
    for end in ("lower", "upper"):
        np.testing.assert_allclose([a[end] for a in said], [a[end] for a in own], rtol=1e-4, atol=1e-3)
    assert served(bundle_of(name), records) == said


@pytest.mark.parametrize("name", one_by_one(("weather-dlinear", "story-gpt")))
def test_what_the_run_refuses_the_bundle_refuses(
    name: str, run_of: Callable[[str], Any], bundle_of: Callable[[str], Any]
):
    run, bundle = run_of(name), Bundle.open(bundle_of(name))
    inputs, records = records_of(name, run)
    with pytest.raises(OptionError, match="coverage"):
        run.predict(inputs, coverage=0.95)
    with pytest.raises(InputError, match="coverage"):
        bundle.predict(records, 0.95)
    own = run.task.own_coverage
    if own is not None:
        assert bundle.predict(records, own) == bundle.predict(records)


def test_a_bundle_of_an_earlier_version_is_written_anew_before_it_is_served(run_of, tmp_path, monkeypatch):
    run = shutil.copytree(run_of("reviews-bag").path, tmp_path / "run", ignore=shutil.ignore_patterns("export"))
    exported: list[Any] = []
    monkeypatch.setattr(bundles, "_export", exported.append)
    place = run / "export" / "bundle"
    place.mkdir(parents=True)
    (place / "SHA256SUMS").touch()
    bundles.bundle_of(run)
    assert exported == [run]
    (place / "conformal.json").touch()
    (place / "SHA256SUMS").touch()
    bundles.bundle_of(run)
    assert exported == [run]
    assert dg.load(run).predict(["a good film"], coverage=COVERAGE)[0]["set"]
