"""Runs are trained and exported once per session, for all workers, and shared by all tests of this folder."""

from pathlib import Path

import pytest

from deepglass.api.run import Run, load
from deepglass.deploy import measure
from deepglass.deploy.export.onnx import KEEPS_LENGTHS_OPEN, torch_version
from deepglass.deploy.shrinking import judge
from tests.deploy.runs import train
from tests.once import once


@pytest.fixture(scope="session", autouse=True)
def few_timed_calls():
    """Latencies are printed and compared with nothing here: three calls are enough to have one."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (measure, judge):
            patch.setattr(module, "RUNS", 3)
            patch.setattr(module, "WARM_UP", 1)
        yield


@pytest.fixture(scope="session")
def run_of(tmp_path_factory: pytest.TempPathFactory):
    """A trained run by its name in `tests/deploy/runs.py`; `folders` has those that were asked for."""
    trained: dict[str, Run] = {}
    folders: dict[str, Path] = {}

    def get(name: str) -> Run:
        if name.endswith("-lstm") and torch_version() < KEEPS_LENGTHS_OPEN:
            pytest.skip("the exporter of this PyTorch freezes the length of texts in front of a recurrent layer")
        if name not in trained:
            folder = once(tmp_path_factory, f"run-{name}", lambda place: train(name, place))
            trained[name], folders[name] = load(folder / name, device="cpu"), folder / name
        return trained[name]

    get.folders = folders
    return get


@pytest.fixture(scope="session")
def bundle_of(run_of, tmp_path_factory: pytest.TempPathFactory):
    """The bundle of a run, by the run's name."""
    exported: dict[str, Path] = {}

    def get(name: str) -> Path:
        if name not in exported:
            run = run_of(name)
            folder = once(tmp_path_factory, f"bundle-{name}", lambda place: run.export(place / name, to="bundle"))
            exported[name] = folder / name
        return exported[name]

    return get
