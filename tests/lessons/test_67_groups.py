"""What lesson 67 claims of k-means on heaps, crescents and rings, of its beginnings, and of digits (L06)."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from deepglass.evaluate import number_of_clusters
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("67_groups").module


def walked(lesson, name):
    rows = lesson.points(name)[0]
    return list(lesson.walk(rows, rows[lesson.BEGIN[name]]))


@pytest.mark.parametrize("name", ["heaps", "moons", "rings"])
def test_the_sum_never_grows_and_it_rests_where_scikit_learns_does(lesson, name):
    rows, steps = lesson.points(name)[0], walked(lesson, name)
    assert np.all(np.diff([step[3] for step in steps]) <= 1e-9)
    theirs = KMeans(len(lesson.BEGIN[name]), init=rows[lesson.BEGIN[name]], n_init=1, tol=0).fit(rows)
    assert steps[-1][3] == pytest.approx(theirs.inertia_)
    assert len(steps) > 4


def test_three_centres_in_one_heap_find_the_three_heaps(lesson):
    groups = lesson.points("heaps")[1]
    assert set(groups[lesson.BEGIN["heaps"]]) == {0}
    steps = walked(lesson, "heaps")
    assert lesson.agrees(steps[0][1], groups) < 0.9
    assert lesson.agrees(steps[-1][1], groups) > 0.95
    assert len(list(lesson.film())) == len(steps) <= 12


def test_crescents_and_rings_are_cut_through_by_a_straight_line(lesson):
    for name in ("moons", "rings"):
        rows, groups = lesson.points(name)
        found = lesson.KMeans(2).fit(rows)
        assert lesson.agrees(found.labels_, groups) < 0.4, name
        first, second = found.cluster_centers_
        side = (rows - (first + second) / 2) @ (second - first) > 0
        assert np.array_equal(side, found.labels_ == 1)


def test_the_index_is_scikit_learns(lesson):
    rows, groups = lesson.points("moons")
    labels = lesson.KMeans(2).fit(rows).labels_
    assert lesson.agrees(labels, groups) == pytest.approx(adjusted_rand_score(groups, labels))


def test_drawn_beginnings_often_rest_in_the_wrong_place_and_careful_ones_less(lesson):
    best = lesson.ends(True).min()
    assert best <= lesson.ends(False).min() + 1e-9
    often, less = (int((lesson.ends(careful) > 1.1 * best).sum()) for careful in (False, True))
    assert often > lesson.SEEDS / 4
    assert less < 0.7 * often
    assert lesson.ended(2, False).inertia_ > 1.1 * lesson.ends(True).min()  # the first state of the controls
    labels = lesson.ended(2, False).labels_.reshape(6, 30)
    assert sorted(len(np.unique(heap)) for heap in labels)[-1] == 2  # one heap is cut in two
    assert lesson.ended(2, True).inertia_ < 1.1 * lesson.ends(True).min()


def test_the_silhouette_finds_three_heaps_and_no_number_in_a_cloud(lesson):
    assert number_of_clusters.best(lesson.tried("heaps")) == 3
    assert number_of_clusters.level(lesson.tried("heaps")) == []
    assert number_of_clusters.level(lesson.tried("one cloud"))
    sums = [lesson.KMeans(k).fit(lesson.points("heaps")[0]).inertia_ for k in range(2, lesson.MOST_K + 1)]
    assert np.all(np.diff(sums) < 0)  # the sum cannot tell


def test_digits_fall_into_groups_that_labels_recognise(lesson):
    truth = lesson.digits()[1][lesson.LEARNT :]
    for of in ("pixels", "codes"):
        centres, labels = lesson.grouped(of)
        assert centres.shape == (10, 64 if of == "pixels" else lesson.CODE)
        assert 0.45 < lesson.agrees(labels, truth) < 0.95, of
        most = [np.bincount(truth[labels == place], minlength=10).argmax() for place in range(10)]
        assert 10 > len(set(most)) > 5  # one digit has two groups, another none of its own


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("np.stack([points[labels == j].sum(axis=0) for j in range(k)])", "sums"),
        ("np.stack([points.mean(axis=0)] * k)", "mean of all points"),
        ("np.stack([np.median(points[labels == j], axis=0) for j in range(k)])", "median"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("new_centres", f"def new_centres(points, labels, k):\n    return {line}").message
