"""Estimators with several networks, and mixed with simple models: they learn, keep scikit-learn's contract, refuse."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import deepglass as dg
from deepglass.core.errors import OptionError

QUICK = {"model": "mlp", "epochs": 3, "settings": {"hidden_dim": 8}}


def rows(count: int = 90) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Columns of numbers and words, a value that is linear in them, and which third of the values it is."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=count), "b": rng.normal(size=count), "c": rng.choice(["x", "y"], count)})
    value = 2 * frame["a"] - frame["b"] + (frame["c"] == "x") + 0.1 * rng.normal(size=count)
    return frame, value.to_numpy(), np.array(["low", "middle", "high"])[pd.qcut(value, 3, labels=False)]


@pytest.mark.parametrize("options", [{"bags": 3}, {"blend": True}, {"bags": 3, "blend": True}])
def test_they_learn_clone_and_pickle(options):
    X, value, kind = rows()
    classifier, regressor = (
        dg.Classifier(**QUICK, **options).fit(X, kind),
        dg.Regressor(**QUICK, **options).fit(X, value),
    )
    shares = classifier.predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares.shape == (len(X), 3)
    assert set(classifier.predict(X)) <= set(kind)
    for fitted in (classifier, regressor):
        assert {name: clone(fitted).get_params()[name] for name in options} == options
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X), fitted.predict(X))
        alone = fitted.predict(X[:1])
        np.testing.assert_array_equal(alone, fitted.predict(X)[:1])


def test_a_blend_is_nearly_as_good_as_its_best_part_and_says_its_weights():
    X, value, kind = rows(200)
    blended = dg.Regressor(**QUICK, blend=True).fit(X[:150], value[:150])
    alone = dg.Regressor(**QUICK).fit(X[:150], value[:150])
    assert blended.score(X[150:], value[150:]) > 0.9 > alone.score(X[150:], value[150:])
    assert "ridge regression" in blended.blend_
    assert sum(blended.blend_.values()) == pytest.approx(1)
    assert alone.blend_ == {}
    assert dg.Classifier(**QUICK, blend=True).fit(X[:150], kind[:150]).score(X[150:], kind[150:]) > 0.7


def test_the_networks_of_a_bag_differ_and_their_mean_answers():
    X, _, kind = rows()
    bag = dg.Classifier(**QUICK, bags=3).fit(X, kind).network_
    assert len(bag.networks) == 3
    first = [next(network.parameters()) for network in bag.networks]
    assert not np.allclose(first[0].detach(), first[1].detach())


def test_searches_and_weights_work_with_a_bag():
    X, _, kind = rows()
    search = GridSearchCV(dg.Classifier(**QUICK), {"bags": [1, 2]}, cv=2).fit(X, kind)
    assert search.best_params_["bags"] in (1, 2)
    weighted = dg.Classifier(**QUICK, bags=2).fit(X, kind, sample_weight=np.where(kind == "low", 9.0, 1.0))
    assert (weighted.predict(X) == "low").mean() > 1 / 3


@pytest.mark.parametrize(
    ("options", "fit", "message"),
    [
        ({"bags": 0}, {}, "bags: expected a number"),
        ({"bags": True}, {}, "bags: expected a number"),
        ({"bags": 50}, {}, "half of the 90 rows"),
        ({"bags": 3, "val_fraction": 0.2}, {}, "leave val_fraction out"),
        ({"bags": 3, "settings": {"mixup": 0.2}}, {}, "mixup"),
        ({"settings": {"bags": 3}}, {}, "give bags="),
        ({"settings": {"blend": True}}, {}, "give blend="),
        ({"blend": True, "class_weight": "balanced"}, {}, "know nothing of class_weight"),
        ({"blend": True}, {"sample_weight": np.arange(90) + 1.0}, "know nothing of sample_weight"),
        ({"bags": 3, "model": "perceptron"}, {}, "criterion of its own"),
    ],
)
def test_what_cannot_be_is_refused(options, fit, message):
    X, _, kind = rows()
    with pytest.raises(OptionError, match=message):
        dg.Classifier(**{"epochs": 1, **options}).fit(X, kind, **fit)


def test_so_few_rows_that_none_is_held_out_blend_with_a_bag_only():
    X, _, kind = rows(30)
    with pytest.raises(OptionError, match="add bags=5"):
        dg.Classifier(**QUICK, blend=True).fit(X, kind)
    assert dg.Classifier(**QUICK, blend=True, bags=5).fit(X, kind).predict(X).shape == (30,)
