"""Runs that are fair to groups leave as they answer: thresholds by group too, with the column that they ask for."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, ExportError
from deepglass.deploy.runtime.bundle import Bundle
from deepglass.deploy.runtime.errors import InputError
from tests.deploy.test_coverage_agreement import COVERAGE, served
from tests.once import once
from tests.tasks.test_fair import QUICK, people

pytestmark = pytest.mark.slow("trains and exports fair runs")
WAYS: dict[str, dict[str, Any]] = {
    "thresholds-parity": {"mitigation": "thresholds", "constraint": "demographic-parity"},
    "thresholds-opportunity": {"mitigation": "thresholds", "constraint": "equal-opportunity"},
    "thresholds-odds": {"mitigation": "thresholds", "constraint": "equalized-odds"},
    "thresholds-blend": {"mitigation": "thresholds", "model": "mlp", "hidden_dim": 8, "blend": True},
    "reductions": {"mitigation": "reductions", "constraint": "equalized-odds"},
    "reweighing": {"mitigation": "reweighing", "constraint": "equal-opportunity"},
}


def make(name: str, folder: Path) -> None:
    people(400).to_csv(folder / "people.csv", index=False)
    mode, console.mode = console.mode, "quiet"
    try:
        run = dg.train(folder / "people.csv", fair="sex", run=folder / "run", **(QUICK | WAYS[name]))
        run.export(folder / "bundle", to="bundle")
    finally:
        console.mode = mode


def rows() -> pd.DataFrame:
    """Groups that training knows, one that it does not, and none."""
    frame = people(40).drop(columns="income")
    frame.loc[38:, "sex"] = ["unheard of", None]
    return frame


@pytest.mark.parametrize("name", WAYS)
def test_bundle_onnx_and_server_answer_as_the_run(name, tmp_path_factory):
    folder = once(tmp_path_factory, f"fair-{name}", lambda place: make(name, place))
    run, bundle, frame = dg.load(folder / "run", device="cpu"), Bundle.open(folder / "bundle"), rows()
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    own, said = run.predict(frame, coverage=COVERAGE), bundle.predict(records, COVERAGE)
    chances = [[answer["p(yes)"] for answer in own], [answer["probabilities"]["yes"] for answer in said]]
    np.testing.assert_allclose(*chances, atol=1e-5)
    assert Bundle.open(folder / "bundle" / "model.onnx").predict(records, COVERAGE) == said
    assert served(folder / "bundle", records) == said
    assert (run.path / "group_shift.json").is_file() == name.startswith("thresholds")
    without = [{"x": 0.6, "z": 0.0}]
    with pytest.raises(DataError, match="sex"):
        run.predict(without)
    with pytest.raises(InputError, match="sex"):
        bundle.predict(without)


def test_weights_alone_are_refused_where_thresholds_belong_to_the_answer(tmp_path_factory, tmp_path):
    folder = once(tmp_path_factory, "fair-thresholds-odds", lambda place: make("thresholds-odds", place))
    with pytest.raises(ExportError, match="a threshold for each group, which is no weight"):
        dg.load(folder / "run").export(tmp_path / "weights", to="safetensors")
    assert list(tmp_path.iterdir()) == []
