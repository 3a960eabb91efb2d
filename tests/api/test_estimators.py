"""scikit-learn judges: its own estimator checks, and the places where estimators are used."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import deepglass as dg
from deepglass.core.errors import OptionError

SMALL = {"members": 4, "hidden_dim": 32, "num_layers": 1}


@parametrize_with_checks([dg.Classifier(settings=SMALL), dg.Regressor(settings=SMALL)])
def test_scikit_learn_accepts_the_estimator(estimator, check):
    check(estimator)


def test_it_works_where_estimators_work():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), dg.Classifier(epochs=30, settings=SMALL))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9
    search = GridSearchCV(dg.Classifier(settings=SMALL), {"epochs": [1, 30]}, cv=2).fit(X, y)
    assert search.best_params_ == {"epochs": 30}


def test_a_regressor_beats_the_mean():
    X, y = load_diabetes(return_X_y=True)
    assert cross_val_score(dg.Regressor(settings=SMALL), X, y, cv=3).mean() > 0.3


def test_a_data_frame_may_hold_categories_and_gaps():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=200), "colour": rng.choice(["red", "blue"], 200)})
    frame.loc[::17, "size"] = np.nan
    y = np.where(frame["colour"] == "red", "warm", "cold")
    model = dg.Classifier(epochs=30, settings=SMALL).fit(frame, y)
    assert model.score(frame, y) > 0.95
    new = pd.DataFrame({"size": [0.0], "colour": ["green"]})
    assert model.predict(new)[0] in ("warm", "cold")


def test_an_unknown_setting_is_explained():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(OptionError, match="did you mean '--dropout'"):
        dg.Classifier(settings={"dropuot": 0.1}).fit(X, y)
