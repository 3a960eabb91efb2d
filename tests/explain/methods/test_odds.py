"""Odds ratios are those of the table where the model is logistic regression, and e to the weight times the step."""

import numpy as np
import pandas as pd
import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.explain.methods.odds import log_odds, round_step
from deepglass.explain.rows import own_rows

QUICK = {"batch_size": 64, "threads": 1, "precision": "float32", "device": "cpu", "bags": 1, "blend": False}
COUNTS = {("drug", "well"): 150, ("drug", "ill"): 50, ("none", "well"): 80, ("none", "ill"): 120}
OBSERVED = (150 / 50) / (80 / 120)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Logistic regression on a table of two by two, with a number that plays no part in it."""
    console.mode = "quiet"
    rows = [cells for cells, count in COUNTS.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["given", "is"])
    frame["weight"] = np.resize([60.0, 65.0, 70.0, 80.0, 72.0], len(frame))
    folder = tmp_path_factory.mktemp("odds")
    more = {"val_fraction": 0.2, "test_fraction": 0.2, "weight_decay": 0.0, "learning_rate": 0.05, "epochs": 40}
    frame.to_csv(folder / "table.csv", index=False)
    return dg.train(folder / "table.csv", target="is", model="linear", run=folder / "run", **more, **QUICK)


def test_the_ratio_of_a_table_of_two_by_two(run):
    found = run.explain(method="odds", about="well", column="given", quality=False)
    assert found.parts[0]["name"] == "given: none instead of drug"
    assert np.exp(found.contributions[0]) == pytest.approx(1 / OBSERVED, rel=0.35)  # learnt from three fifths of it
    assert "every row agrees" in found.notes[0]


def test_it_is_e_to_the_weight_times_the_step(run):
    found = run.explain(method="odds", about="well", column="weight", quality=False)
    rows = own_rows(run)
    frame = pd.DataFrame([rows.shown(row)["record"] for row in range(len(rows))])
    before, after = (run.task.preprocessor.transform(frame.assign(weight=frame["weight"] + step))[0] for step in (0, 5))
    weights = run.model.numbers.weight.detach().numpy()  # (classes, numbers): one number for each column of numbers
    well = [str(name) for name in run.task.score_names].index("well")
    expected = (after - before).mean(axis=0) @ (weights[well] - weights[1 - well])
    assert found.parts[0]["name"] == "weight + 5"
    assert found.contributions[0] == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_classes_and_nothing_else_have_odds(tmp_path):
    console.mode = "quiet"
    frame = pd.DataFrame({"a": np.arange(60.0), "price": np.arange(60.0) * 3.5 + 0.25})
    frame.to_csv(tmp_path / "table.csv", index=False)
    more = {"model": "linear", "epochs": 1, "run": tmp_path / "run"}
    run = dg.train(tmp_path / "table.csv", target="price", **more, **QUICK)
    with pytest.raises(OptionError, match="odds are of classes"):
        run.explain(method="odds")


@pytest.mark.parametrize(
    ("quantiles", "step"), [(range(11), 2.0), ([0.0] * 10 + [9.0], 2.0), (np.linspace(0, 9e-4, 11), 1e-4)]
)
def test_steps_are_round(quantiles, step):
    assert round_step(list(quantiles)) == pytest.approx(step)


def test_certain_rows_have_finite_odds():
    assert np.isfinite(log_odds(np.array([0.0, 0.5, 1.0]))).all()
    assert log_odds(np.array([0.75]))[0] == pytest.approx(np.log(3))
