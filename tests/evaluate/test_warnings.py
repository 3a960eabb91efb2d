"""Good-looking numbers that mislead are called out, and honest ones are left in peace."""

import numpy as np
import pytest

from deepglass.evaluate.metrics import classification, regression
from deepglass.evaluate.warnings import warnings_for


def judged(probabilities: np.ndarray, targets: np.ndarray, classes: str = "ab", **others) -> list[str]:
    return warnings_for({"test": classification.evaluate(probabilities, targets, list(classes)), **others})


def honest(count: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two classes, calibrated probabilities, about 80 % right."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-rng.normal(0, 2.5, count)))
    return np.stack([1 - p, p], 1), (rng.random(count) < p).astype(int)


def test_an_honest_model_is_left_in_peace():
    probabilities, targets = honest()
    share = np.full((400, 2), 0.5)
    baseline = {"name": "most frequent class", **classification.evaluate(share, targets, ["a", "b"])}
    assert judged(probabilities, targets, baseline=baseline) == []


def test_a_useless_model_with_99_percent_accuracy_is_exposed():
    targets = (np.arange(1000) < 10).astype(int)
    useless = np.tile([0.99, 0.01], (1000, 1))
    baseline = {"name": "most frequent class", **classification.evaluate(useless, targets, ["a", "b"])}
    result = classification.evaluate(useless, targets, ["a", "b"])
    assert result["accuracy"]["value"] == 0.99
    found = judged(useless, targets, baseline=baseline)
    assert any("accuracy of 99.0 %" in w and "balanced accuracy (50.0 %)" in w for w in found)
    assert any("Never recognised in the test: 'b' (10)" in w and "--class-weights balanced" in w for w in found)
    assert any(w.startswith("No better than the baseline") for w in found)


def test_what_was_already_done_is_not_suggested_again():
    targets = (np.arange(1000) < 10).astype(int)
    test = classification.evaluate(np.tile([0.99, 0.01], (1000, 1)), targets, ["a", "b"])
    found = warnings_for({"test": test}, config={"train": {"class_weights": "balanced"}})
    assert found
    assert not any("--class-weights" in w for w in found)
    assert any("collect more examples" in w for w in found)


def test_few_examples_are_called_few():
    probabilities, targets = honest(36)
    assert any(w.startswith("Only 36 test examples: Accuracy may be anywhere") for w in judged(probabilities, targets))


def test_a_class_without_test_examples_is_named():
    probabilities, targets = honest()
    wider = np.concatenate([probabilities, np.zeros((400, 1))], 1)
    assert any("No test example of 'c'" in w for w in judged(wider, targets, "abc"))


def test_an_oversure_model_is_told_to_smooth_and_a_modest_one_not():
    probabilities, targets = honest()
    sharp = np.where(probabilities > 0.5, 0.999, 0.001)
    assert any("more sure of itself" in w and "--label-smoothing 0.1" in w for w in judged(sharp, targets))
    modest = 0.5 + 0.2 * (probabilities - 0.5)
    assert any("less sure of itself" in w for w in judged(modest, targets))


@pytest.mark.parametrize(
    ("chosen", "remedy"),
    [
        ({}, "try more --epochs."),
        ({"mixup": 0.2, "label_smoothing": 0.1}, "try --label-smoothing 0 or --mixup 0."),
        ({"adversarial": 0.3}, "try a smaller --adversarial."),
        ({"private": 3.0}, "try a larger --private."),
    ],
)
def test_a_model_that_was_made_unsure_on_purpose_is_not_told_to_train_longer(chosen, remedy):
    probabilities, targets = honest()
    modest = 0.5 + 0.2 * (probabilities - 0.5)
    found = warnings_for({"test": classification.evaluate(modest, targets, ["a", "b"])}, config={"train": chosen})
    (said,) = [sentence for sentence in found if "less sure of itself" in sentence]
    assert said.endswith(remedy)


def test_a_training_under_attack_is_judged_by_its_losses_under_attack():
    probabilities, targets = honest()
    metrics = {"test": classification.evaluate(probabilities, targets, ["a", "b"])}
    settled = [
        {"loss": 1.0 + 1 / k, "val_loss": 1 / k, "val_robust_loss": 1.1 + 1 / k**2, "val_epsilon": min(0.3, 0.03 * k)}
        for k in range(1, 31)
    ]  # what is clean still falls, what counts does not
    assert warnings_for(metrics, {"epochs": settled}) == []
    away = [epoch | {"loss": 0.5} for epoch in settled]
    assert any(w.startswith("Over-fitting") for w in warnings_for(metrics, {"epochs": away}))
    rising = [epoch | ({"loss": 0.1} if epoch["val_epsilon"] < 0.3 else {}) for epoch in settled]
    assert warnings_for(metrics, {"epochs": rising}) == []


def test_a_private_training_is_not_told_to_go_on():
    probabilities, targets = honest()
    metrics = {"test": classification.evaluate(probabilities, targets, ["a", "b"])}
    falling = {"epochs": [{"loss": 1 - k / 30, "val_loss": 1.05 - k / 30} for k in range(1, 21)]}
    (said,) = warnings_for(metrics, falling, {"train": {"private": 3.0}})
    assert "a larger --private" in said
    assert "--budget" not in said


def test_perfection_is_suspected():
    targets = np.arange(200) % 2
    assert any("leaks into the inputs" in w for w in judged(np.eye(2)[targets], targets))


def test_a_test_worse_than_its_validation_is_called_out():
    probabilities, targets = honest()
    val = classification.evaluate(np.eye(2)[targets], targets, ["a", "b"])
    assert any("the two splits differ" in w for w in judged(probabilities, targets, val=val))


def test_learning_that_ran_away_or_was_cut_short_is_called_out():
    probabilities, targets = honest()
    metrics = {"test": classification.evaluate(probabilities, targets, ["a", "b"])}
    runaway = [{"loss": 1 / k, "val_loss": 0.5 + 0.02 * abs(k - 8)} for k in range(1, 21)]
    assert any(w.startswith("Over-fitting") for w in warnings_for(metrics, {"epochs": runaway}))
    assert not any(w.startswith("Over-fitting") for w in warnings_for(metrics, {"epochs": runaway}, has_one_loss=False))
    falling = [{"loss": 1 - k / 30, "val_loss": 1.05 - k / 30} for k in range(1, 21)]
    assert any("still falling" in w for w in warnings_for(metrics, {"epochs": falling}))
    settled = [{"loss": 0.4 + 1 / k**2, "val_loss": 0.45 + 1 / k**2} for k in range(1, 41)]
    assert warnings_for(metrics, {"epochs": settled}) == []


def test_predictions_that_lean_to_one_side_are_called_out():
    rng = np.random.default_rng(0)
    targets = rng.normal(size=300)
    leaning = regression.evaluate(targets + 1 + rng.normal(0, 0.3, 300), targets)
    assert any("too high by" in w for w in warnings_for({"test": leaning}))
    level = regression.evaluate(targets + rng.normal(0, 0.3, 300), targets)
    assert warnings_for({"test": level}) == []


def test_a_class_that_chance_missed_is_no_finding():
    """Of a class with one example, a model that is right nine times of ten misses it every tenth time."""
    rng = np.random.default_rng(0)
    targets = np.array([0, 1] * 50 + [2] * 3)
    right = np.eye(3)[np.where(rng.random(103) < 0.9, targets, 1 - np.minimum(targets, 1))] * 0.9 + 0.1 / 3
    right[100:] = [0.8, 0.1, 0.1]
    few = classification.evaluate(right[:101], targets[:101], ["a", "b", "c"])
    more = classification.evaluate(right, targets, ["a", "b", "c"])
    assert not any("Never recognised" in w for w in warnings_for({"test": few}))
    assert any("Never recognised in the test: 'c' (3)" in w for w in warnings_for({"test": more}))


def test_a_test_of_one_class_is_not_held_against_its_baseline():
    test = classification.evaluate(np.tile([0.9, 0.1], (30, 1)), np.zeros(30, int), ["a", "b"])
    found = warnings_for({"test": test, "baseline": {"name": "most frequent class (a)", **test}})
    assert not any("No better than the baseline" in w for w in found)
    assert any("No test example of 'b'" in w for w in found)
