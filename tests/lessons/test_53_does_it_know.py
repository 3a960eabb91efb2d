"""What lesson 53 claims of temperature, of sets and intervals, of strangers and of drift."""

import math

import numpy as np
import pytest

from deepglass.core.conformal import quantile
from deepglass.evaluate import calibration, conformal
from deepglass.evaluate.temperature import fit_temperature, tempered
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("53_does_it_know").module


def test_it_is_sure_of_digits_that_it_has_never_seen(lesson):
    said = lesson.shares(lesson.digits()[2]).max(1)
    assert 0.25 < (said > 0.9).mean() < 0.6
    assert said.min() > 1 / lesson.KNOWN


def test_it_is_too_sure_and_one_number_mends_much_of_it_without_changing_an_answer(lesson):
    val, val_y, test, test_y = lesson.parts()
    fitted = fit_temperature(val, val_y)
    assert fitted > 1.3
    before, after = (
        calibration.expected_error(calibration.reliability(tempered(test, t), test_y, 10)) for t in (1.0, fitted)
    )
    assert after < 0.75 * before
    assert test.max(1).mean() > (test.argmax(1) == test_y).mean() + 0.05
    assert (tempered(test, fitted).argmax(1) == test.argmax(1)).all()


def test_sets_hold_the_truth_as_often_as_asked_inside_the_exact_band(lesson):
    count = len(lesson.parts()[3])
    for asked in lesson.COVERAGES:
        low, high = conformal.band(lesson.CALIBRATED, asked, count)
        assert low <= lesson.held(asked)[0] <= high


def test_the_band_is_exact_whatever_the_net_is_worth(lesson):
    """Calibration and test drawn anew, of the net's shares and of shares that a worse net might give."""
    rng = np.random.default_rng(0)
    probs, targets = (np.concatenate(pair) for pair in zip(lesson.parts()[:2], lesson.parts()[2:], strict=True))
    for worse in (1.0, 8.0):
        scores = conformal.true_scores(tempered(probs, worse), targets)
        inside = []
        for _ in range(200):
            order = rng.permutation(len(scores))
            fit, new = scores[order[:150]], scores[order[150:300]]
            low, high = conformal.band(150, 0.9, 150)
            inside.append(low <= (new <= quantile(fit, 0.9)).mean() <= high)
        assert np.mean(inside) > 0.88  # both parts come from one pool without return, which scatters a trifle less


def test_a_bad_net_pays_with_large_sets(lesson):
    val, val_y, test, _ = lesson.parts()
    rng, sizes = np.random.default_rng(0), []
    guesses = [rng.dirichlet(np.ones(lesson.KNOWN), len(part)) for part in (val, test)]
    for calibrate, asked in ((val, test), guesses):
        limit = quantile(conformal.true_scores(calibrate, val_y), 0.9)
        sizes.append(conformal.class_sets(asked, limit).sum(1).mean())
    assert sizes[1] > 3 * sizes[0]


def test_a_set_of_a_stranger_never_holds_the_truth_and_no_score_is_best_for_all(lesson):
    found = lesson.strangeness()
    assert found["energy"] > found["largest share"] > found["distance in the hidden layer"]
    sets = conformal.class_sets(lesson.shares(lesson.digits()[2]), lesson.held(0.9)[2])
    assert sets.shape[1] == lesson.KNOWN
    noise = np.random.default_rng(0).uniform(0, 1, (200, 64)).astype(np.float32) * 6  # another kind of stranger
    x, y, _ = lesson.digits()
    (hidden, _), (known, known_z), (odd, odd_z) = (lesson.net()(p) for p in (x[:450], x[450:], noise))
    far = lesson.unfamiliar.Mahalanobis.fit(hidden, y[:450])
    score = lesson.unfamiliar
    assert score.auroc(far(known), far(odd)) > 0.95
    assert score.auroc(score.confidence(known_z), score.confidence(odd_z)) < 0.7


def test_drift_breaks_the_promise_and_a_new_calibration_mends_it(lesson):
    low, high = conformal.band(lesson.CALIBRATED, 0.9, len(lesson.parts()[3]))
    for noise in lesson.NOISES[3:]:
        assert lesson.held(0.9, noise, False)[0] < low
        assert low <= lesson.held(0.9, noise, True)[0] <= high
        assert lesson.held(0.9, noise, True)[1] > 1.5 * lesson.held(0.9, noise, False)[1]


def test_intervals_of_numbers_keep_the_promise_too(lesson):
    limit, inside, count = lesson.interval()
    low, high = conformal.band(150, 0.9, count)
    assert low <= inside <= high
    assert limit > 50


def test_a_coverage_of_99_percent_needs_99_examples():
    assert quantile(np.arange(99.0), 0.99) == 98
    assert quantile(np.arange(98.0), 0.99) == math.inf


@pytest.mark.parametrize(
    ("body", "said"),
    [("np.quantile(scores, coverage)", "between two"), ("np.max(scores)", "largest of all")],
)
def test_slips_are_told_apart(body, said):
    code = f"def conformal_limit(scores, coverage):\n    return {body}"
    assert said in tried("conformal_limit", code).message
