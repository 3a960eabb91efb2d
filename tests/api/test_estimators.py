"""scikit-learn judges: its own estimator checks, and the places where estimators are used."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from tests.clock import BUDGETED, Clock

SMALL = {"members": 4, "hidden_dim": 32, "num_layers": 1}


@pytest.mark.slow("more than a hundred checks of scikit-learn")
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


# -- weights --------------------------------------------------------------------------------------------------------


def noisy(count: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X, labels of which a third is wrong, weights that are zero for those, and the truth."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(count, 3))
    truth, good = (X[:, 0] > 0).astype(int), rng.random(count) < 0.6
    return X, np.where(good, truth, 1 - truth), good.astype(float), truth


def test_rows_of_weight_zero_do_not_count():
    X, y, weights, truth = noisy()
    quick = {"model": "mlp", "epochs": 15}
    weighted = dg.Classifier(**quick).fit(X, y, sample_weight=weights)
    assert weighted.score(X, truth) > dg.Classifier(**quick).fit(X, y).score(X, truth) + 0.05
    kept = weights > 0
    np.testing.assert_array_equal(
        weighted.predict_proba(X), dg.Classifier(**quick).fit(X[kept], y[kept]).predict_proba(X)
    )
    wrong = np.where(kept, X[:, 0], 50.0)
    regressor = dg.Regressor(**quick).fit(X, wrong, sample_weight=weights)
    assert np.abs(regressor.predict(X) - X[:, 0]).mean() < 1


def test_a_row_of_weight_three_is_three_rows():
    """To the bit in a small table, whatever the order of its rows."""
    rng = np.random.default_rng(1)
    X, y, weights = rng.normal(size=(15, 2)), np.arange(15) % 2, rng.integers(0, 4, 15)
    order = rng.permutation(15)
    for estimator in (dg.Classifier(settings=SMALL), dg.Regressor(settings=SMALL)):
        weighted = estimator.fit(X[order], y[order], sample_weight=weights[order]).predict(X)
        np.testing.assert_array_equal(weighted, estimator.fit(X.repeat(weights, axis=0), y.repeat(weights)).predict(X))


def test_the_tools_that_hand_weights_on_work():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import AdaBoostClassifier, BaggingRegressor, StackingClassifier, VotingClassifier
    from sklearn.linear_model import LogisticRegression

    X, y, weights, _ = noisy(120)
    one = dg.Classifier(model="mlp", epochs=2)
    AdaBoostClassifier(one, n_estimators=2).fit(X, y, sample_weight=weights + 0.1).predict(X)
    CalibratedClassifierCV(one, cv=2).fit(X, y, sample_weight=weights + 0.1).predict_proba(X)
    VotingClassifier([("a", one)], voting="soft").fit(X, y, sample_weight=weights + 0.1).predict(X)
    StackingClassifier([("a", one)], LogisticRegression(), cv=2).fit(X, y).predict(X)
    BaggingRegressor(dg.Regressor(model="mlp", epochs=2), n_estimators=2).fit(X, y, sample_weight=weights).predict(X)


def test_weights_are_routed_where_they_are_asked_for():
    import sklearn
    from sklearn.model_selection import cross_validate

    X, y, weights, _ = noisy(120)
    with sklearn.config_context(enable_metadata_routing=True):
        asks = (
            dg.Classifier(model="mlp", epochs=2)
            .set_fit_request(sample_weight=True)
            .set_score_request(sample_weight=True)
        )
        cross_validate(asks, X, y, cv=2, params={"sample_weight": weights + 0.1})


def test_rare_classes_count_more():
    rng = np.random.default_rng(0)
    y = (rng.random(400) < 0.1).astype(int)
    X = rng.normal(size=(400, 2)) + 1.2 * y[:, None]

    def recall(**options):
        return dg.Classifier(model="mlp", epochs=15, **options).fit(X, y).predict(X)[y == 1].mean()

    plain = recall()
    for options in (
        {"class_weight": "balanced"}, {"class_weight": {1: 9.0}}, {"class_weight": "sampler"},
        {"settings": {"class_weights": "balanced"}}, {"settings": {"class_weights": {1: 9.0}}},
    ):  # fmt: skip
        assert recall(**options) > plain + 0.2, options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"class_weight": {7: 1.0}}, "class_weight: 7 does not occur; the classes are 0, 1"),
        ({"class_weight": "even"}, "expected 'balanced', 'sampler' or a dict"),
        ({"class_weight": "balanced", "settings": {"class_weights": "balanced"}}, "given twice"),
        ({"epochs": 2, "settings": {"epochs": 3}}, "epochs is given twice"),
        ({"val_fraction": 1.5}, "expected a share between 0 and 1"),
        ({"settings": {"seed": 3}}, "give random_state="),
        ({"settings": {"target": "y"}}, "target has no effect: X and y come as they are"),
        ({"settings": {"pretrained": "hub"}}, "an estimator begins anew"),
        ({"settings": {"freeze": 1}}, "an estimator begins anew"),
        ({"settings": {"keep": "a"}}, "every column of X is used"),
        ({"settings": {"momentum": 0.5}}, "--optimizer momentum or nesterov"),
        ({"settings": {"num_layers": 0, "dropout": 0.5}, "model": "mlp"}, "it needs a hidden layer"),
        ({"settings": {"label_smoothing": 0.1}, "model": "perceptron"}, "the perceptron has a criterion of its own"),
        ({"class_weight": "balanced", "model": "perceptron"}, "which knows no weights"),
    ],
)
def test_an_option_that_cannot_act_is_refused(options, message):
    X, y, _, _ = noisy(60)
    with pytest.raises(OptionError, match=message):
        dg.Classifier(**options).fit(X, y)


def test_a_regressor_has_no_classes_to_weigh_or_smooth():
    X, y, _, _ = noisy(60)
    for name in ("class_weights", "label_smoothing"):
        with pytest.raises(OptionError, match=f"{name} has no effect: the target is a number"):
            dg.Regressor(settings={name: "balanced" if name == "class_weights" else 0.1}).fit(X, y)
    with pytest.raises(OptionError, match="the criterion of the perceptron knows no weights"):
        dg.Classifier(model="perceptron").fit(X, y, sample_weight=np.arange(60.0))


# -- what a frame may hold ------------------------------------------------------------------------------------------


def test_every_type_of_pandas_is_a_column():
    rng, count = np.random.default_rng(0), 90
    words, numbers = rng.choice(["red", "blue", "green"], count), rng.normal(size=count)
    times = pd.Series(pd.date_range("2024-01-01", periods=count, freq="h"))
    whole = pd.Series(rng.integers(0, 9, count))
    missing = pd.Series(np.where(whole > 6, None, whole), dtype="Int64")
    prices = [Decimal(str(number)) for number in numbers.round(2)]
    columns = {
        "category": pd.Series(words, dtype="category"),
        "ordered": pd.Series(pd.Categorical(words, ["red", "green", "blue"], ordered=True)),
        "category of numbers": whole.astype("category"),
        "string": pd.Series(words, dtype="string"),
        "str": pd.Series(words, dtype="str"),
        "object of words": pd.Series(words, dtype=object),
        "object of numbers": pd.Series(list(numbers), dtype=object),
        "object of decimals": pd.Series(prices),
        "object of dates": pd.Series([time.date() for time in times]),
        "words and gaps": pd.Series(np.where(whole > 6, None, words), dtype=object),
        "mixed": pd.Series([1, "a", 2.5] * 30, dtype=object),
        "bool": whole > 4,
        "boolean": pd.Series(np.where(whole > 6, None, whole > 4), dtype="boolean"),
        "Int64": missing,
        "Float32": pd.Series(numbers, dtype="Float32"),
        "uint8": whole.astype("uint8"),
        "arrow numbers": missing.astype("int64[pyarrow]"),
        "arrow words": pd.Series(words, dtype="string[pyarrow]"),
        "arrow truth": pd.Series(whole > 4).astype("bool[pyarrow]"),
        "arrow times": times.astype("timestamp[ns][pyarrow]"),
        "arrow decimals": pd.Series(prices).astype(pd.ArrowDtype(pa.decimal128(9, 2))),
        "times": times,
        "times of a zone": times.dt.tz_localize("Europe/Berlin"),
        "periods": pd.Series(pd.period_range("2020-01", periods=count, freq="M")),
        "durations": pd.Series(pd.to_timedelta(rng.integers(0, 99, count), unit="h")),
        "intervals": pd.Series(pd.cut(numbers, 3)),
        "sparse": pd.Series(pd.arrays.SparseArray(whole.to_numpy())),
        "empty": pd.Series([None] * count, dtype=object),
    }  # fmt: skip
    y = np.where(numbers > 0, "high", "low")
    for name, column in columns.items():
        frame = pd.DataFrame({"x": numbers, name: column})
        model = dg.Classifier(model="mlp", epochs=1, settings={"hidden_dim": 8}).fit(frame, y)
        assert model.predict(frame.iloc[::-1]).shape == (count,), name
        assert model.predict(frame.head(1)).shape == (1,), name
    frame = pd.DataFrame(columns)
    dg.Regressor(model="mlp", epochs=1).fit(frame, numbers).predict(frame)


def test_columns_may_be_called_by_numbers():
    rng = np.random.default_rng(0)
    words, y = rng.choice(["a", "b"], 60), np.arange(60) % 2
    frame = pd.DataFrame({0: rng.normal(size=60), 1: words})
    model = dg.Classifier(model="mlp", epochs=1).fit(frame, y)
    assert model.predict(frame).shape == (60,)
    assert dg.Classifier(model="mlp", epochs=1).fit(frame[[0]], y).predict(frame[[0]].to_numpy()).shape == (60,)
    mixed = frame.set_axis([0, "word"], axis=1)
    assert dg.Classifier(model="mlp", epochs=1).fit(mixed, y).predict(mixed).shape == (60,)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            [[1, 2]] * 60,
            r"column 'odd' holds lists such as \[1, 2\] in rows 1, 2, 3.*: expected one number, word or date",
        ),
        ([{"a": 1}] * 60, "column 'odd' holds dicts"),
        ([np.zeros(2)] * 60, "column 'odd' holds ndarrays"),
    ],
)
def test_a_cell_that_holds_several_things_is_refused(column, message):
    frame = pd.DataFrame({"x": np.arange(60.0), "odd": column})
    with pytest.raises(DataError, match=message):
        dg.Classifier(model="mlp", epochs=1).fit(frame, np.arange(60) % 2)


def test_a_target_without_a_value_or_of_words_is_named():
    frame = pd.DataFrame({"x": np.arange(60.0), "word": ["a", "b"] * 30})
    with pytest.raises(DataError, match="y contains NaN, first in row 1"):
        dg.Classifier(model="mlp").fit(frame, [None, "b"] * 30)
    with pytest.raises(DataError, match=r"y holds 'b': expected numbers; dg.Classifier learns classes"):
        dg.Regressor(model="mlp").fit(frame, ["b"] * 60)


def test_a_small_sparse_matrix_is_made_dense_and_a_large_one_refused():
    import scipy.sparse as sp
    from sklearn.preprocessing import OneHotEncoder

    X, y, _, _ = noisy(60)
    quick = {"model": "mlp", "epochs": 2}
    dense = dg.Classifier(**quick).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(dg.Classifier(**quick).fit(sp.csr_matrix(X), y).predict_proba(sp.csc_array(X)), dense)
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), dg.Classifier(**quick))
    assert pipeline.fit(X.round()[:, :2], y).predict(X.round()[:, :2]).shape == (60,)
    with pytest.raises(DataError, match="X is sparse, 100,000 x 10,000: with its zeros it takes 8 GB"):
        dg.Classifier(**quick).fit(sp.csr_matrix((100_000, 10_000)), np.zeros(100_000))


def test_settings_are_parameters_of_a_search():
    X, y, _, _ = noisy(80)
    estimator = dg.Classifier(model="mlp", epochs=2, settings={"hidden_dim": 8})
    search = GridSearchCV(estimator, {"settings__dropout": [0.0, 0.5], "settings__num_layers": [1]}, cv=2).fit(X, y)
    assert search.best_estimator_.settings.keys() == {"hidden_dim", "dropout", "num_layers"}
    assert estimator.settings == {"hidden_dim": 8}
    assert clone(estimator).get_params()["settings__hidden_dim"] == 8
    pipeline = make_pipeline(StandardScaler(), dg.Classifier(model="mlp", epochs=2))
    pipeline.set_params(classifier__settings__dropout=0.3)
    assert pipeline[-1].settings == {"dropout": 0.3}
    with pytest.raises(OptionError, match="did you mean '--dropout'"):
        dg.Classifier(model="mlp").set_params(settings__dropuot=0.3).fit(X, y)


def test_a_budget_ends_the_training_of_an_estimator(monkeypatch):
    Clock(tick=0.001).replaces(monkeypatch, *BUDGETED)
    X, y, _, _ = noisy(300)
    short = dg.Classifier(model="mlp", epochs=1000, settings={"budget": "0.2s", "patience": 0}).fit(X, y)
    assert 1 <= short.n_iter_ < 100


def test_scaling_of_numbers_is_a_setting():
    X, y, _, _ = noisy(80)
    one, two = (
        dg.Classifier(model="mlp", epochs=2, settings={"scaling": name}).fit(X, y) for name in ("quantile", "standard")
    )
    assert (one.predict_proba(X) != two.predict_proba(X)).any()
