"""K-means against scikit-learn's from the same centres, and what its two steps promise (L06)."""

import numpy as np
import pytest
from sklearn import cluster
from sklearn.datasets import load_digits, load_iris

from deepglass.glass.classic import KMeans
from deepglass.glass.classic.k_means import means, nearest, plus_plus, squared_distances


@pytest.mark.parametrize(("X", "k"), [(load_iris().data, 3), (load_digits().data[:400], 10), (load_iris().data, 7)])
def test_from_the_same_centres_it_ends_where_scikit_learns_does(X, k):
    init = X[np.random.default_rng(k).choice(len(X), k, replace=False)]
    ours = KMeans(k, init=init).fit(X)
    theirs = cluster.KMeans(k, init=init, n_init=1, algorithm="lloyd", tol=0).fit(X)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, atol=1e-9)
    assert np.array_equal(ours.labels_, theirs.labels_)
    assert ours.inertia_ == pytest.approx(theirs.inertia_)
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X), atol=1e-6)
    assert np.array_equal(ours.predict(X + 0.1), theirs.predict(X + 0.1))


def test_with_drawn_beginnings_it_is_as_good_as_scikit_learns():
    X = load_digits().data[:600]
    theirs = cluster.KMeans(10, n_init=10, random_state=0).fit(X).inertia_
    assert KMeans(10, n_init=10).fit(X).inertia_ < 1.01 * theirs


def test_neither_step_makes_the_sum_larger():
    X, sums = load_iris().data, []
    centres = X[[0, 1, 2, 3]]
    for _ in range(6):
        labels = nearest(X, centres)
        sums.append(np.square(X - centres[labels]).sum())
        centres = means(X, labels, centres)
        sums.append(np.square(X - centres[labels]).sum())
    assert np.all(np.diff(sums) <= 1e-9)
    assert sums[-1] < 0.5 * sums[0]


def test_a_centre_without_rows_goes_to_the_row_that_is_worst_served():
    X = np.array([[0.0], [1.0], [2.0], [9.0]])
    found = KMeans(2, init=[[0.0], [100.0]]).fit(X)
    assert sorted(found.cluster_centers_[:, 0].tolist()) == [1.0, 9.0]
    assert means(X, np.zeros(4, int), np.array([[3.0], [50.0], [60.0]])).ravel().tolist() == [3.0, 9.0, 0.0]


def test_plus_plus_draws_with_the_square_of_the_distance():
    X = np.array([[0.0], [1.0], [3.0]])
    draws = [plus_plus(X, 2, np.random.default_rng(seed)) for seed in range(3000)]
    from_zero = np.array([second for first, second in draws if first == 0.0]).ravel()
    assert 0.87 < (from_zero == 3.0).mean() < 0.93  # 9 : 1
    assert all(len(np.unique(plus_plus(X, 3, np.random.default_rng(seed)))) == 3 for seed in range(20))
    assert plus_plus(np.zeros((4, 2)), 3, np.random.default_rng(0)).shape == (3, 2)


def test_careful_beginnings_seldom_put_two_centres_into_one_group():
    rng = np.random.default_rng(1)
    middles = rng.uniform(-40, 40, (8, 2))
    X = np.concatenate([middle + rng.normal(size=(30, 2)) for middle in middles])
    drawn = [KMeans(8, n_init=1, seed=seed).fit(X).inertia_ for seed in range(20)]
    rows = [KMeans(8, init=X[rng.choice(len(X), 8, replace=False)]).fit(X).inertia_ for _ in range(20)]
    assert np.median(drawn) < 0.5 * np.median(rows)


def test_distances_are_squared_and_from_every_centre():
    assert squared_distances(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0]])).tolist() == [[0.0], [25.0]]


def test_it_stops_after_as_many_steps_as_it_may():
    X = load_digits().data[:300]
    assert KMeans(10, n_init=1, max_iter=1).fit(X).n_iter_ == 1
    assert KMeans(10, n_init=1).fit(X).n_iter_ > 2


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: KMeans(0), "expected 1 cluster or more, got 0"),
        (lambda: KMeans(2, n_init=0), "n_init 0"),
        (lambda: KMeans(3).fit([[0.0], [1.0]]), "at least 3 rows"),
        (lambda: KMeans(2, init=[[0.0]]).fit([[0.0], [1.0]]), "expected 2 centres, got 1"),
        (lambda: KMeans(1).fit([[float("nan")]]), "finite numbers"),
        (lambda: KMeans(1).fit([[0.0], [1.0]]).predict([[0.0, 1.0]]), "expecting 1 features"),
    ],
)
def test_what_cannot_be_done_is_refused(act, words):
    with pytest.raises(ValueError, match=words):
        act()
