"""Rates by group and their differences against Fairlearn's; what is not defined; thresholds by group."""

import numpy as np
import pytest

from deepglass.evaluate import fairness
from deepglass.evaluate.fairness import Counts

PROVES = {"test_rates_and_differences_are_those_of_fairlearn": ("audit",)}  # read by `deepglass read`


def case(seed, rows=400, groups=("a", "b", "c")):
    rng = np.random.default_rng(seed)
    names = rng.choice(groups, rows)
    truth = rng.random(rows) < 0.3 + 0.3 * (names == groups[0])
    said = rng.random(rows) < np.where(truth, 0.7, 0.2) + 0.1 * (names == groups[-1])
    return names, truth, said


@pytest.mark.parametrize("seed", range(5))
def test_rates_and_differences_are_those_of_fairlearn(seed):
    metrics = pytest.importorskip("fairlearn.metrics", reason="Fairlearn is a judge: pip install fairlearn")
    from sklearn.metrics import accuracy_score, precision_score

    names, truth, said = case(seed, groups=("a", "b", "c", "d")[: 2 + seed % 3])
    theirs = {
        "selection_rate": metrics.selection_rate, "true_positive_rate": metrics.true_positive_rate,
        "false_positive_rate": metrics.false_positive_rate, "precision": precision_score, "accuracy": accuracy_score,
    }  # fmt: skip
    counts, found = Counts.of(names, truth, said), fairness.gaps(Counts.of(names, truth, said))
    for name, metric in theirs.items():
        frame = metrics.MetricFrame(metrics=metric, y_true=truth, y_pred=said, sensitive_features=names)
        np.testing.assert_allclose(counts.rate(name), frame.by_group.to_numpy(float), atol=1e-12)
        assert found[f"{name}_difference"]["value"] == pytest.approx(frame.difference(), abs=1e-12)
        assert found[f"{name}_ratio"]["value"] == pytest.approx(frame.ratio(), abs=1e-12)
    both = {"y_true": truth, "y_pred": said, "sensitive_features": names}
    for name, metric in (
        ("demographic_parity", metrics.demographic_parity_difference),
        ("equal_opportunity", metrics.equal_opportunity_difference),
        ("equalized_odds", metrics.equalized_odds_difference),
    ):
        assert found[name]["value"] == pytest.approx(metric(**both), abs=1e-12)
        assert found[name]["low"] <= found[name]["value"] + 0.05 <= found[name]["high"] + 0.1


def test_a_rate_without_a_row_is_not_defined_and_takes_no_part():
    """Fairlearn calls it 0, and the group the most mistreated."""
    names = np.array(["a"] * 4 + ["b"] * 4 + ["c"] * 2)
    truth = np.array([1, 1, 0, 0, 1, 1, 0, 0, 0, 0], bool)  # nobody of c deserves it
    said = np.array([1, 0, 0, 0, 1, 1, 1, 0, 0, 0], bool)  # and nobody of c gets it
    counts = Counts.of(names, truth, said)
    assert counts.rate("true_positive_rate")[:2].tolist() == [0.5, 1.0]
    assert np.isnan(counts.rate("true_positive_rate")[2])
    assert np.isnan(counts.rate("precision")[2])
    assert fairness.gaps(counts)["equal_opportunity"]["value"] == 0.5
    assert counts.rates("true_positive_rate")[2]["value"] is None
    nobody = Counts.of(names, np.zeros(10, bool), said)
    assert fairness.gaps(nobody)["equal_opportunity"]["value"] is None
    assert fairness.gaps(counts.only([]))["demographic_parity"]["value"] is None
    assert fairness.gaps(counts.only(["a"]))["demographic_parity"]["value"] == 0
    silent = Counts.of(names, truth, np.zeros(10, bool))
    assert fairness.gaps(silent)["selection_rate_ratio"]["value"] is None  # 0 of 0


def test_chance_is_told_from_a_difference():
    names, truth, said = case(0, rows=4000)
    assert fairness.chance_of(Counts.of(names, truth, said), "selection_rate") < 0.01
    mixed = np.random.default_rng(0).permutation(names)
    assert fairness.chance_of(Counts.of(mixed, truth, said), "selection_rate") > 0.01
    assert fairness.chance_of(Counts.of(names, truth, said).only(["a"]), "accuracy") == 1


def test_errors_of_values_differ_by_group():
    rng = np.random.default_rng(0)
    names, errors = np.repeat(["a", "b"], 500), rng.normal(size=1000)
    errors[500:] = 2 * errors[500:] + 1
    found = fairness.error_gaps(names, errors)
    size = [np.abs(errors[part]).mean() for part in (slice(0, 500), slice(500, 1000))]
    assert found["mae_difference"]["value"] == pytest.approx(size[1] - size[0])
    assert found["bias_difference"]["low"] < 1 < found["bias_difference"]["high"]


@pytest.mark.parametrize("constraint", fairness.CONSTRAINTS)
def test_thresholds_by_group_keep_the_constraint(constraint):
    rng = np.random.default_rng(0)
    names = rng.choice(["a", "b", "c"], 6000)
    odds = rng.normal(size=6000) + 1.0 * (names == "a")
    labels, chances = odds + 0.5 * rng.normal(size=6000) > 0.5, 1 / (1 + np.exp(-odds))
    cuts = fairness.thresholds(chances, labels, names, constraint)
    said = chances >= np.array([cuts[name] for name in names])
    usual, fair = (Counts.of(names, labels, answer).cells for answer in (chances > 0.62, said))
    assert fairness.gap(usual, constraint) > 0.08
    assert fairness.gap(fair, constraint) < (
        0.02 if constraint != "equalized-odds" else fairness.gap(usual, constraint)
    )
    assert (said == labels).mean() > 0.75
