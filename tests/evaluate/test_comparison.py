"""Paired tests: exact values, and false alarms as often as stated, by simulation."""

import numpy as np
import pytest
from scipy import stats

from deepglass.core.errors import DataError, OptionError
from deepglass.evaluate import comparison, paired


def equal_models(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two models that are right equally often and mostly on the same examples."""
    easy = rng.random(count) < 0.6
    return easy | (rng.random(count) < 0.5), easy | (rng.random(count) < 0.5)


def test_mcnemar_equals_the_exact_binomial_test():
    rng = np.random.default_rng(0)
    for _ in range(30):
        a, b = equal_models(rng, 120)
        result = paired.mcnemar(a, b)
        theirs = stats.binomtest(result["only_a"], result["only_a"] + result["only_b"]).pvalue
        assert result["p_value"] == pytest.approx(theirs)


def test_models_that_never_disagree_are_equal():
    assert paired.mcnemar(np.ones(5, bool), np.ones(5, bool))["p_value"] == 1


def test_the_corrected_chi_square_agrees_with_the_exact_test():
    a, b = np.zeros(3000, bool), np.zeros(3000, bool)
    a[:1100], b[1100:2100] = True, True
    result = paired.mcnemar(a, b)
    assert result["test"] == "McNemar, continuity corrected"
    assert result["p_value"] == pytest.approx(stats.binomtest(1100, 2100).pvalue, rel=0.02)


def test_mcnemar_raises_false_alarms_no_more_often_than_stated():
    rng = np.random.default_rng(0)
    alarms = [paired.mcnemar(*equal_models(rng, 300))["p_value"] < 0.05 for _ in range(2000)]
    assert 0.02 < np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_the_paired_bootstrap_raises_false_alarms_as_often_as_stated():
    rng, alarms = np.random.default_rng(0), 0
    for seed in range(400):
        shared = rng.exponential(size=120)
        a, b = (shared + 0.3 * rng.exponential(size=120) for _ in range(2))
        alarms += paired.paired_bootstrap(a, b, seed=seed)["p_value"] < 0.05
    assert 0.02 < alarms / 400 < 0.085


def test_the_block_bootstrap_is_not_fooled_by_overlapping_windows():
    rng, alarms = np.random.default_rng(0), {1: 0, 24: 0}
    for seed in range(100):
        a, b = (np.convolve(rng.normal(size=511) ** 2, np.ones(12) / 12, mode="valid") for _ in range(2))
        for block in alarms:
            alarms[block] += paired.paired_bootstrap(a, b, block=block, seed=seed)["p_value"] < 0.05
    assert alarms[24] / 100 < 0.15
    assert alarms[1] / 100 > 0.3


def outputs(predictions: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    return {"ids": np.arange(len(targets)) + 100, "predictions": predictions, "targets": targets}


def two_classifiers(seed: int = 0) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 3, 500)
    runs = []
    for skill in (2.0, 0.8):
        scores = np.exp(rng.normal(size=(500, 3)) + skill * np.eye(3)[targets])
        runs.append(outputs(scores / scores.sum(1, keepdims=True), targets))
    return runs[0], runs[1]


def test_examples_are_matched_by_id_whatever_their_order():
    a, b = two_classifiers()
    shuffled = np.random.default_rng(1).permutation(500)
    mixed = {name: array[shuffled] for name, array in b.items()}
    straight, crossed = comparison.compare(a, b, "classification"), comparison.compare(a, mixed, "classification")
    assert straight == crossed
    assert straight["winner"] == "A"


def test_the_verdict_names_the_better_run_and_why():
    a, b = two_classifiers()
    result = comparison.compare(b, a, "classification", ("old", "new"))
    assert result["winner"] == "new"
    assert result["verdict"].startswith("new is better: Accuracy ")
    assert "p < 0.001, McNemar, exact" in result["verdict"]
    assert [test["measure"] for test in result["tests"]] == ["accuracy", "log_loss"]
    assert result["tests"][0]["difference"]["high"] < 0


def test_a_run_is_not_better_than_itself():
    a, _ = two_classifiers()
    result = comparison.compare(a, a, "classification")
    assert result["winner"] is None
    assert result["verdict"].startswith("No clear winner")


def test_a_certain_difference_that_nobody_would_act_upon_has_no_winner():
    truth, errors = np.zeros(500), np.random.default_rng(0).normal(size=500)
    result = comparison.compare(outputs(truth + errors, truth), outputs(truth + errors * 1.0002, truth), "regression")
    assert result["tests"][0]["p_value"] < 0.01
    assert result["winner"] is None
    assert result["verdict"].startswith("As good as each other: MAE ")


@pytest.mark.parametrize("kind", ["regression", "forecasting"])
def test_smaller_errors_win(kind):
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(400,) if kind == "regression" else (400, 6, 2))
    good, bad = (outputs(targets + s * rng.normal(size=targets.shape), targets) for s in (0.1, 0.5))
    result = comparison.compare(bad, good, kind)
    assert result["winner"] == "B"
    assert result["tests"][0]["a"] > result["tests"][0]["b"]
    assert ("block" in result["tests"][0]["test"]) == (kind == "forecasting")


def test_language_models_are_compared_by_their_losses():
    rng = np.random.default_rng(0)
    losses = rng.uniform(1, 2, 200)
    runs = [{"ids": np.arange(200), "losses": losses + shift} for shift in (0.1 * rng.random(200), 0)]
    assert comparison.compare(*runs, "language")["winner"] == "B"


def test_different_tests_are_refused_in_words():
    a, b = two_classifiers()
    with pytest.raises(DataError, match="500 and 400 of which 400 are shared"):
        comparison.compare(a, {name: array[:400] for name, array in b.items()}, "classification")
    with pytest.raises(DataError, match="different truths"):
        comparison.compare(a, {**b, "targets": b["targets"][::-1]}, "classification")
    with pytest.raises(OptionError, match="did you mean 'regression'"):
        comparison.compare(a, b, "regresion")
