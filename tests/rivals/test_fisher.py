"""Fisher's directions tell classes apart that principal components do not, and are scikit-learn's."""

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from deepglass.rivals import fisher


def rows(count=200):
    """Two classes that differ along a short axis; a long one says nothing of them."""
    rng = np.random.default_rng(0)
    classes = np.arange(count) % 2
    return np.stack(
        [rng.normal(0, 10, count), classes + rng.normal(0, 0.2, count), rng.normal(0, 1, count)], 1
    ), classes


def test_the_short_axis_that_tells_classes_apart_is_found():
    values, classes = rows()
    found = fisher.fit(values, classes, 5)
    assert found.weights.shape == (1, 3)
    assert np.abs(found.weights[0]).argmax() == 1
    codes = found.answer(values)[:, 0]
    assert abs(codes[classes == 0].mean() - codes[classes == 1].mean()) > 3 * codes[classes == 0].std()


def test_codes_are_those_of_scikit_learn_where_nothing_is_shrunk(monkeypatch):
    monkeypatch.setattr(fisher, "SHRINKAGE", 0.0)
    values, classes = rows()
    codes = fisher.fit(values, classes, 5).answer(values)[:, 0]
    theirs = LinearDiscriminantAnalysis(solver="svd").fit(values, classes).transform(values)[:, 0]
    assert abs(np.corrcoef(codes, theirs)[0, 1]) > 0.999


def test_where_no_class_has_two_rows_there_is_no_direction():
    assert fisher.fit(np.eye(4), np.arange(4), 3).weights.shape == (0, 4)
    assert fisher.fit(np.eye(4), np.zeros(4), 3).weights.shape == (0, 4)
