"""What cells mean: numbers, dates, truth values, categories, missing marks, and mixtures that are refused."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.cells import typed
from deepglass.data.reading.source import read


def column(values, **options):
    return typed(pd.DataFrame({"x": values}), DataConfig(**options), lambda rows: f"rows {list(rows)}").frame["x"]


def csv(tmp_path, lines, header="x,y"):
    path = tmp_path / "a.csv"
    path.write_text(header + "\n" + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("mark", ["", " ", "NA", "N/A", "?", "NaN", "nan", "null", "NULL", "None", "-", "#N/A"])
def test_missing_marks(tmp_path, mark):
    frame = read(csv(tmp_path, [f"{mark},red", f"2,{mark}", "3,blue", "4,red"]), DataConfig()).frame
    assert frame["x"].isna().tolist() == [True, False, False, False]
    assert frame["y"].isna().tolist() == [False, True, False, False]


def test_sentinels_of_numbers_and_words(tmp_path):
    frame = read(csv(tmp_path, ["-200,red", "-200.0,unknown", "3,blue"]), DataConfig(missing="-200,unknown")).frame
    assert frame["x"].isna().tolist() == [True, True, False]
    assert frame["y"].isna().tolist() == [False, True, False]


def test_sentinels_in_numbers_handed_over():
    assert column([1.0, -200.0, 3.0], missing="-200").isna().tolist() == [False, True, False]


def test_numbers_that_arrive_as_words():
    assert column(["1", " 2.5 ", None, "1e3"]).tolist()[:2] == [1.0, 2.5]
    assert column(["1", "2", "3"]).dtype == np.int64


def test_truth_values():
    assert column(["true", "False", "TRUE"]).dtype == bool
    with_gap = column([True, None, False])
    assert with_gap.dtype == "category"
    assert with_gap.isna().tolist() == [False, True, False]


def test_words_become_sorted_trimmed_categories_and_rare_ones_stay_strings():
    values = column(["red ", "blue", "red", None])
    assert list(values.cat.categories) == ["blue", "red"]
    assert not isinstance(column([f"word {i}" for i in range(50)]).dtype, pd.CategoricalDtype)


def test_a_column_without_any_value_is_empty_numbers():
    assert column(["", "NA", None]).isna().all()


def test_lists_of_words_become_one_text():
    assert column([["a", "b"], ["c"]]).tolist() == ["a\nb", "c"]


def test_few_stray_words_among_numbers_name_their_lines(tmp_path):
    lines = [f"{i},a" for i in range(500)]
    lines[99], lines[299], lines[399] = "abc,a", "1 2,a", "abc,a"
    with pytest.raises(DataError) as caught:
        read(csv(tmp_path, lines), DataConfig())
    message = str(caught.value)
    assert "column 'x' holds numbers" in message
    assert "'abc'" in message
    assert "lines 101, 301, 401 of" in message
    assert "--missing" in message
    frame = read(csv(tmp_path, lines), DataConfig(missing="abc,1 2")).frame
    assert frame["x"].isna().sum() == 3


def test_one_word_in_a_tenth_of_the_rows_is_a_mark_not_a_class():
    values = [str(i * 1.5) for i in range(36)] + ["broken"] * 4
    with pytest.raises(DataError, match=r"'broken' in rows .*--missing broken"):
        column(values)
    assert column(values, missing="broken").isna().sum() == 4


def test_codes_beside_words_are_categories():
    assert column(["1", "2", "3", "crew"] * 30).dtype == "category"


def test_many_words_beside_numbers_are_categories():
    assert not pd.api.types.is_numeric_dtype(column([f"A{i}" if i % 3 else str(i) for i in range(90)]))


def test_infinity_names_its_lines(tmp_path):
    lines = ["1.5,a", "inf,b", "2.5,a", "-inf,b"]
    with pytest.raises(DataError, match=r"column 'x' holds infinity in lines 3, 5 of .*--missing inf,-inf"):
        read(csv(tmp_path, lines), DataConfig())
    assert read(csv(tmp_path, lines), DataConfig(missing="inf,-inf")).frame["x"].isna().sum() == 2
    with pytest.raises(DataError, match="infinity in rows"):
        column([1.0, np.inf])


@pytest.mark.parametrize(
    "values",
    [
        ["2020-01-31", "2021-12-01"],
        ["2020-01-31 10:00", "2021-12-01 11:30:05"],
        ["2020-01-31T10:00:00Z", "2021-12-01T11:00:00+02:00"],
        ["1949-01", "1949-12"],
        ["31/01/2020", "01/12/2021"],
        ["01/31/2020", "12/01/2021"],
        ["31.01.2020", "1.12.2021"],
        ["31 Jan 2020", "1 Dec 2021"],
        ["Jan 31, 2020", "Dec 1, 2021"],
        ["01/31/2020 03:15 PM", "12/01/2021 11:00 AM"],
    ],
)
def test_dates(values):
    dates = column([*values, None])
    assert dates.dtype.kind == "M"
    assert dates.dt.month.tolist()[:2] in ([1, 12], [1, 1], [1, 12.0])
    assert dates.isna().tolist() == [False, False, True]


@pytest.mark.parametrize("values", [["1.5", "2.5"], ["10-20", "20-30"], ["1/2 cup", "3"], ["v1.2", "v1.3"]])
def test_what_merely_resembles_a_date_is_none(values):
    assert column(values * 5).dtype.kind != "M"


def test_mixed_date_formats_name_their_lines(tmp_path):
    lines = [f"2020-01-{day:02d},{day}" for day in range(1, 29)]
    lines[4] = "05/01/2020,5"
    with pytest.raises(
        DataError, match=r"column 'x' holds dates like 2020-01-31, but other forms such as '05/01/2020' in line 6"
    ):
        read(csv(tmp_path, lines), DataConfig())


def test_day_first_and_month_first_in_one_column_are_mixed():
    with pytest.raises(DataError, match="other forms"):
        column([f"{day:02d}/01/2020" for day in range(13, 29)] + ["01/28/2020"])


def test_a_word_among_dates_is_named():
    with pytest.raises(DataError, match="but no date such as 'soon'"):
        column([f"2020-01-{day:02d}" for day in range(1, 29)] + ["soon"])


def test_dates_that_could_be_day_or_month_first_are_guessed_aloud():
    frame = pd.DataFrame({"x": [f"{day:02d}/{month:02d}/2020" for day in range(1, 13) for month in (1, 2)]})
    typed_frame, _, guesses, _ = typed(frame, DataConfig(), str)
    assert set(typed_frame["x"].dt.month) == {1, 2}
    assert any("the day comes first" in guess.why for guess in guesses)
