"""Lists of label numbers are told from decimals and thousands."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.label_numbers import list_of_numbers
from deepglass.data.reading.source import read

RNG = np.random.default_rng(0)
LISTS = {
    "of up to three": ["27", "4", "4,27", "2,4,27", "2"],
    "of rising pairs": ["1", "2", "5", *[f"{a},{a + b}" for a in range(6) for b in (1, 2, 3)]],
    "with blanks": ["3", "1, 3", "1, 2, 3"],
    "with semicolons": ["3", "1;3", "0;1;2"],
}
NUMBERS = {
    "decimals": [f"{value:.2f}".replace(".", ",") for value in RNG.uniform(0, 40, 200)],
    "decimals of one digit": [f"{value:.1f}".replace(".", ",") for value in RNG.uniform(0, 40, 200)],
    "short decimals": [f"{value:.3g}".replace(".", ",") for value in RNG.uniform(0, 9, 200)],
    "thousands": [f"{value:,}" for value in RNG.integers(0, 90_000, 200)],
    "millions": [f"{value:,}" for value in RNG.integers(0, 9_000_000, 200)],
    "plain": [str(value) for value in range(30)],
    "words": ["a,b", "1,2"],
}


@pytest.mark.parametrize("name", LISTS)
def test_lists(name):
    assert list_of_numbers(pa.array(LISTS[name])) in LISTS[name]


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name):
    assert list_of_numbers(pa.array(sorted(set(NUMBERS[name])))) is None


def test_a_file_of_lists_is_read_as_words_and_says_so(tmp_path):
    rows = [f"text number {i} of many\t{label}" for i, label in enumerate(["3", "1,3", "0,1,2", "0", "2"] * 12)]
    (tmp_path / "texts.tsv").write_text("text\tlabels\n" + "\n".join(rows) + "\n")
    table = read(tmp_path / "texts.tsv", DataConfig())
    assert table.frame["labels"].dropna().astype("str").unique().tolist() == ["3", "1,3", "0,1,2", "0", "2"]
    (said,) = [str(guess) for guess in table.guesses if guess.what == "lists of numbers"]
    assert said.endswith("(cells like 0,1,2 in labels; change with --numbers labels)")
    with pytest.raises(DataError, match="'labels' holds numbers, but '0,1,2'"):
        read(tmp_path / "texts.tsv", DataConfig(numbers="labels"))


def test_a_file_of_decimals_stays_numbers(tmp_path):
    cells = NUMBERS["decimals"]
    pd.DataFrame({"x": cells, "y": range(200)}).to_csv(tmp_path / "t.csv", sep=";", index=False)
    assert read(tmp_path / "t.csv", DataConfig()).frame["x"].dtype == float
