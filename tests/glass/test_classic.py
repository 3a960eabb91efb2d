"""Perceptron, linear and logistic regression against scikit-learn and against theory."""

import numpy as np
import pytest
from sklearn import linear_model, svm, tree
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.metrics import hinge_loss, log_loss
from sklearn.preprocessing import StandardScaler

from deepglass.glass.classic import (
    DecisionTreeClassifier,
    LinearRegression,
    LinearSVC,
    LogisticRegression,
    Perceptron,
    hinge,
    novikoff_bound,
)


def separable(seed):
    """Points with a margin around a random line, and the line."""
    draw = np.random.default_rng(seed)
    w, b = draw.normal(size=2), 0.3 * draw.normal()
    X = draw.uniform(-2, 2, size=(60, 2))
    X = X[np.abs(X @ w + b) > 0.1 * np.linalg.norm(w)]
    return X, np.sign(X @ w + b), w, b


@pytest.mark.parametrize("seed", range(30))
def test_perceptron_rests_within_novikoffs_bound(seed):
    X, y, w, b = separable(seed)
    assert set(y) == {-1, 1}
    model = Perceptron(max_iter=10_000).fit(X, y)
    assert model.converged_
    assert model.score(X, y) == 1.0
    assert model.mistakes_ <= novikoff_bound(X, y, w, b)


def test_perceptron_never_rests_on_xor():
    X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    model = Perceptron(max_iter=500).fit(X, y)
    assert not model.converged_
    assert model.n_iter_ == 500
    assert model.mistakes_ >= 500  # at least one in every round
    assert model.score(X, y) < 1.0


def test_perceptron_makes_scikit_learns_updates():
    X, y = load_iris(return_X_y=True)
    X, y = X[:100], y[:100]
    theirs = linear_model.Perceptron(shuffle=False, tol=None, max_iter=50).fit(X, y)
    ours = Perceptron(max_iter=50).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-9)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-9)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_novikoff_needs_a_line_that_separates():
    with pytest.raises(ValueError, match="margin"):
        novikoff_bound([[1.0, 0.0], [0.0, 1.0]], np.array([1, -1]), [-1.0, 1.0], 0.0)


@pytest.mark.parametrize("solver", ["normal", "gradient"])
def test_linear_regression_equals_scikit_learn(solver):
    X, y = load_diabetes(return_X_y=True)
    X = StandardScaler().fit_transform(X)[:, :4] + 3.0
    theirs = linear_model.LinearRegression().fit(X, y)
    ours = LinearRegression(solver).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    assert ours.intercept_ == pytest.approx(theirs.intercept_, abs=1e-6)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=1e-9)


def test_gradient_descent_goes_down_to_the_normal_equation():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(80, 3))
    y = X @ [2.0, -1.0, 0.5] + 4 + draw.normal(size=80)
    down, solved = LinearRegression("gradient").fit(X, y), LinearRegression("normal").fit(X, y)
    np.testing.assert_allclose(down.coef_, solved.coef_, atol=1e-6)
    assert all(after <= before for before, after in zip(down.loss_, down.loss_[1:]))
    with pytest.raises(ValueError, match="shorter"):
        LinearRegression("gradient", learning_rate=10.0).fit(X, y)


def test_linear_regression_with_equal_columns_takes_the_shortest_solution():
    X = np.repeat(np.arange(5.0)[:, None], 2, axis=1)
    np.testing.assert_allclose(LinearRegression().fit(X, 4 * X[:, 0]).coef_, [2.0, 2.0], atol=1e-9)


def overlapping(num_classes):
    draw = np.random.default_rng(1)
    centres = draw.normal(size=(num_classes, 3))
    y = np.arange(240) % num_classes
    return centres[y] + draw.normal(size=(240, 3)), y


@pytest.mark.parametrize("C", [np.inf, 1.0, 0.01])
@pytest.mark.parametrize("num_classes", [2, 4])
def test_logistic_regression_equals_scikit_learn(num_classes, C):
    X, y = overlapping(num_classes)
    theirs = linear_model.LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, y)
    ours = LogisticRegression(C=C).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)
    assert log_loss(y, ours.predict_proba(X)) == pytest.approx(log_loss(y, theirs.predict_proba(X)), abs=1e-5)
    if num_classes == 2 or np.isfinite(C):  # without penalty, softmax weights are only known up to a common shift
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-3)
    if num_classes == 2:
        np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-3)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, y) == theirs.score(X, y)


def test_logistic_regression_knows_wines_by_name():
    data = load_wine()
    X, y = StandardScaler().fit_transform(data.data), data.target_names[data.target]
    model = LogisticRegression().fit(X, y)
    assert model.score(X, y) > 0.99
    assert model.classes_.tolist() == data.target_names.tolist()
    np.testing.assert_allclose(model.predict_proba(X).sum(1), 1)


@pytest.mark.parametrize(
    "model", [Perceptron(), LinearRegression(), LogisticRegression()], ids=lambda m: type(m).__name__
)
def test_bad_tables_are_refused(model):
    X, y = np.eye(4), np.array([0, 1, 0, 1])
    for bad_X, bad_y, message in [
        (X[0], y, "Expected 2D array"),
        (X, y[:3], "one value for each of the 4 rows"),
        (np.where(X == 1, np.nan, X), y, "NaN or infinity in rows"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit(bad_X, bad_y)
    with pytest.raises(ValueError, match="expecting 4 features"):
        model.fit(X, y).predict(X[:, :2])


def test_one_class_is_no_classification():
    for model in (Perceptron(), LogisticRegression()):
        with pytest.raises(ValueError, match="at least two classes"):
            model.fit(np.eye(3), [1, 1, 1])
    with pytest.raises(ValueError, match="expected two classes, got 3"):
        Perceptron().fit(np.eye(3), [0, 1, 2])


def two_clouds(seed, apart=1.5):
    """Two clouds of points that overlap a little."""
    draw = np.random.default_rng(seed)
    y = draw.integers(0, 2, 80)
    return draw.normal(size=(80, 2)) + apart * (2 * y[:, None] - 1) * [0.8, 0.6], y


@pytest.mark.parametrize("C", [0.01, 1.0, 10.0])
@pytest.mark.parametrize("seed", range(5))
def test_linear_svc_is_scikit_learns(seed, C):
    X, y = two_clouds(seed)
    ours = LinearSVC(C=C).fit(X, y)
    theirs = svm.LinearSVC(C=C, loss="hinge", tol=1e-8, max_iter=1_000_000, random_state=0).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-3, atol=1e-4)
    grid = np.stack(np.meshgrid(np.linspace(-4, 4, 41), np.linspace(-4, 4, 41)), -1).reshape(-1, 2)
    sure = np.abs(theirs.decision_function(grid)) > 1e-3
    np.testing.assert_array_equal(ours.predict(grid)[sure], theirs.predict(grid)[sure])


def test_the_road_between_separable_classes_is_as_wide_as_can_be():
    X = np.array([[0.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [4.0, 0.0], [4.0, 2.0], [6.0, 1.0]])
    model = LinearSVC(C=1e6, max_iter=100_000, tol=1e-6).fit(X - [2, 1], [0, 0, 0, 1, 1, 1])
    np.testing.assert_allclose(model.coef_, [[0.5, 0.0]], atol=1e-4)  # a road of 2/‖w‖ = 4, from x = 0 to x = 4
    assert set(model.support_) <= {0, 1, 3, 4}


def test_rows_that_do_not_carry_the_line_can_be_left_out():
    X, y = two_clouds(3)
    model = LinearSVC().fit(X, y)
    assert 0 < len(model.support_) < len(X)
    again = LinearSVC().fit(X[model.support_], y[model.support_])
    np.testing.assert_allclose(again.coef_, model.coef_, atol=1e-5)
    margins = (2 * y - 1) * model.decision_function(X)
    assert (margins[np.setdiff1d(range(len(X)), model.support_)] >= 1 - 1e-6).all()


def test_hinge_loss_is_scikit_learns():
    X, y = two_clouds(1, apart=0.3)
    model = LinearSVC().fit(X, y)
    ours = hinge((2 * y - 1) * model.decision_function(X)).mean()
    assert ours == pytest.approx(hinge_loss(y, model.decision_function(X)))
    assert hinge([2.0, 1.0, 0.0, -1.0]).tolist() == [0.0, 0.0, 1.0, 2.0]


def test_linear_svc_wants_two_classes_and_a_price():
    with pytest.raises(ValueError, match="two classes"):
        LinearSVC().fit([[0.0], [1.0], [2.0]], [0, 1, 2])
    with pytest.raises(ValueError, match="C > 0"):
        LinearSVC(C=0)


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_a_tree_asks_scikit_learns_questions(seed, depth):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(300, 5))
    y = (X[:, 1] + X[:, 3] ** 2 > 1).astype(int) + (X[:, 0] > 1)
    ours = DecisionTreeClassifier(depth).fit(X, y)
    if depth:
        theirs = tree.DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, y)
        assert ours.root_[:2] == (theirs.tree_.feature[0], pytest.approx(theirs.tree_.threshold[0]))
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    else:
        assert set(ours.predict(X)) == {np.bincount(y).argmax()}


def test_a_tree_learns_every_row_by_heart_and_as_much_as_scikit_learns():
    X, y = load_wine(return_X_y=True)
    assert DecisionTreeClassifier().fit(X, y).score(X, y) == 1.0
    order = np.random.default_rng(0).permutation(len(X))
    taught, asked = order[:100], order[100:]
    ours = DecisionTreeClassifier().fit(X[taught], y[taught]).score(X[asked], y[asked])
    theirs = [tree.DecisionTreeClassifier(random_state=s).fit(X[taught], y[taught]).score(X[asked], y[asked])
              for s in range(10)]  # fmt: skip
    assert min(theirs) - 0.03 <= ours <= max(theirs) + 0.03


def test_a_tree_of_rows_that_are_alike_names_the_most_frequent_class():
    assert DecisionTreeClassifier().fit([[1.0]] * 3, ["a", "b", "b"]).predict([[9.0]]).tolist() == ["b"]
    close = np.array([[1.0], [np.nextafter(1.0, 2)]])
    assert DecisionTreeClassifier().fit(close, [0, 1]).score(close, [0, 1]) == 1.0
    with pytest.raises(ValueError, match="max_depth"):
        DecisionTreeClassifier(-1)
