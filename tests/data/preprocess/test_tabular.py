"""The preprocessing of tables: what is learnt from training rows, and what happens to new ones."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, skew

from deepglass.core.errors import DataError
from deepglass.data.preprocess.category import MISSING, UNKNOWN
from deepglass.data.preprocess.tabular import TabularPreprocessor


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    count = 400
    frame = pd.DataFrame(
        {
            "income": np.exp(rng.normal(10, 2, count)),
            "age": rng.integers(18, 90, count).astype(float),
            "colour": pd.Categorical(rng.choice(["red", "green", "blue"], count)),
            "member": rng.random(count) < 0.5,
            "joined": pd.Timestamp("2020-01-31") + pd.to_timedelta(rng.integers(0, 900, count), unit="D"),
        }
    )
    frame.loc[::10, "age"] = np.nan
    frame.loc[5::40, "colour"] = np.nan
    return frame


def test_numbers_fill_missing_cells_with_the_median_and_say_so(frame):
    numeric, _ = TabularPreprocessor.fit(frame[["age"]]).transform(frame)
    median = frame["age"].sort_values().iloc[frame["age"].notna().sum() // 2]
    filled, _ = TabularPreprocessor.fit(frame[["age"]]).transform(pd.DataFrame({"age": [median, np.nan]}))
    assert numeric.shape == (400, 2)
    np.testing.assert_array_equal(numeric[:, 1], frame["age"].isna())
    assert filled[0, 0] == filled[1, 0]


def test_quantile_scaling_makes_a_skewed_column_normal(frame):
    numeric, _ = TabularPreprocessor.fit(frame[["income"]]).transform(frame)
    assert kstest(numeric[:, 0], "norm").statistic < 0.06
    assert abs(skew(frame["income"])) > 3
    assert abs(skew(numeric[:, 0])) < 0.2


def test_scaling_keeps_the_order_of_numbers(frame):
    ordered = frame[["income"]].sort_values("income")
    numeric, _ = TabularPreprocessor.fit(ordered).transform(ordered)
    assert (np.diff(numeric[:, 0]) >= 0).all()


def test_standard_scaling_is_that_of_scikit_learn(frame):
    from sklearn.preprocessing import StandardScaler

    numeric, _ = TabularPreprocessor.fit(frame[["income"]], scaling="standard").transform(frame)
    expected = np.clip(StandardScaler().fit_transform(frame[["income"]]), -10, 10)
    np.testing.assert_allclose(numeric, expected, rtol=1e-5, atol=1e-5)


def test_numbers_beyond_the_training_range_are_clipped(frame):
    fitted = TabularPreprocessor.fit(frame[["income"]])
    numeric, _ = fitted.transform(pd.DataFrame({"income": [frame["income"].max(), 1e30, -1e30]}))
    assert numeric[0, 0] == numeric[1, 0] == -numeric[2, 0]


def test_categories_have_codes_for_unknown_and_missing(frame):
    fitted = TabularPreprocessor.fit(frame[["colour"]])
    _, codes = fitted.transform(pd.DataFrame({"colour": ["blue", "green", "red", "mauve", None]}))
    assert codes[:, 0].tolist() == [2, 3, 4, UNKNOWN, MISSING]
    assert fitted.cardinalities == (5,)


def test_a_level_that_occurs_once_trains_the_unknown_code():
    fitted = TabularPreprocessor.fit(pd.DataFrame({"x": list("aaabbbc")}))
    assert fitted.categories[0].levels == ["a", "b"]


def test_levels_are_the_same_however_a_file_types_them():
    fitted = TabularPreprocessor.fit(pd.DataFrame({"x": ["1", "2", "1", "2", "A", "A"], "b": ["yes", "no"] * 3}))
    _, codes = fitted.transform(pd.DataFrame({"x": [1.0, 2.0, np.nan], "b": ["YES", "No", "yes"]}))
    _, whole = fitted.transform(pd.DataFrame({"x": [1, 2, 1], "b": ["yes", "no", "yes"]}))
    assert codes.tolist() == [[2, 3], [3, 2], [MISSING, 3]]
    assert whole[:, 0].tolist() == [2, 3, 2]


def test_truth_values_are_categories_of_two(frame):
    fitted = TabularPreprocessor.fit(frame[["member"]])
    _, codes = fitted.transform(pd.DataFrame({"member": [False, True]}))
    assert fitted.num_features == 0
    assert codes[:, 0].tolist() == [2, 3]


def test_dates_become_the_parts_that_vary(frame):
    fitted = TabularPreprocessor.fit(frame[["joined"]])
    assert [number.part for number in fitted.numbers] == ["days", "year", "month", "day", "day_of_week"]
    numeric, _ = fitted.transform(frame)
    later = frame["joined"].to_numpy() > np.datetime64("2022-01-01")
    assert numeric[later, 0].min() > numeric[~later, 0].max()


def test_dates_may_arrive_as_text(frame):
    fitted = TabularPreprocessor.fit(frame[["joined"]])
    as_text = frame.assign(joined=frame["joined"].dt.strftime("%Y-%m-%d"))
    np.testing.assert_array_equal(fitted.transform(as_text)[0], fitted.transform(frame)[0])


def test_useless_columns_are_left_out_with_a_guess(frame):
    rows = len(frame)
    frame["customerID"] = [f"C{i:05d}" for i in range(rows)]
    frame["country"] = "France"
    frame["remark"] = [f"this customer number {i} wrote a long letter" for i in range(rows)]
    guesses = []
    fitted = TabularPreprocessor.fit(frame, guesses=guesses)
    assert fitted.columns == ["income", "age", "joined", "colour", "member"]
    assert [guess.what for guess in guesses] == ["column customerID", "column country", "column remark"]
    assert "--task text-classification --text-column remark" in str(guesses[2])


def test_a_column_can_be_kept_although_it_looks_like_an_id(frame):
    frame["id"] = np.arange(len(frame))
    assert "id" not in TabularPreprocessor.fit(frame).columns
    assert "id" in TabularPreprocessor.fit(frame, keep=("id",)).columns


def test_no_column_left_is_an_error():
    with pytest.raises(DataError, match="no column is left"):
        TabularPreprocessor.fit(pd.DataFrame({"country": ["France"] * 9}))


def test_new_rows_may_be_reordered_and_have_more_columns(frame):
    fitted = TabularPreprocessor.fit(frame)
    other = frame[frame.columns[::-1]].assign(extra=1)
    for ours, theirs in zip(fitted.transform(frame), fitted.transform(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_missing_columns_are_named(frame):
    fitted = TabularPreprocessor.fit(frame)
    with pytest.raises(DataError, match="'age', 'colour'"):
        fitted.transform(frame.drop(columns=["age", "colour"]))


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [("age", "forty", "a number"), ("age", np.inf, "a finite number"), ("joined", "soon", "a date")],
)
def test_a_cell_of_the_wrong_type_is_named_by_column_and_row(frame, column, cell, expected):
    fitted = TabularPreprocessor.fit(frame)
    frame[column] = frame[column].astype(object)
    frame.loc[7, column] = cell
    with pytest.raises(DataError, match=rf"column '{column}': expected {expected}.*got '{cell}'.* row 8"):
        fitted.transform(frame)


def test_only_training_rows_are_learnt_from(frame):
    fitted = TabularPreprocessor.fit(frame.iloc[:300])
    changed = frame.copy()
    changed.loc[300:, "income"] = 1e9
    assert TabularPreprocessor.fit(changed.iloc[:300]).state() == fitted.state()


def test_state_is_plain_json_and_gives_the_same_codes(frame):
    fitted = TabularPreprocessor.fit(frame)
    again = TabularPreprocessor.from_state(json.loads(json.dumps(fitted.state())))
    for ours, theirs in zip(fitted.transform(frame), again.transform(frame), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert (again.num_features, again.cardinalities, again.bin_edges) == (
        fitted.num_features,
        fitted.cardinalities,
        fitted.bin_edges,
    )


def test_bin_edges_increase_and_there_is_one_list_for_each_input(frame):
    fitted = TabularPreprocessor.fit(frame)
    assert len(fitted.bin_edges) == fitted.num_features == fitted.transform(frame)[0].shape[1]
    assert all((np.diff(edges) > 0).all() for edges in fitted.bin_edges)


def test_a_column_of_nearly_all_zeros_keeps_bins_for_the_rest():
    rng = np.random.default_rng(0)
    gains = np.where(rng.random(2000) < 0.95, 0.0, rng.uniform(1, 9, 2000))
    (edges,) = TabularPreprocessor.fit(pd.DataFrame({"gain": gains})).bin_edges
    assert len(edges) > 16


def test_a_number_that_is_constant_beside_its_gaps_still_tells_the_gaps():
    fitted = TabularPreprocessor.fit(pd.DataFrame({"x": [3.0, np.nan] * 20}))
    numeric, _ = fitted.transform(pd.DataFrame({"x": [3.0, np.nan]}))
    assert numeric[:, 1].tolist() == [0.0, 1.0]
    assert numeric[0, 0] == numeric[1, 0]
