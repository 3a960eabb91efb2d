"""Conformal answers: the promised coverage over many splits, MAPIE's sets and intervals, the same set everywhere."""

import numpy as np
import pytest
from scipy.stats import beta

from deepglass.core.errors import OptionError
from deepglass.evaluate import conformal


def classes(count, seed=0, K=5):
    """Probabilities of a network that is too sure, and true classes."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(count, K))
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    targets = (probs.cumsum(1) > random.random((count, 1))).argmax(1)
    sure = probs**3
    return (sure / sure.sum(1, keepdims=True)).astype(np.float32), targets


@pytest.mark.parametrize("coverage", [0.5, 0.9])
def test_sets_hold_the_truth_as_often_as_asked_over_many_splits(coverage):
    found, n, m = [], 99, 400
    for seed in range(200):
        probs, targets = classes(n + m, seed)
        limit = conformal.quantile(conformal.true_scores(probs[:n], targets[:n]), coverage)
        sets = conformal.class_sets(probs[n:], limit, allows_none=True)
        found.append(sets[np.arange(m), targets[n:]].mean())
    k = conformal.rank(n, coverage)
    expected = beta(k, n + 1 - k)
    assert abs(np.mean(found) - expected.mean()) < 4 * expected.std() / 200**0.5 + 0.002
    low, high = conformal.band(n, coverage, m)
    outside = np.mean([share < low or share > high for share in found])
    assert 0.01 < outside < 0.11  # 5 % by construction


def test_intervals_hold_the_truth_as_often_as_asked_over_many_splits():
    shares, n = [], 59
    for seed in range(300):
        random = np.random.default_rng(seed)
        errors = random.standard_t(2, n + 200)  # wild ones
        limit = conformal.quantile(conformal.value_scores(np.zeros(n), errors[:n]), 0.8)
        shares.append((np.abs(errors[n:]) <= limit).mean())
    assert abs(np.mean(shares) - conformal.rank(n, 0.8) / (n + 1)) < 0.012


def test_without_a_draw_sets_cover_too_much_and_never_less():
    probs, targets = classes(4000)
    ones = np.zeros(2000)  # u = 0: nothing is taken off
    limits = [
        conformal.quantile(conformal.class_scores(probs[:2000], draws)[np.arange(2000), targets[:2000]], 0.9)
        for draws in (None, ones)
    ]
    sizes = [
        (conformal.class_scores(probs[2000:], draws) <= limit).sum(1).mean()
        for draws, limit in zip((None, ones), limits, strict=True)
    ]
    assert sizes[0] < sizes[1]


def test_a_set_is_never_empty_unless_asked_and_the_penalty_shortens_it():
    probs, targets = classes(2000)
    limit = conformal.quantile(conformal.true_scores(probs, targets), 0.4)
    exact = conformal.class_sets(probs, limit, allows_none=True)
    usual = conformal.class_sets(probs, limit)
    assert (exact.sum(1) == 0).any()
    assert (usual.sum(1) >= 1).all()
    assert usual[np.arange(2000), probs.argmax(1)].all()
    sizes = []
    for penalty in (0.0, 0.5):
        scores = conformal.class_scores(probs, penalty=penalty, kept=1)
        sizes.append((scores <= conformal.quantile(scores[np.arange(2000), targets], 0.95)).sum(1).max())
    assert sizes[1] < sizes[0]


def test_an_example_gets_the_same_set_wherever_it_stands():
    probs, _ = classes(50)
    assert np.array_equal(conformal.draws_of(probs)[::-1], conformal.draws_of(probs[::-1]))
    assert np.array_equal(conformal.draws_of(probs), conformal.draws_of(probs.astype(np.float64) + 1e-9))
    draws = conformal.draws_of(classes(4000)[0])
    assert abs(draws.mean() - 0.5) < 0.02
    assert abs(draws.std() - 12**-0.5) < 0.01


@pytest.mark.parametrize(("count", "coverage", "place"), [(9, 0.9, 9), (99, 0.9, 90), (19, 0.95, 19), (8, 0.9, 9)])
def test_the_quantile_is_the_score_of_its_rank(count, coverage, place):
    scores = np.random.default_rng(0).permutation(count).astype(float)
    assert conformal.rank(count, coverage) == place
    assert conformal.quantile(scores, coverage) == (place - 1 if place <= count else np.inf)
    assert (count >= conformal.fewest(coverage)) == (place <= count)


@pytest.mark.parametrize("coverage", [0.0, 1.0, -0.1, 90.0, float("nan")])
def test_a_coverage_that_is_none_is_refused(coverage):
    with pytest.raises(OptionError, match="--coverage: expected a share between 0 and 1"):
        conformal.rank(10, coverage)


# -- MAPIE as the judge ---------------------------------------------------------------------------------------------


class Fitted:
    """A classifier that answers what its one feature says."""

    def __init__(self, probs):
        self.probs, self.classes_ = probs.astype(np.float64), np.arange(probs.shape[1])
        self.is_fitted_ = True

    def __sklearn_is_fitted__(self):
        return True

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return self.probs[X[:, 0].astype(int)]

    def predict(self, X):
        return self.predict_proba(X).argmax(1)


def test_sets_are_those_of_mapie():
    pytest.importorskip("mapie")
    from mapie.conformity_scores import APSConformityScore
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(Fitted, ClassifierMixin, BaseEstimator):
        pass

    from mapie.classification import SplitConformalClassifier

    probs, targets = classes(600)
    probs = probs.astype(np.float64)
    probs /= probs.sum(1, keepdims=True)
    rows = np.arange(600)[:, None]
    judge = SplitConformalClassifier(Given(probs), 0.8, APSConformityScore(), prefit=True, random_state=3)
    judge.conformalize(rows[:300], targets[:300])
    _, theirs = judge.predict_set(rows[300:], conformity_score_params={"include_last_label": "randomized"})
    draws = np.random.RandomState(3).uniform(size=300)
    scores = conformal.class_scores(probs[:300], draws, penalty=0.0)[np.arange(300), targets[:300]]
    ours = conformal.class_scores(probs[300:], draws, penalty=0.0) <= conformal.quantile(scores, 0.8)
    assert np.array_equal(ours, theirs[:, :, 0])


def test_intervals_are_those_of_mapie():
    pytest.importorskip("mapie")
    from mapie.regression import SplitConformalRegressor
    from sklearn.linear_model import LinearRegression

    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2))
    y = X @ [1.0, 2.0] + random.normal(size=300)
    model = LinearRegression().fit(X[:100], y[:100])
    judge = SplitConformalRegressor(model, 0.9, prefit=True).conformalize(X[100:200], y[100:200])
    _, theirs = judge.predict_interval(X[200:])
    reach = conformal.quantile(conformal.value_scores(model.predict(X[100:200]), y[100:200]), 0.9)
    said = model.predict(X[200:])
    assert np.allclose(theirs[:, 0, 0], said - reach)
    assert np.allclose(theirs[:, 1, 0], said + reach)


def test_quantile_intervals_are_those_of_mapie():
    pytest.importorskip("mapie")
    from mapie.regression import ConformalizedQuantileRegressor
    from sklearn.linear_model import QuantileRegressor

    random = np.random.default_rng(0)
    X = random.uniform(0, 3, size=(240, 1))
    y = X[:, 0] + X[:, 0] * random.normal(size=240)
    models = [QuantileRegressor(quantile=q, alpha=0.0).fit(X[:80], y[:80]) for q in (0.05, 0.95, 0.5)]
    judge = ConformalizedQuantileRegressor(models, 0.9, prefit=True).conformalize(X[80:160], y[80:160])
    _, theirs = judge.predict_interval(X[160:], symmetric_correction=True)
    low, high = (model.predict(X) for model in models[:2])
    reach = conformal.quantile(conformal.quantile_scores(low[80:160], high[80:160], y[80:160]), 0.9)
    assert np.allclose(theirs[:, 0, 0], low[160:] - reach)
    assert np.allclose(theirs[:, 1, 0], high[160:] + reach)
