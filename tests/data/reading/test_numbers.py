"""Numbers as people write them are found out on whole columns, and read in that form alone."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.cells import typed
from deepglass.data.reading.number_format import NumberFormat
from deepglass.data.reading.source import read

WAYS = {  # cells → their values
    "decimal comma": (["7,4", "0,25", "-12,5", "3"], [7.4, 0.25, -12.5, 3]),
    "English thousands": (["1,234.50", "12.00", "2,345,678.9"], [1234.5, 12, 2345678.9]),
    "German thousands": (["1.234,50", "12,00", "2.345.678,9"], [1234.5, 12, 2345678.9]),
    "Swiss thousands": (["1'234.50", "12.00", "2\u2019345\u2019678.9"], [1234.5, 12, 2345678.9]),
    "French thousands": (["1 234,50", "12,00", "2\u202f345\u00a0678,9"], [1234.5, 12, 2345678.9]),
    "Indian thousands": (["12,34,567", "1,234", "567.5"], [1234567, 1234, 567.5]),
    "underscores": (["1_234_567", "12", "500"], [1234567, 12, 500]),
    "dollars": (["$1,200.00", "$5", "-$3.50", "$-7"], [1200, 5, -3.5, -7]),
    "euros behind": (["1.200,00 €", "5,50 €", "-3,50 €"], [1200, 5.5, -3.5]),
    "a currency by name": (["CHF 1'200.50", "CHF 12.-", "12.50"], [1200.5, 12, 12.5]),
    "percent": (["12 %", "3.5%", "0"], [12, 3.5, 0]),
    "accounts": (["(1,234)", "5,000", "(7)", "1,000,000"], [-1234, 5000, -7, 1_000_000]),
    "accounts with a currency": (["$ (1,234.00)", "($5,000)", "$7.50"], [-1234, -5000, 7.5]),
    "yen": (["\uffe51,200", "\uffe5300", "\uffe55,000"], [1200, 300, 5000]),
    "minus behind": (["123-", "5", "7.5-"], [-123, 5, -7.5]),
    "a true minus": (["\u22125", "+3", "\u201312"], [-5, 3, -12]),
    "scientific": (["1,5E+03", "2,25e-2", "1e3"], [1500, 0.0225, 1000]),
    "one unit": (["12 kg", "3.5 kg", "700 kg"], [12, 3.5, 700]),
    "degrees": (["12.5°C", "-3 °C", "4 °C"], [12.5, -3, 4]),
    "scales": (["1.2K", "523", "3M", "2.5bn"], [1200, 523, 3e6, 2.5e9]),
    "clock": (["09:30", "23:45", "00:15:36"], [9.5, 23.75, 0.26]),
    "twelve hours": (["9:30 AM", "11:45 pm", "12:15 AM"], [9.5, 23.75, 0.25]),
    "durations": (["0 days 01:30:00", "2 days 00:00:00", "-1 days +23:00:00"], [1.5, 48, -1]),
    "no digit in front": ([".5", "-.25", "1."], [0.5, -0.25, 1]),
    "gaps": (["1.5", ".", "n.a.", "#DIV/0!", "2.5", ".."], [1.5, np.nan, np.nan, np.nan, 2.5, np.nan]),
}
WORDS = {
    "versions": ["1.2.3", "2.0.1", "10.4.2"],
    "addresses": ["10.0.0.1", "192.168.100.200"],
    "ranges": ["10-20", "20-30"],
    "prefixed codes": ["A12", "A13", "B7"],
    "stars that recur": ["5 stars", "4 stars"] * 10,
    "shifts that recur": ["06:00", "14:00", "22:00"] * 6,
    "phones": ["555-123-4567", "555-987-6543"],
    "several currencies": ["$5", "€7", "£9", "$11"],
    "longer than a number": ["12345678901234567890", "12345678901234567891"],
    "hexadecimal": ["0x1F", "0x2A", "0xFF"],
    "ordinals": ["1st", "2nd", "3rd"],
}


def column(cells, **options):
    found = typed(pd.DataFrame({"x": cells}), DataConfig(**options), lambda rows: f"rows {rows.tolist()}")
    return found.frame["x"], found.format.by_name["x"], [str(guess) for guess in found.guesses]


@pytest.mark.parametrize("way", WAYS)
def test_a_way_of_writing_numbers(way):
    cells, values = WAYS[way]
    found, format, _ = column(cells)
    assert format.kind == "number"
    np.testing.assert_allclose(found.to_numpy(float), values)


@pytest.mark.parametrize("kind", WORDS)
def test_what_merely_begins_with_digits_stays_words(kind):
    assert column(WORDS[kind])[1].kind in ("words", "text")


def test_whole_numbers_stay_whole():
    assert column(["1,234", "5", "2,000,000"])[0].dtype == np.int64
    assert column(["(1,234)", "5"])[0].tolist() == [-1234, 5]


def test_three_digits_beside_small_whole_numbers_are_thousands_and_it_is_said():
    found, format, guesses = column(["15.000", "523", "1.250", "7", "2.300", "9.100", "48.020"])
    assert found.tolist() == [15_000, 523, 1_250, 7, 2_300, 9_100, 48_020]
    assert (format.number.decimal, format.number.thousands) == (",", ".")
    assert any("thousands mark: point" in guess and "--decimal point" in guess for guess in guesses)
    assert column(["15.000", "523", "1.250"], decimal="point")[0].tolist() == [15, 523, 1.25]


def test_three_decimals_everywhere_are_decimals_and_it_is_said():
    found, _, guesses = column(["1.234", "5.678", "9.012", "3.456", "7.890", "2.345"])
    assert found.tolist() == [1.234, 5.678, 9.012, 3.456, 7.89, 2.345]
    assert any("decimal mark: point" in guess and "--thousands point" in guess for guess in guesses)
    assert column(["1.234", "5.678"], thousands="point")[0].tolist() == [1234, 5678]


@pytest.mark.parametrize(("other", "value"), [(["0,5", "12,25"], 1234), (["0.5", "12.25"], 1.234)])
def test_the_rest_of_the_file_decides_where_a_column_does_not(other, value):
    frame = pd.DataFrame({"x": ["1.234", "5.678"], "y": other})
    assert typed(frame, DataConfig(), str).frame["x"][0] == value


def test_zeros_in_front_make_codes():
    found, format, guesses = column(["00501", "10001", "01234"])
    assert found.tolist() == ["00501", "10001", "01234"]
    assert format.width == 5
    assert any("--numbers x" in guess for guess in guesses)
    assert column(["00501", "10001", "01234"], numbers="x")[0].tolist() == [501, 10001, 1234]
    assert column(["007", "42"])[1].width is None
    assert column(["0.5", "0", "10"])[1].kind == "number"


def test_a_declared_category_is_one():
    found, format, _ = column(["1", "2", "3"] * 5, categories="x")
    assert format.kind == "words"
    assert found.tolist()[:3] == ["1", "2", "3"]
    assert column([1.0, 2.0, None], categories="x")[0].tolist()[:2] == ["1", "2"]
    assert column(["2020-01-31", "2020-02-29"], categories="x")[0].tolist() == ["2020-01-31", "2020-02-29"]


def test_percent_and_bare_numbers_in_one_column_are_refused():
    with pytest.raises(
        DataError, match=r"column 'x' holds numbers with %, and others without it, such as '0.12' in rows"
    ):
        column(["12%", "0.12", "35%", "0%", "0"])


def test_numbers_by_order_name_what_is_none():
    with pytest.raises(DataError, match=r"column 'x' holds numbers, but 'abc' in rows \[1\]"):
        column(["1", "abc", "3"], numbers="x")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decimal": "semicolon"}, "--decimal: expected point, comma, got 'semicolon'"),
        ({"thousands": "star"}, "--thousands: expected point, comma, apostrophe, blank, underscore, none"),
        ({"decimal": ",", "thousands": "comma"}, "both comma"),
        ({"categories": "y"}, "--categories: unknown column 'y'"),
        ({"numbers": "y"}, "--numbers: unknown column 'y'"),
        ({"date_format": "y=%d/%m/%Y"}, "--date-format: unknown column 'y'"),
        ({"categories": "x", "numbers": "x"}, "asked to be a category and something else"),
    ],
)
def test_options_that_cannot_be_meant(options, message):
    with pytest.raises(OptionError, match=message):
        column(["1", "2"], **options)


def test_a_format_reads_its_own_form_and_no_other():
    format = NumberFormat(",", ".", before="$")
    cells = ["$1.234,5", "7", "(1.000)", "-$3", "1,234.5", "1.23", "€5", "", "-", "1..000"]
    values = format.parse(cells)
    assert values[:4].tolist() == [1234.5, 7, -1000, -3]
    assert np.isnan(values[4:]).all()


def test_ambiguous_cells_are_looked_at_beyond_the_beginning(tmp_path):
    """What a fast reader would turn into numbers without a word, shown only far behind the sample."""
    rows = [f"{i % 900 + 1};{i % 900 + 1};{i}" for i in range(120_000)]
    rows += ["01234;15.000;1", "00042;2.500;2", "7;1.750;3", "8;9.125;4", "9;3.875;5"]
    path = tmp_path / "a.csv"
    path.write_text("code;people;n\n" + "\n".join(rows) + "\n")
    frame = read(path, DataConfig()).frame
    assert frame["code"].astype("str").iloc[-5] == "01234"
    assert frame["people"].iloc[-5:].tolist() == [15_000, 2_500, 1_750, 9_125, 3_875]
    assert frame["n"].dtype == np.int64


def test_a_mixture_of_numbers_and_words_is_said():
    cells = [str(i / 4) for i in range(20)] + ["<0.5"] * 30
    _, format, guesses = column(cells)
    assert format.kind == "words"
    assert any("mixed cells" in guess and "'<0.5'" in guess and "--missing <0.5" in guess for guess in guesses)


def test_three_decimals_behind_commas_are_decimals_between_semicolons(tmp_path):
    rows = "\n".join(f"{1 + i * 0.137:.3f}".replace(".", ",") + f";{i}" for i in range(40))
    (tmp_path / "a.csv").write_text("x;n\n" + rows + "\n")
    assert read(tmp_path / "a.csv", DataConfig()).frame["x"].max() < 10


def test_marks_behind_numbers_are_no_grades():
    assert column(["1", "2", "3", "4+"] * 5)[1].kind == "words"
