"""Temperature, debiased calibration, scores of unfamiliar inputs, tests of drift: each against another way to it."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from deepglass.evaluate import calibration, two_samples, unfamiliar
from deepglass.evaluate.temperature import fit_temperature, is_inside, tempered
from tests.evaluate.test_conformal import classes


def calibrated(count, seed, sharpen=1.0):
    random = np.random.default_rng(seed)
    logits = 2 * random.normal(size=(count, 4))
    probs = tempered(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 1.0)
    targets = (probs.cumsum(1) > random.random((count, 1))).argmax(1)
    return tempered(probs, 1 / sharpen), targets


@pytest.mark.parametrize("sharpen", [0.3, 1.0, 4.0])
def test_the_temperature_is_that_of_a_one_dimensional_optimiser(sharpen):
    probs, targets = calibrated(500, 1, sharpen)

    def loss(log_t):
        return -np.log(tempered(probs, np.exp(log_t))[np.arange(500), targets]).mean()

    best = minimize_scalar(loss, bounds=(-4, 4), method="bounded", options={"xatol": 1e-10})
    assert fit_temperature(probs, targets) == pytest.approx(np.exp(best.x), rel=1e-4)
    assert fit_temperature(probs, targets) == pytest.approx(sharpen, rel=0.25)
    assert np.array_equal(tempered(probs, 3.0).argmax(1), probs.argmax(1))


def test_a_temperature_without_an_end_stays_inside_its_range():
    probs, _ = classes(40)
    assert fit_temperature(probs, probs.argmax(1)) == pytest.approx(0.01, rel=1e-3)
    assert not is_inside(fit_temperature(probs, probs.argmax(1)))
    assert is_inside(fit_temperature(*calibrated(500, 1)))
    assert np.isfinite(tempered(np.eye(3), 0.01)).all()


def test_debiasing_takes_off_what_chance_adds_and_nothing_else():
    plain, debiased = [], []
    for seed in range(40):
        bins = calibration.reliability(*calibrated(300, seed))
        plain.append(calibration.expected_error(bins))
        debiased.append(calibration.debiased_error(bins))
    assert np.mean(plain) > 0.04  # a perfect model, and yet
    assert np.mean(debiased) < 0.6 * np.mean(plain)
    many = calibration.reliability(*calibrated(60_000, 0, sharpen=2.0))
    assert calibration.debiased_error(many) == pytest.approx(calibration.expected_error(many), abs=2e-3)
    assert calibration.debiased_error(many) > 0.05


def test_the_interval_of_the_calibration_error_holds_it():
    truth = calibration.expected_error(calibration.reliability(*calibrated(100_000, 99, sharpen=2.0)))
    held = 0
    for seed in range(20):
        found = calibration.error_with_interval(*calibrated(800, seed, sharpen=2.0), resamples=100)
        assert found["low"] <= found["value"] <= found["high"]
        held += found["low"] <= truth <= found["high"]
    assert held >= 16


def test_scores_of_unfamiliar_inputs_rank_what_is_far_away():
    random = np.random.default_rng(0)
    groups = np.repeat([0, 1], 200)
    hidden = random.normal(size=(400, 3)) * [1, 5, 0.1] + groups[:, None] * [10, 0, 0]
    score = unfamiliar.Mahalanobis.fit(hidden, groups)
    near, far = np.array([[0.0, 4.0, 0.0]]), np.array([[0.0, 0.0, 1.0]])  # by lengths the other is nearer
    assert score(far) > 10 * score(near)
    logits = np.array([[9.0, 0.0], [0.1, 0.0]])
    assert np.allclose(unfamiliar.energy(logits), -np.log(np.exp(logits).sum(1)))
    assert unfamiliar.confidence(logits)[0] < unfamiliar.confidence(logits)[1]


def test_auroc_is_that_of_scikit_learn():
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(0)
    familiar, strange = random.integers(0, 9, 50), random.integers(3, 12, 70)
    theirs = roc_auc_score(np.repeat([0, 1], [50, 70]), np.concatenate([familiar, strange]))
    assert unfamiliar.auroc(familiar, strange) == pytest.approx(theirs)


def test_columns_that_moved_are_found_and_the_others_are_not():
    random, found = np.random.default_rng(0), {}
    for i in range(30):
        shift = 1.0 if i == 7 else 0.0
        found[f"n{i}"] = two_samples.numbers_differ(random.normal(size=200), random.normal(size=150) + shift)
    found["c"] = two_samples.categories_differ(random.choice(["a", "b"], 200), random.choice(["a", "b", "new"], 150))
    found["same"] = two_samples.categories_differ(random.choice(["a", "b"], 200), random.choice(["a", "b"], 150))
    sure = {test.name for test in two_samples.corrected(found) if test.p < 0.01}
    assert sure == {"n7", "c"}


def test_corrected_values_are_those_of_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).random(12) ** 3
    ours = two_samples.corrected({str(i): (0.0, value) for i, value in enumerate(p)})
    theirs = multipletests(p, method="holm")[1]
    assert np.allclose([test.p for test in ours], np.sort(theirs))


def test_empty_cells_and_single_values_do_not_break_a_test():
    empty = np.full(30, np.nan)
    assert two_samples.numbers_differ(empty, empty) == (0.0, 1.0)
    assert two_samples.numbers_differ(empty, np.zeros(30))[0] == 1.0
    assert two_samples.categories_differ(np.array(["a"] * 9), np.array(["a"] * 9)) == (0.0, 1.0)


def test_a_classifier_tells_apart_what_differs_only_together():
    random = np.random.default_rng(0)
    x = random.normal(size=(400, 1))
    then, now = np.hstack([x, x]), np.hstack([x, random.permutation(x)])  # every column alone is the same
    found = two_samples.told_apart(then, now)
    assert found["low"] > 0.5
    assert found["p"] < 0.01
    same = two_samples.told_apart(random.normal(size=(300, 2)), random.normal(size=(300, 2)))
    assert same["p"] > 0.01
    assert two_samples.told_apart(then[:5], now) is None
